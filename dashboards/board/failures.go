package board

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

const failuresUID = "steptrace-failures"

func failures() *builder {
	all := Query{Type: "failures", StateMachines: theMachines, States: theStates, Errors: []string{"$error"}}
	states, listed := all, all
	states.Kind = "state"
	listed.Limit, listed.Live, listed.Caught = 200, true, true
	executions := Query{Type: "executions", StateMachines: theMachines}
	return begin(failuresUID, "Steptrace: Failures", "Which states fail, with which errors, in which executions").
		WithVariable(machines()).
		WithVariable(several(chosen("state", "State", "states", "$machine"))).
		WithVariable(several(chosen("error", "Error", "errors", "$machine"))).
		WithPanel(bars("Failed states", "By when they failed, without those that a Catch took", unitCount,
			series(states, "count")).Span(fullWidth)).
		WithPanel(ranking("States that fail", "How often each state failed with each error in the time range", unitCount,
			numbers(states, "count")).Thresholds(anyIsBad())).
		WithPanel(ranking("Executions that failed there",
			"In how many executions a state failed with an error", unitCount,
			numbers(states, "executions")).Thresholds(anyIsBad())).
		WithPanel(failureTable("Failures", "The latest 200, those that a Catch took included", listed).Height(12)).
		WithRow(dashboard.NewRowBuilder("What needs someone")).
		WithPanel(ranking("Running unusually long",
			"How many times its state machine's 99th percentile an execution has been "+
				"running, if 3 or more; whatever the time range", unitFactor, numbers(executions, "stuck")).
			Span(third).Thresholds(steps(step{3, warning}, step{10, alarm})).DisplayName("${__field.labels.execution_arn}").
			DataLinks(linksTo(link{Title: "Execution", URL: "${__field.labels.execution_url}"}))).
		WithPanel(ranking("Could be redriven",
			"Standard executions of the time range that failed, timed out or were aborted and "+
				"were not redriven", unitCount, numbers(executions, "redrivable")).Span(third).Thresholds(steps(step{1, warning}))).
		WithPanel(ranking("Map Runs: share of children that failed",
			"Of the children that ended; what the state tolerates is in "+
				"its definition", unitShare, numbers(Query{Type: "map_runs", StateMachines: theMachines}, "failed_share")).
			Span(third).Max(1).Thresholds(failing())).
		WithPanel(mapRunTable())
}

func mapRunTable() *dashboard.PanelBuilder {
	p := rows("Map Runs", "Runs of distributed Map states, with what became of their children",
		Query{Type: "map_runs", StateMachines: theMachines}).Thresholds(failing())
	p = linked(p, "state", toExecution(cell("execution_arn"))...)
	return hidden(p, "map_run_arn", "execution_arn", "trace_id")
}
