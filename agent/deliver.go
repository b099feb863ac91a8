package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/telemetry"
)

// delivery is what came of a batch of events, until both consumers have accepted it.
type delivery struct {
	output   convert.Output
	events   int
	found    found
	last     int64 // the batch's last event
	done     bool  // that event ended the execution
	redrives int   // up to that event
	observed time.Time
}

// deliver hands over what is pending and notes what was accepted. What is refused stays pending.
func (a *Agent) deliver(ctx context.Context, t *tracker) error {
	for len(t.pending) > 0 {
		d := &t.pending[0]
		if err := a.deliverLogs(ctx, t.execution, d); err != nil {
			return err
		}
		if err := a.deliverTraces(ctx, t.execution, d); err != nil {
			return err
		}
		done := *d
		t.pending = t.pending[1:]
		a.accept(ctx, t, &done)
	}
	return nil
}

// deliverLogs makes the data anew for each try: a consumer may change what it is given.
func (a *Agent) deliverLogs(ctx context.Context, e convert.Execution, d *delivery) error {
	if a.parts.Logs != nil && len(d.output.Records) > 0 {
		logs := plog.NewLogs()
		telemetry.AppendLogs(logs, e, d.output.Records, d.observed)
		if err := a.outcome(a.parts.Logs.ConsumeLogs(ctx, logs), "log records", e); err != nil {
			return err
		}
	}
	d.output.Records = nil
	return nil
}

func (a *Agent) deliverTraces(ctx context.Context, e convert.Execution, d *delivery) error {
	if a.parts.Traces != nil && len(d.output.Spans) > 0 {
		traces := ptrace.NewTraces()
		telemetry.AppendTraces(traces, e, d.output.Spans)
		if err := a.outcome(a.parts.Traces.ConsumeTraces(ctx, traces), "spans", e); err != nil {
			return err
		}
	}
	d.output.Spans = nil
	return nil
}

// outcome passes over data that the consumer will never take: trying again would hold up the execution for ever.
func (a *Agent) outcome(err error, what string, e convert.Execution) error {
	switch {
	case err == nil:
		return nil
	case consumererror.IsPermanent(err):
		a.parts.Logger.Error("consumer refuses for good, data is dropped", "data", what, "execution", e.ARN, "error", err)
		a.mark(e.ARN, checkpoint.Refused)
		return nil
	}
	a.refused.Store(true)
	return fmt.Errorf("%w: %s of %s: %w", errRefused, what, e.ARN, err)
}

// mark notes an outcome of the execution, which goes on.
func (a *Agent) mark(arn string, outcome checkpoint.Outcome) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.state.Executions[arn]
	e.Outcome = outcome
	a.state.Executions[arn], a.dirty = e, true
}

// errRefused marks what the consumer may take later.
var errRefused = errors.New("consumer refuses for now")

// accept notes how far the execution has been accepted, together with what else is to be followed because of it, and
// now and then within a long poll writes it down. What cannot be written is left to the end of the poll, which fails
// with it.
func (a *Agent) accept(ctx context.Context, t *tracker, d *delivery) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t.accepted = d.last
	e := a.state.Executions[t.execution.ARN]
	e.LastEvent, e.RedriveCount = d.last, max(e.RedriveCount, d.redrives)
	e.Finished = d.done && d.redrives == e.RedriveCount // else a redrive was heard of since
	a.state.Executions[t.execution.ARN] = e
	a.dirty = true
	if b := a.state.Backfill; b != nil {
		b.Events += int64(d.events)
	}
	a.adopt(d.found)
	a.health.accepted(ctx, d.events, d.done)
	if a.parts.Clock.Since(a.saved) >= saveInterval {
		_ = a.saveLocked()
	}
}

// saveInterval bounds how much is sent again after a crash within a long poll.
const saveInterval = 5 * time.Second
