package frame

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// States is a row for each state. What attempts tell is null where it is not known.
func States(found store.StateStatistics) data.Frames {
	type p = store.StatePoint
	points := found.Points
	ofAttempts := func(of func(p) float64) func(p) *float64 {
		return func(point p) *float64 {
			if found.Approximate {
				return nil
			}
			v := of(point)
			return &v
		}
	}
	return data.Frames{table(
		query.States,
		column("state_machine", points, func(p p) string { return nameOf(p.StateMachineARN) }),
		column("state", points, func(p p) string { return p.State }),
		column("visits", points, func(p p) uint64 { return p.Visits }),
		column("succeeded", points, func(p p) uint64 { return p.Succeeded }),
		column("caught", points, func(p p) uint64 { return p.Caught }),
		column("failed", points, func(p p) uint64 { return p.Failed }),
		column("aborted", points, func(p p) uint64 { return p.Aborted }),
		measured("error_rate", share, points, func(p p) float64 { return ratio(p.Failed+p.Caught, p.Visits) }),
		measured("p50_ms", milliseconds, points, func(p p) float64 { return p.P50 }),
		measured("p95_ms", milliseconds, points, func(p p) float64 { return p.P95 }),
		measured("p99_ms", milliseconds, points, func(p p) float64 { return p.P99 }),
		column("attempts", points, ofAttempts(func(p p) float64 { return float64(p.Attempts) })),
		column("retries", points, ofAttempts(func(p p) float64 { return float64(p.Retries) })),
		measured("wait_s", seconds, points, ofAttempts(func(p p) float64 { return p.Wait })),
		measured("wait_p95_s", seconds, points, ofAttempts(func(p p) float64 { return p.WaitP95 })),
		measured("backoff_s", seconds, points, ofAttempts(func(p p) float64 { return p.Backoff })),
		column("state_machine_arn", points, func(p p) string { return p.StateMachineARN }),
	)}
}
