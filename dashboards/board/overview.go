package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const overviewUID = "steptrace-overview"

func overview() *builder {
	executions := Query{Type: "executions", StateMachines: theMachines}
	return begin(overviewUID, "Steptrace: Overview", "All state machines: what runs, what failed, how long it takes").
		WithVariable(machines()).
		WithPanel(totals()).
		WithPanel(byStatus(bars("Executions started", "Executions by when they started and what became of them", unitCount,
			series(executions, "count"))).Span(third)).
		WithPanel(lines("Error rate",
			"Share of the executions that ended in each step that failed or timed out", unitShare,
			series(executions, "error_rate")).Span(third).Max(1).Thresholds(failing()).
			DataLinks(linksTo(toFailures("var-machine=" + label("state_machine"))))).
		WithPanel(lines("Duration, 95th percentile",
			"95 of 100 executions that ended in each step took no longer", unitMillis,
			series(executions, "p95")).Span(third).DataLinks(linksTo(toMachine(label("state_machine"))))).
		WithPanel(machineTable()).
		WithPanel(failureTable("Latest failures", "What failed last: states whose error no Catch took, and executions",
			Query{Type: "failures", StateMachines: theMachines, Limit: 20, Live: true})).
		WithPanel(executionTable("Latest executions", "The newest 50, running ones included",
			Query{Type: "executions", StateMachines: theMachines, Limit: 50, Live: true}))
}

// totals counts the range's executions by status, over all state machines chosen.
func totals() *dashboard.PanelBuilder {
	p := stats("Executions", "Executions that started in the time range, by what became of them", unitCount, "sum",
		"/^(running|succeeded|failed|timed_out|aborted)$/",
		Query{Type: "machines", StateMachines: theMachines}).Span(fullWidth)
	for _, c := range []struct {
		column, name string
		thresholds   cog.Builder[dashboard.ThresholdsConfig]
	}{
		{"running", "▶ running", steps()},
		{"succeeded", "✓ succeeded", steps()},
		{"failed", "✗ failed", anyIsBad()},
		{"timed_out", "⏱ timed out", anyIsBad()},
		{"aborted", "⊘ aborted", steps(step{1, warning})},
	} {
		t, _ := c.thresholds.Build() // builders of plain values always build
		p.OverrideByName(c.column, []dashboard.DynamicConfigValue{
			{Id: "displayName", Value: c.name}, {Id: "thresholds", Value: t},
		})
	}
	return p
}

func machineTable() *dashboard.PanelBuilder {
	p := rows("State machines", "Executions that started in the time range, by state machine",
		Query{Type: "machines", StateMachines: theMachines}).Thresholds(failing())
	return hidden(linked(p, "name", toMachine(cell("name"))), "arn")
}

func executionTable(title, description string, q Query) *dashboard.PanelBuilder {
	p := rows(title, description, q).Height(10)
	p = linked(p, "name", toExecution(cell("execution_arn"))...)
	p = linked(p, "state_machine", toMachine(cell("state_machine")))
	return hidden(p, "execution_arn", "trace_id", "state_machine_arn", "map_run_arn")
}

func failureTable(title, description string, q Query) *dashboard.PanelBuilder {
	p := rows(title, description, q).Height(10)
	p = linked(p, "state", toExecution(cell("execution_arn"))...)
	p = linked(p, "error", toExecution(cell("execution_arn"))...)
	p = linked(p, "state_machine", toMachine(cell("state_machine")))
	return hidden(p, "execution_arn", "trace_id", "span_id", "event_id", "state_machine_arn", "redrive_count")
}

func linksTo(all ...link) []cog.Builder[dashboard.DashboardLink] {
	builders := make([]cog.Builder[dashboard.DashboardLink], 0, len(all))
	for _, l := range all {
		builders = append(builders, dataLink(l))
	}
	return builders
}
