package frame

import (
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// MapRuns is a row for each; those that run have been running until now.
func MapRuns(found []store.MapRun, source Source, now time.Time) data.Frames {
	type m = store.MapRun
	return data.Frames{table(
		query.MapRuns,
		column("start", found, func(m m) *time.Time { return timeOrNull(m.Start) }),
		statusColumn(found, func(m m) string { return m.Status }),
		column("state_machine", found, func(m m) string { return nameOf(m.StateMachineARN) }),
		linkedToExecution(column("state", found, func(m m) string { return m.State })),
		measured("duration_ms", milliseconds, found, func(m m) *float64 { return took(m.Start, m.End, now) }),
		column("running", found, func(m m) uint64 { return m.Children.Running }),
		column("succeeded", found, func(m m) uint64 { return m.Children.Succeeded }),
		column("failed", found, func(m m) uint64 { return m.Children.Failed }),
		column("timed_out", found, func(m m) uint64 { return m.Children.TimedOut }),
		column("aborted", found, func(m m) uint64 { return m.Children.Aborted }),
		measured("failed_share", share, found, failedShare),
		column("redrive_count", found, func(m m) int64 { return int64(m.RedriveCount) }),
		column("end", found, func(m m) *time.Time { return timeOrNull(m.End) }),
		column("map_run_arn", found, func(m m) string { return m.MapRunARN }),
		column("execution_arn", found, func(m m) string { return m.ExecutionARN }),
		source.linkedToTrace(column("trace_id", found, func(m m) string { return m.TraceID })),
	)}
}

// failedChildren counts those that timed out, too, as the tolerated failures of a Map Run do.
func failedChildren(m store.MapRun) uint64 { return m.Children.Failed + m.Children.TimedOut }

func failedShare(m store.MapRun) float64 { return ratio(failedChildren(m), m.Children.HasEnded()) }

// MapRunNumbers is a metric of each Map Run whose ARN is known.
func MapRunNumbers(name string, found []store.MapRun, names Names) data.Frames {
	m := metric{name: name, labels: []string{"state_machine", "state", "map_run_arn"}, shown: 2}
	of := func(m store.MapRun) float64 { return float64(failedChildren(m)) }
	if name == "failed_share" {
		m.unit, of = share, failedShare
	}
	found = slices.DeleteFunc(slices.Clone(found), func(m store.MapRun) bool { return m.MapRunARN == "" })
	nameOf := labelled(found, names, func(m store.MapRun) machine { return machineOf(m.StateMachineARN) })
	return m.numeric(samplesOf(found, func(m store.MapRun) sample {
		return sample{labels: []string{nameOf(m), m.State, m.MapRunARN}, value: of(m)}
	}))
}
