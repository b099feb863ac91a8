package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// Failures is a row for each.
func Failures(found []store.Failure, source Source) data.Frames {
	type f = store.Failure
	return data.Frames{table(
		query.Failures,
		column("time", found, func(f f) *time.Time { return timeOrNull(f.Time) }),
		column("kind", found, func(f f) string { return f.Kind }),
		column("state_machine", found, func(f f) string { return nameOf(f.StateMachineARN) }),
		linkedToExecution(column("state", found, func(f f) string { return f.State })),
		column("state_type", found, func(f f) string { return f.StateType }),
		statusColumn(found, func(f f) string { return f.Status }),
		linkedToExecution(column("error", found, func(f f) string { return f.Error })),
		column("message", found, func(f f) string { return f.Message }),
		column("start", found, func(f f) *time.Time { return timeOrNull(f.Start) }),
		linkedToExecution(column("execution_arn", found, func(f f) string { return f.ExecutionARN })),
		source.linkedToTrace(column("trace_id", found, func(f f) string { return f.TraceID })),
		column("span_id", found, func(f f) string { return f.SpanID }),
		column("redrive_count", found, func(f f) int64 { return int64(f.RedriveCount) }),
		column("event_id", found, func(f f) int64 { return f.EventID }),
		column("state_machine_arn", found, func(f f) string { return f.StateMachineARN }),
	)}
}

// FailureSeries is how often something failed in the same way over time.
func FailureSeries(metric string, found []store.FailureCount, names Names, steps Steps) data.Frames {
	return failureMetric(metric).timeSeries(failureSamples(metric, found, names), steps)
}

// FailureNumbers is how often something failed in the same way.
func FailureNumbers(metric string, found []store.FailureCount, names Names) data.Frames {
	return failureMetric(metric).numeric(failureSamples(metric, found, names))
}

func failureMetric(name string, more ...string) metric {
	labels := append([]string{"kind", "state_machine", "state", "error"}, more...)
	return metric{name: name, labels: labels, shown: 4, counts: true}
}

func failureSamples(metric string, found []store.FailureCount, names Names) []sample {
	nameOf := labelled(found, names, func(c store.FailureCount) machine { return machineOf(c.StateMachineARN) })
	return samplesOf(found, func(c store.FailureCount) sample {
		count := c.Count
		if metric == "executions" {
			count = c.Executions
		}
		return sample{c.Time, []string{c.Kind, nameOf(c), c.State, c.Error}, float64(count)}
	})
}

// EachFailure is 1 for each failure; what failed in the same way in the same execution is one.
func EachFailure(found []store.Failure, names Names) data.Frames {
	nameOf := labelled(found, names, func(f store.Failure) machine { return machineOf(f.StateMachineARN) })
	samples := samplesOf(found, func(f store.Failure) sample {
		return sample{
			labels: []string{f.Kind, nameOf(f), f.State, f.Error, f.ExecutionARN, executionURL(f.ExecutionARN)}, value: 1,
		}
	})
	return failureMetric("each", "execution_arn", "execution_url").numeric(samples)
}
