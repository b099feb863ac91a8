package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const executionUID = "steptrace-execution"

func execution() *builder {
	const this = "$execution"
	return begin(executionUID, "Steptrace: Execution",
		"One execution, whatever the time range: workflow, trace, history, AWS calls, cost").
		Refresh("").
		WithVariable(dashboard.NewTextBoxVariableBuilder("execution").Label("Execution").
			Description("Its ARN, its trace id, or latest").
			DefaultValue(dashboard.StringOrMap{String: cog.ToPtr("latest")}).
			Current(option("latest")).Options([]dashboard.VariableOption{option("latest")})).
		Link(dashboard.NewDashboardLinkBuilder("Page of this execution").Type(dashboard.DashboardLinkTypeLink).
			Icon("external link").Url("/a/steptrace-app/execution?execution=${execution:percentencode}")).
		WithPanel(workflow("Workflow", "The execution's definition, coloured and marked by what became of each state",
			Query{Type: "workflow", Execution: this, Live: true})).
		WithPanel(panel("traces", "Trace",
			"Upload or caller, states, attempts, Lambda invocations and AWS calls, in one trace",
			unitMillis, Query{Type: "trace", Execution: this, Live: true}).Span(fullWidth).Height(18)).
		WithPanel(hidden(rows("States", "What became of each state, by the definition's names",
			Query{Type: "workflow", Execution: this, Live: true}))).
		WithPanel(logLines("History", "The execution's events with their payloads, in order",
			Query{Type: "events", Execution: this, Limit: 1000, Live: true}).Span(fullWidth).Height(14)).
		WithPanel(hidden(rows("AWS calls", "Calls that the execution's Lambda functions made, the longest first",
			Query{Type: "calls", Execution: this, Slowest: true}), "trace_id", "span_id")).
		WithPanel(hidden(rows("Cost", "What the execution used, and what that costs at list prices",
			Query{Type: "cost", By: "execution", Execution: this}).Height(4), "execution_arn", "state_machine_arn"))
}

func option(value string) dashboard.VariableOption {
	text := dashboard.StringOrArrayOfString{String: &value}
	return dashboard.VariableOption{Selected: cog.ToPtr(true), Text: text, Value: text}
}
