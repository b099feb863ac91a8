package board

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

const machineUID = "steptrace-machine"

var theStates = []string{"$state"}

func machine() *builder {
	executions := Query{Type: "executions", StateMachines: theMachines}
	states := Query{Type: "states", StateMachines: theMachines, States: theStates}
	return begin(machineUID, "Steptrace: State machine", "One state machine: its workflow, its states, its executions").
		WithVariable(chosen("machine", "State machine", "machines")).
		WithVariable(several(chosen("state", "State", "states", "$machine"))).
		WithPanel(workflow("Workflow",
			"The definition in force at the end of the time range, and what became of the visits of its "+
				"states: failures and 95th percentile", Query{Type: "workflow", Aggregate: true, StateMachines: theMachines})).
		WithPanel(byStatus(bars("Executions started", "By when they started and what became of them", unitCount,
			series(executions, "count"))).Span(third)).
		WithPanel(lines("Error rate",
			"Share of the executions that ended in each step that failed or timed out", unitShare,
			series(executions, "error_rate")).Span(third).Max(1).Thresholds(failing())).
		WithPanel(lines("Duration of executions",
			"Median, 95th and 99th percentile of those that ended in each step", unitMillis,
			series(executions, "p50"), series(executions, "p95"), series(executions, "p99")).Span(third)).
		WithRow(dashboard.NewRowBuilder("States")).
		WithPanel(stateTable(states)).
		WithPanel(bars("Failed visits",
			"Visits of states that failed, caught ones included", unitCount, series(states, "failed")).
			Span(third).DataLinks(linksTo(
			toFailures("var-machine=" + label("state_machine") + "&var-state=" + label("state"))))).
		WithPanel(lines("Duration of states, 95th percentile", "By when the state was entered", unitMillis,
			series(states, "p95")).Span(third)).
		WithPanel(lines("Waiting to start, 95th percentile",
			"From scheduled to started: what a task's queue costs", unitSeconds,
			series(states, "wait_p95")).Span(third)).
		WithPanel(bars("Visits", "How often each state was entered", unitCount, series(states, "visits")).Span(third)).
		WithPanel(bars("Retries", "Attempts after the first", unitCount, series(states, "retries")).Span(third)).
		WithPanel(bars("Back-off",
			"Time spent waiting before retries", unitSeconds, series(states, "backoff")).Span(third)).
		WithPanel(executionTable("Executions", "The newest 100 of the time range",
			Query{Type: "executions", StateMachines: theMachines, Limit: 100, Live: true}))
}

// workflow draws a state machine.
func workflow(title, description string, q Query) *dashboard.PanelBuilder {
	return panel(WorkflowPanel, title, description, unitMillis, q).Span(fullWidth).Height(16)
}

func stateTable(states Query) *dashboard.PanelBuilder {
	p := rows("States", "What became of the visits of each state in the time range, and how long they took", states).
		Thresholds(failing())
	p = linked(p, "state", toFailures("var-machine="+cell("state_machine")+"&var-state="+cell("state")))
	return hidden(p, "state_machine", "state_machine_arn")
}
