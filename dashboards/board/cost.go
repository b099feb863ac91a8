package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const costUID = "steptrace-cost"

func cost() *builder {
	by := func(what string) Query {
		return Query{Type: "cost", By: what, StateMachines: theMachines, Architecture: "$architecture"}
	}
	return begin(costUID, "Steptrace: Cost",
		"What executions cost at list prices: state transitions or requests of Step Functions, and measured Lambda time").
		Time("now-24h", "now").Refresh("5m").
		WithVariable(machines()).
		WithVariable(dashboard.NewCustomVariableBuilder("architecture").Label("Lambda architecture").
			Description("The price of Lambda time depends on it").
			Values(dashboard.StringOrMap{String: cog.ToPtr("x86_64,arm64")}).Current(option("x86_64")).
			Options([]dashboard.VariableOption{option("x86_64"), unselected("arm64")})).
		WithPanel(stats("In the time range", "Sum over the state machines chosen", unitCurrency, "sum",
			"/^(total_cost|step_functions_cost|lambda_cost)$/",
			by("machine")).Span(fullWidth)).
		WithPanel(bars("Cost over time", "By state machine", unitCurrency, series(by("machine"), "total"))).
		WithPanel(ranking("By state machine", "Step Functions and Lambda together", unitCurrency,
			numbers(by("machine"), "total"))).
		WithPanel(costTable("By state machine",
			"What was used and what that costs, the most expensive first", by("machine"))).
		WithPanel(costTable("By state", "The most expensive states", by("state"))).
		WithPanel(linked(costTable("By execution", "The most expensive executions", by("execution")),
			"name", toExecution(cell("execution_arn"))...))
}

func costTable(title, description string, q Query) *dashboard.PanelBuilder {
	p := linked(rows(title, description, q), "state_machine", toMachine(cell("state_machine")))
	return hidden(p, "execution_arn", "state_machine_arn")
}

func unselected(value string) dashboard.VariableOption {
	o := option(value)
	o.Selected = cog.ToPtr(false)
	return o
}
