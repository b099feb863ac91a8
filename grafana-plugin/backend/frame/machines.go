package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// Machines is a row for each state machine.
func Machines(found []store.StateMachine) data.Frames {
	type m = store.StateMachine
	return data.Frames{table(
		query.Machines,
		column("name", found, func(m m) string { return m.Name }),
		column("type", found, func(m m) string { return m.Type }),
		column("running", found, func(m m) uint64 { return m.Running }),
		column("succeeded", found, func(m m) uint64 { return m.Succeeded }),
		column("failed", found, func(m m) uint64 { return m.Failed }),
		column("timed_out", found, func(m m) uint64 { return m.TimedOut }),
		column("aborted", found, func(m m) uint64 { return m.Aborted }),
		measured("error_rate", share, found, func(m m) float64 {
			return ratio(m.Failed+m.TimedOut, m.Succeeded+m.Failed+m.TimedOut+m.Aborted)
		}),
		column("last_start", found, func(m m) *time.Time { return timeOrNull(m.LastStart) }),
		column("revisions", found, func(m m) uint64 { return m.Revisions }),
		column("arn", found, func(m m) string { return m.ARN }),
	)}
}
