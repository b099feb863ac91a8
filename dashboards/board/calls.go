package board

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

const callsUID = "steptrace-calls"

func calls() *builder {
	all := Query{
		Type: "calls", Services: []string{"$service"}, Operations: []string{"$operation"}, Callers: []string{"$function"},
	}
	slowest, failed := all, all
	slowest.Slowest, slowest.Limit = true, 50
	failed.Slowest, failed.FailedOnly, failed.Limit = true, true, 50
	return begin(callsUID, "Steptrace: Lambda and AWS calls",
		"The Lambda functions that tasks invoked, and the AWS calls that these made").
		WithVariable(several(chosen("function", "Function", "functions"))).
		WithVariable(several(chosen("service", "Service", "services"))).
		WithVariable(several(chosen("operation", "Operation", "operations"))).
		WithPanel(hidden(rows("Lambda functions", "Invocations in the time range, as the wrapper or the layer saw them",
			Query{Type: "functions"}).Thresholds(failing()), "arn")).
		WithPanel(bars("AWS calls", "By when they began", unitCount, series(all, "calls"))).
		WithPanel(lines("Error rate", "Share of the calls that failed", unitShare, series(all, "error_rate")).Max(1).
			Thresholds(failing())).
		WithPanel(lines("Latency, 95th percentile", "95 of 100 calls took no longer, retries included", unitMillis,
			series(all, "p95"))).
		WithPanel(bars("Throttled", "Calls that AWS refused for their number", unitCount, series(all, "throttled")).
			Thresholds(anyIsBad())).
		WithPanel(rows("By operation", "Calls in the time range, the most frequent first", all).Thresholds(failing())).
		WithPanel(callTable("Slowest calls", "The longest of the time range, each with its trace", slowest)).
		WithPanel(callTable("Failed calls", "Of those that failed the longest, each with its trace", failed))
}

func callTable(title, description string, q Query) *dashboard.PanelBuilder {
	p := linked(rows(title, description, q), "operation", toExecution(cell("trace_id"))...)
	return hidden(linked(p, "child_execution", toExecution(cell("child_execution"))...), "trace_id", "span_id")
}
