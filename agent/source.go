package agent

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// source is what executions are listed of: a state machine or a Map Run.
type source struct {
	arn    string
	mapRun bool
	listed time.Time // when the latest listing began
	deep   time.Time // when the latest listing by status began
	absent time.Time // since when AWS knows no such Map Run
	rest   rest
}

// list looks for executions in every source that is due, those first that have waited longest, as far as the quota goes
// without waiting. What is left over is the first the next time.
func (a *Agent) list(ctx context.Context) error {
	now := a.parts.Clock.Now()
	due := a.dueSources(now)
	tries := make([]try, 0, len(due))
	for _, s := range due {
		if a.parts.Client.Available(stepfunctions.ListExecutions) == 0 {
			break
		}
		tries = append(tries, try{rest: &s.rest, err: a.listSource(ctx, s, now)})
	}
	return a.judge("state machine", tries)
}

func (a *Agent) dueSources(now time.Time) []*source {
	a.syncSources()
	var due []*source
	for _, s := range a.sources {
		if !s.rest.lasts(now) && (s.listed.IsZero() || now.Sub(s.listed) >= a.interval(s)) {
			due = append(due, s)
		}
	}
	slices.SortFunc(due, func(x, y *source) int {
		return cmp.Or(x.listed.Compare(y.listed), cmp.Compare(x.arn, y.arn))
	})
	return due
}

// interval is the time between two listings. Nothing but the listing tells of a Map Run's children; once enough of them
// are followed, or it has ended, there is no hurry.
func (a *Agent) interval(s *source) time.Duration {
	if !s.mapRun {
		return a.cfg.SweepInterval
	}
	run := a.state.MapRuns[s.arn]
	if run.Children >= a.cfg.MapRunChildren || !run.Ended.IsZero() && s.listed.After(run.Ended) {
		return max(a.cfg.PollInterval, failureInterval)
	}
	return a.cfg.PollInterval
}

// syncSources makes the sources those of the state machines found and of the Map Runs under way.
func (a *Agent) syncSources() {
	wanted := make(map[string]bool)
	for _, m := range a.machines {
		wanted[m.ARN] = true
		a.addSource(m.ARN, false)
	}
	for arn := range a.state.MapRuns {
		wanted[arn] = true
		a.addSource(arn, true)
	}
	for arn := range a.sources {
		if !wanted[arn] {
			delete(a.sources, arn)
		}
	}
}

func (a *Agent) addSource(arn string, mapRun bool) {
	if _, ok := a.sources[arn]; !ok {
		a.sources[arn] = &source{arn: arn, mapRun: mapRun}
	}
}

func (a *Agent) listSource(ctx context.Context, s *source, now time.Time) error {
	list := a.listMachine
	if s.mapRun {
		list = a.listMapRun
	}
	err := list(ctx, s, now)
	if stepfunctions.IsGone(err) || stepfunctions.IsExpress(err) || a.staysAbsent(s, err, now) {
		a.passOver(s, err)
		return nil
	}
	if err == nil {
		s.listed = now
	}
	return err
}

// staysAbsent is true for a Map Run that AWS does not know, for longer than it may not know one that has begun.
func (a *Agent) staysAbsent(s *source, err error, now time.Time) bool {
	switch {
	case !stepfunctions.IsMissing(err):
		s.absent = time.Time{}
	case s.absent.IsZero():
		s.absent = now
	}
	return !s.absent.IsZero() && now.Sub(s.absent) > a.cfg.Lookback
}

// listMachine lists a state machine's executions back to where the last complete listing began, and further by the
// lookback, as listings are eventually consistent. Now and then it lists all that run: an execution may have been
// redriven long after it ended, or have begun before anybody looked.
func (a *Agent) listMachine(ctx context.Context, s *source, now time.Time) error {
	m := a.machineState(s.arn)
	newest, horizon := m.Newest, m.Newest.Add(-a.cfg.Lookback)
	listing := stepfunctions.Listing{StateMachine: s.arn}
	err := a.parts.Client.Executions(ctx, listing, func(e stepfunctions.Execution) bool {
		if e.Started.Before(horizon) {
			return false
		}
		newest = later(newest, e.Started)
		a.note(e, false)
		return true
	})
	if err != nil {
		return err
	}
	a.setMachineState(s.arn, checkpoint.StateMachine{Newest: newest})
	if !s.deep.IsZero() && now.Sub(s.deep) < a.cfg.RunningInterval ||
		a.parts.Client.Available(stepfunctions.ListExecutions) == 0 {
		return nil
	}
	listing.Status = "RUNNING"
	err = a.parts.Client.Executions(ctx, listing, func(e stepfunctions.Execution) bool {
		a.note(e, false)
		return true
	})
	if err == nil {
		s.deep = now
	}
	return err
}

// machineState is where a listing of the state machine begins.
func (a *Agent) machineState(arn string) checkpoint.StateMachine {
	if m, ok := a.state.StateMachines[arn]; ok {
		return m
	}
	return checkpoint.StateMachine{Newest: a.parts.Clock.Now().Add(a.cfg.Lookback - a.cfg.InitialHistory).UTC()}
}

func (a *Agent) setMachineState(arn string, m checkpoint.StateMachine) {
	if known, ok := a.state.StateMachines[arn]; !ok || m.Newest.After(known.Newest) {
		a.state.StateMachines[arn] = m
		a.dirty = true
	}
}

// passOver says once that there is nothing to list, and lists no more until the next look for state machines.
func (a *Agent) passOver(s *source, err error) {
	said := a.passedOver[s.arn]
	if s.mapRun { // its children are Express executions, or it is gone
		a.keepMapRun(s.arn, checkpoint.MapRun{}, true)
	} else {
		a.dropCandidate(s.arn)
		a.passedOver[s.arn] = true
	}
	if !said {
		a.parts.Logger.Warn("state machine or Map Run without executions to list is passed over",
			"arn", s.arn, "error", err)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
