package agent

import (
	"context"
	"maps"
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// deferredInterval is the time between two questions for the end of an execution that sampling has not decided upon, of
// which nothing else has told.
const deferredInterval = 30 * time.Second

// sample decides upon executions that are kept only if they end in a certain way or take long. Nothing of them is read
// before.
func (a *Agent) sample(ctx context.Context) error {
	var tries []try
	now := a.parts.Clock.Now()
	for arn, t := range a.trackers {
		if !t.deferred || t.rest.lasts(now) {
			continue
		}
		if sampling.Running(t.status) && now.Sub(t.looked) >= deferredInterval &&
			a.parts.Client.Available(stepfunctions.DescribeExecution) > 0 {
			t.looked = now
			tries = append(tries, try{rest: &t.rest, err: a.ask(ctx, t)})
		}
		a.resolve(ctx, arn, t)
	}
	a.drop(maps.Values(a.trackers))
	return a.judge("execution", tries)
}

// ask asks how the execution stands.
func (a *Agent) ask(ctx context.Context, t *tracker) error {
	e, err := a.parts.Client.Execution(ctx, t.execution.ARN)
	if stepfunctions.IsGone(err) {
		a.finish(t, checkpoint.Gone)
		return nil
	}
	if err == nil {
		a.note(e, false)
	}
	return err
}

// resolve follows the execution, or lets it go, once that is decided.
func (a *Agent) resolve(ctx context.Context, arn string, t *tracker) {
	a.mu.Lock()
	e := a.state.Executions[arn]
	decision := a.decide(e, arn)
	if decision == sampling.Keep {
		e.Deferred, t.deferred = false, false
		a.state.Executions[arn], a.dirty = e, true
	}
	a.mu.Unlock()
	if decision == sampling.Drop {
		a.finish(t, checkpoint.SampledOut)
		a.health.sampledOut(ctx)
	}
}

// finish notes that nothing more is to be read of the execution, and why.
func (a *Agent) finish(t *tracker, why checkpoint.Outcome) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.state.Executions[t.execution.ARN]
	if e.Finished = true; e.Outcome != checkpoint.Refused {
		e.Outcome = why
	}
	a.state.Executions[t.execution.ARN], a.dirty = e, true
}
