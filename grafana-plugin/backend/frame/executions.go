package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// Executions is a row for each; those that run have been running until now. The states in which they failed are by ARN.
func Executions(
	found []store.Execution, failedStates map[string]string, source Source, now time.Time,
) data.Frames {
	type e = store.Execution
	return data.Frames{table(
		query.Executions,
		column("start", found, func(e e) *time.Time { return timeOrNull(e.Start) }),
		statusColumn(found, func(e e) string { return e.Status }),
		column("state_machine", found, func(e e) string { return e.StateMachine }),
		linkedToExecution(column("name", found, func(e e) string { return e.Name })),
		measured("duration_ms", milliseconds, found, func(e e) *float64 { return took(e.Start, e.End, now) }),
		column("error", found, func(e e) string { return e.Error }),
		column("cause", found, func(e e) string { return e.Cause }),
		column("end", found, func(e e) *time.Time { return timeOrNull(e.End) }),
		column("redrive_count", found, func(e e) int64 { return int64(e.RedriveCount) }),
		column("execution_arn", found, func(e e) string { return e.ExecutionARN }),
		source.linkedToTrace(column("trace_id", found, func(e e) string { return e.TraceID })),
		column("state_machine_arn", found, func(e e) string { return e.StateMachineARN }),
		column("map_run_arn", found, func(e e) string { return e.MapRunARN }),
		column("failed_state", found, func(e e) string { return failedStates[e.ExecutionARN] }),
	)}
}

// took is null while the start is not known, and not less than 0: AWS's clock and this one differ.
func took(start, end, now time.Time) *float64 {
	if start.IsZero() {
		return nil
	}
	if end.IsZero() {
		end = now
	}
	ms := float64(max(0, end.Sub(start).Milliseconds()))
	return &ms
}
