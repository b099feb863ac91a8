package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// Functions is a row for each Lambda function.
func Functions(found []store.Function) data.Frames {
	type f = store.Function
	return data.Frames{table(
		query.Functions,
		column("name", found, func(f f) string { return f.Name }),
		column("invocations", found, func(f f) uint64 { return f.Invocations }),
		column("errors", found, func(f f) uint64 { return f.Errors }),
		measured("error_rate", share, found, func(f f) float64 { return ratio(f.Errors, f.Invocations) }),
		column("timed_out", found, func(f f) uint64 { return f.TimedOut }),
		column("cold_starts", found, func(f f) uint64 { return f.ColdStarts }),
		measured("p50_ms", milliseconds, found, func(f f) float64 { return f.P50 }),
		measured("p95_ms", milliseconds, found, func(f f) float64 { return f.P95 }),
		measured("p99_ms", milliseconds, found, func(f f) float64 { return f.P99 }),
		measured("memory_bytes", bytes, found, func(f f) *uint64 { return memory(f.Memory) }),
		column("last_start", found, func(f f) *time.Time { return timeOrNull(f.LastStart) }),
		column("arn", found, func(f f) string { return f.ARN }),
	)}
}

// memory is null while it is not known.
func memory(n uint64) *uint64 {
	if n == 0 {
		return nil
	}
	return &n
}
