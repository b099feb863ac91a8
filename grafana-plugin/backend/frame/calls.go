package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// Calls is a row for each group.
func Calls(found []store.CallGroup) data.Frames {
	type g = store.CallGroup
	return data.Frames{table(
		query.Calls,
		column("service", found, func(g g) string { return g.Service }),
		column("operation", found, func(g g) string { return g.Operation }),
		column("caller", found, func(g g) string { return g.Caller }),
		column("calls", found, func(g g) uint64 { return g.Calls }),
		column("errors", found, func(g g) uint64 { return g.Errors }),
		measured("error_rate", share, found, func(g g) float64 { return ratio(g.Errors, g.Calls) }),
		column("throttled", found, func(g g) uint64 { return g.Throttled }),
		column("retries", found, func(g g) uint64 { return g.Retries }),
		measured("p50_ms", milliseconds, found, func(g g) float64 { return g.P50 }),
		measured("p95_ms", milliseconds, found, func(g g) float64 { return g.P95 }),
		measured("p99_ms", milliseconds, found, func(g g) float64 { return g.P99 }),
		measured("max_ms", milliseconds, found, func(g g) float64 { return g.Max }),
	)}
}

// SlowestCalls is a row for each call.
func SlowestCalls(found []store.Call, source Source) data.Frames {
	type c = store.Call
	return data.Frames{table(
		query.Calls,
		column("start", found, func(c c) *time.Time { return timeOrNull(c.Start) }),
		column("service", found, func(c c) string { return c.Service }),
		column("operation", found, func(c c) string { return c.Operation }),
		column("caller", found, func(c c) string { return c.Caller }),
		measured("duration_ms", milliseconds, found, func(c c) float64 { return c.Duration }),
		column("failed", found, func(c c) bool { return c.Failed }),
		column("error", found, func(c c) string { return c.Error }),
		column("http_status", found, func(c c) *int64 { return status(c.HTTPStatus) }),
		column("retries", found, func(c c) int64 { return int64(c.Retries) }),
		column("resource", found, func(c c) string { return c.Resource }),
		column("object_key", found, func(c c) string { return c.ObjectKey }),
		column("child_execution", found, func(c c) string { return c.ChildExecution }),
		source.linkedToTrace(column("trace_id", found, func(c c) string { return c.TraceID })),
		column("span_id", found, func(c c) string { return c.SpanID }),
	)}
}

// status is null without a response.
func status(code int) *int64 {
	if code == 0 {
		return nil
	}
	s := int64(code)
	return &s
}

// CallSeries is a metric of AWS calls over time.
func CallSeries(name string, found []store.CallGroup, steps Steps) data.Frames {
	return callMetric(name).timeSeries(callSamples(name, found), steps)
}

// CallNumbers is a metric of AWS calls in a range.
func CallNumbers(name string, found []store.CallGroup) data.Frames {
	return callMetric(name).numeric(callSamples(name, found))
}

func callMetric(name string) metric {
	m := metric{name: name, labels: []string{"service", "operation", "caller"}, shown: 3}
	switch name {
	case "p50", "p95", "p99":
		m.unit = milliseconds
	case "error_rate":
		m.unit = share
	default:
		m.counts = true
	}
	return m
}

func callSamples(name string, found []store.CallGroup) []sample {
	return samplesOf(found, func(g store.CallGroup) sample {
		return sample{g.Time, []string{g.Service, g.Operation, g.Caller}, callValue(name, g)}
	})
}

func callValue(name string, g store.CallGroup) float64 {
	switch name {
	case "errors":
		return float64(g.Errors)
	case "error_rate":
		return ratio(g.Errors, g.Calls)
	case "throttled":
		return float64(g.Throttled)
	case "retries":
		return float64(g.Retries)
	case "p50":
		return g.P50
	case "p95":
		return g.P95
	case "p99":
		return g.P99
	}
	return float64(g.Calls)
}
