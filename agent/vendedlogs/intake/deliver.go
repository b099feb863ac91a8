package intake

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/telemetry"
	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// together is how many log records and spans are handed over at once, as long as that is more than one execution.
const together = 1000

// deliver hands over what is pending. What is refused stays pending.
func (in *Intake) deliver(ctx context.Context) error {
	for len(in.pending) > 0 {
		n, size := 0, 0
		for n < len(in.pending) && (n == 0 || size < together) {
			size += len(in.pending[n].Records) + len(in.pending[n].Spans)
			n++
		}
		if err := in.deliverLogs(ctx, in.pending[:n]); err != nil {
			return err
		}
		if err := in.deliverTraces(ctx, in.pending[:n]); err != nil {
			return err
		}
		in.pending = in.pending[n:]
	}
	return nil
}

// deliverLogs makes the data anew for each try: a consumer may change what it is given.
func (in *Intake) deliverLogs(ctx context.Context, batches []vendedlogs.Batch) error {
	logs := plog.NewLogs()
	for i := range batches {
		telemetry.AppendLogs(logs, batches[i].Execution, batches[i].Records, in.parts.Clock.Now())
	}
	if count := logs.LogRecordCount(); in.parts.Logs != nil && count > 0 {
		if err := in.outcome(in.parts.Logs.ConsumeLogs(ctx, logs), "log records", count); err != nil {
			return err
		}
	}
	for i := range batches {
		batches[i].Records = nil
	}
	return nil
}

func (in *Intake) deliverTraces(ctx context.Context, batches []vendedlogs.Batch) error {
	traces := ptrace.NewTraces()
	for i := range batches {
		telemetry.AppendTraces(traces, batches[i].Execution, batches[i].Spans)
	}
	count := traces.SpanCount()
	if in.parts.Traces == nil || count == 0 {
		return nil
	}
	return in.outcome(in.parts.Traces.ConsumeTraces(ctx, traces), "spans", count)
}

// outcome passes over data that the consumer will never take: trying again would hold up everything for ever.
func (in *Intake) outcome(err error, what string, count int) error {
	switch {
	case err == nil:
		return nil
	case consumererror.IsPermanent(err):
		in.parts.Logger.Error("consumer refuses for good, data is dropped", "data", what, "count", count, "error", err)
		return nil
	}
	return fmt.Errorf("%w: %d %s: %w", ErrRefused, count, what, err)
}
