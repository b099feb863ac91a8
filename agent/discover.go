package agent

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// findMachines looks for the state machines to follow, unless it did lately. ARNs are followed without looking.
func (a *Agent) findMachines(ctx context.Context) error {
	now := a.parts.Clock.Now()
	if !a.machinesRead.IsZero() && now.Sub(a.machinesRead) < a.cfg.DiscoveryInterval {
		return nil
	}
	found, patterns := namedByARN(a.cfg.StateMachines)
	if len(patterns) > 0 || len(a.cfg.StateMachines) == 0 {
		all, err := a.parts.Client.StateMachines(ctx)
		if err != nil {
			return err
		}
		for _, m := range all {
			if matches(patterns, m.Name) && !slices.Contains(found, m) {
				found = append(found, m)
			}
		}
	}
	a.machines, a.machinesRead = found, now
	return nil
}

func namedByARN(filters []string) (machines []stepfunctions.StateMachine, patterns []string) {
	for _, f := range filters {
		if strings.HasPrefix(f, "arn:") {
			machines = append(machines, stepfunctions.StateMachine{ARN: f, Name: f[strings.LastIndexByte(f, ':')+1:]})
		} else {
			patterns = append(patterns, f)
		}
	}
	return machines, patterns
}

func matches(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, name) // New has checked the pattern
		return ok
	})
}

// list looks for executions of every state machine that does not rest.
func (a *Agent) list(ctx context.Context) error {
	var tries []try
	for _, m := range a.machines {
		r := a.unlisted[m.ARN]
		if r == nil {
			r = &rest{}
			a.unlisted[m.ARN] = r
		}
		if !r.lasts(a.parts.Clock.Now()) {
			tries = append(tries, try{rest: r, err: a.findExecutions(ctx, m)})
		}
	}
	return a.judge("state machine", tries)
}

// findExecutions lists a state machine's executions back to where the last complete listing began, and further by the
// lookback, as listings are eventually consistent. Those it did not know are followed from now on.
func (a *Agent) findExecutions(ctx context.Context, m stepfunctions.StateMachine) error {
	horizon := a.horizon(m.ARN)
	newest := a.newest(m.ARN)
	err := a.parts.Client.Executions(ctx, m.ARN, func(e stepfunctions.Execution) bool {
		if e.Started.Before(horizon) {
			return false
		}
		if e.Started.After(newest) {
			newest = e.Started
		}
		a.note(m.ARN, e)
		return true
	})
	switch {
	case stepfunctions.IsGone(err), stepfunctions.IsExpress(err):
		a.passOver(m, err)
		return nil
	case err != nil:
		return err
	}
	a.setNewest(m.ARN, newest)
	return nil
}

// passOver says once that there is nothing to list, and lists no more until the next look for state machines.
func (a *Agent) passOver(m stepfunctions.StateMachine, err error) {
	a.machines = slices.DeleteFunc(slices.Clone(a.machines), func(o stepfunctions.StateMachine) bool { return o == m })
	if !a.passedOver[m.ARN] {
		a.passedOver[m.ARN] = true
		a.parts.Logger.Warn("state machine without executions to list is passed over",
			"state_machine", m.ARN, "error", err)
	}
}

// horizon is the start of the oldest execution that a listing of the state machine looks at.
func (a *Agent) horizon(machineARN string) time.Time {
	return a.newest(machineARN).Add(-a.cfg.Lookback)
}

func (a *Agent) newest(machineARN string) time.Time {
	if m, ok := a.state.StateMachines[machineARN]; ok {
		return m.Newest
	}
	return a.parts.Clock.Now().Add(a.cfg.Lookback - a.cfg.InitialHistory).UTC()
}

func (a *Agent) setNewest(machineARN string, newest time.Time) {
	if m, ok := a.state.StateMachines[machineARN]; !ok || newest.After(m.Newest) {
		a.state.StateMachines[machineARN] = checkpoint.StateMachine{Newest: newest}
		a.dirty = true
	}
}

// note begins to follow an execution that is new, or that has been redriven since it finished.
func (a *Agent) note(machineARN string, e stepfunctions.Execution) {
	known, ok := a.state.Executions[e.ARN]
	switch {
	case !ok:
		known = checkpoint.Execution{StateMachine: machineARN, Started: e.Started}
	case !known.Finished || e.RedriveCount <= known.RedriveCount:
		return
	}
	known.Finished, known.RedriveCount = false, e.RedriveCount
	a.state.Executions[e.ARN] = known
	a.dirty = true
	t := newTracker(e.ARN, known)
	t.version = e.Version
	a.trackers[e.ARN] = t
}
