package agent

import (
	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/spanid"
)

// note takes in what is said of an execution: that there is one, that it has ended, or goes on after a redrive. whole
// is true for what belongs to an execution that is followed, and so is not subject to sampling.
func (a *Agent) note(e stepfunctions.Execution, whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.noteLocked(e, whole)
}

func (a *Agent) noteLocked(e stepfunctions.Execution, whole bool) {
	known, ok := a.state.Executions[e.ARN]
	switch {
	case !ok:
		known = begun(e)
		known.Deferred = !whole && a.decide(known, e.ARN) != sampling.Keep
	case e.RedriveCount > known.RedriveCount:
		known.Finished, known.RedriveCount, known.Status, known.Stopped = false, e.RedriveCount, "", e.Stopped
		known.Outcome = ""
		a.fresh[e.ARN] = true
	case whole && known.Deferred:
		known.Deferred, known.Finished = false, false
		a.fresh[e.ARN] = true
	case known.Finished || e.RedriveCount < known.RedriveCount:
		return
	}
	if known.ARNOnly && !e.ARNOnly {
		known.ARNOnly, known.Version, known.MapRun, known.Started = false, e.Version, e.MapRun, e.Started
	}
	if !sampling.Running(e.Status) {
		known.Status, known.Stopped = e.Status, e.Stopped
	}
	if !ok {
		a.fresh[e.ARN] = true
	} else if t := a.trackers[e.ARN]; t != nil {
		t.learn(known)
	}
	if a.state.Executions[e.ARN] != known {
		a.state.Executions[e.ARN] = known
		a.dirty = true
	}
}

func begun(e stepfunctions.Execution) checkpoint.Execution {
	return checkpoint.Execution{
		StateMachine: e.StateMachine, Version: e.Version, MapRun: e.MapRun, Started: e.Started,
		ARNOnly: e.ARNOnly, RedriveCount: e.RedriveCount,
	}
}

// takeFresh makes trackers for the executions that are to be followed from now on.
func (a *Agent) takeFresh() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for arn := range a.fresh {
		if e := a.state.Executions[arn]; !e.Finished {
			a.track(arn, e)
		}
	}
	clear(a.fresh)
}

func (a *Agent) track(arn string, e checkpoint.Execution) {
	t := newTracker(arn, e, a.parts.Clock.Now())
	t.watched = len(a.cfg.Watch) > 0 && a.cfg.Watch.Match(e.StateMachine)
	a.trackers[arn] = t
	a.definitions.expect(t)
}

// decide asks the sampling rules about an execution.
func (a *Agent) decide(e checkpoint.Execution, arn string) sampling.Decision {
	end := e.Stopped
	if end.IsZero() {
		end = a.parts.Clock.Now()
	}
	return a.cfg.Sampling.Decide(sampling.Execution{
		StateMachine: e.StateMachine, TraceID: spanid.Trace(arn), Status: e.Status, Duration: end.Sub(e.Started),
	})
}
