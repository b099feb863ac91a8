package agent

import (
	"context"
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// listMapRun lists a Map Run's children. Up to the limit all are followed; of more only those that failed.
func (a *Agent) listMapRun(ctx context.Context, s *source, now time.Time) error {
	run := a.state.MapRuns[s.arn]
	newest, horizon := run.Newest, run.Newest.Add(-a.cfg.Lookback)
	waiting := false // for their redrive, which does not make them new: all are listed until it has come
	listing := stepfunctions.Listing{MapRun: s.arn}
	err := a.parts.Client.Executions(ctx, listing, func(e stepfunctions.Execution) bool {
		if !run.Newest.IsZero() && e.Started.Before(horizon) {
			return false
		}
		e.MapRun = s.arn
		newest = later(newest, e.Started)
		waiting = waiting || e.Status == pendingRedrive
		a.noteChild(&run, e)
		return true
	})
	if err == nil && !waiting { // else there are children that the next listing has to look back to
		run.Newest = newest
	}
	if err == nil && run.Children >= a.cfg.MapRunChildren {
		err = a.listFailures(ctx, s, &run, now)
	}
	a.keepMapRun(s.arn, run, err == nil && a.mapRunOver(run, now))
	return err
}

// pendingRedrive is the status of a child that failed and is to be redriven with its Map Run.
const pendingRedrive = "PENDING_REDRIVE"

// failures are the statuses of children that are followed beyond the limit.
var failures = []string{"FAILED", "TIMED_OUT", "ABORTED"}

// failureInterval is the time between two listings of all the failed children of a Map Run.
const failureInterval = 30 * time.Second

// listFailures finds the children that failed after the listing saw them, while the Map Run goes on and at its end.
func (a *Agent) listFailures(ctx context.Context, s *source, run *checkpoint.MapRun, now time.Time) error {
	if now.Sub(s.deep) < failureInterval && !a.mapRunOver(*run, now) {
		return nil
	}
	for _, status := range failures {
		listing := stepfunctions.Listing{MapRun: s.arn, Status: status}
		err := a.parts.Client.Executions(ctx, listing, func(e stepfunctions.Execution) bool {
			e.MapRun = s.arn
			a.noteChild(run, e)
			return true
		})
		if err != nil {
			return err
		}
	}
	s.deep = now
	return nil
}

// noteChild follows a child, unless it is an Express execution, which has no history to read, or one too many.
func (a *Agent) noteChild(run *checkpoint.MapRun, e stepfunctions.Execution) {
	_, known := a.state.Executions[e.ARN]
	switch {
	case isExpress(e.ARN):
		return
	case known, sampling.Failed(e.Status):
	case run.Children >= a.cfg.MapRunChildren:
		return
	}
	if !known {
		run.Children++
	}
	a.note(e, true)
}

// mapRunOver is true when no child can appear in a listing any more.
func (a *Agent) mapRunOver(run checkpoint.MapRun, now time.Time) bool {
	return !run.Ended.IsZero() && now.Sub(run.Ended) > a.cfg.Lookback
}

func (a *Agent) keepMapRun(arn string, run checkpoint.MapRun, over bool) {
	if over {
		delete(a.state.MapRuns, arn)
		a.definitions.forget(arn)
	} else {
		a.state.MapRuns[arn] = run
	}
	a.dirty = true
}
