package convert

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// startedBy is the member by which state machines, on AWS's advice, tell a nested execution who started it.
const startedBy = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"

// startOf reads by which execution this one was started.
func startOf(input gjson.Result, _ int) (trigger, bool) {
	parent := strings.Clone(input.Get(startedBy).String())
	if !isExecution(parent) {
		return trigger{}, false
	}
	machine := identify(Execution{ARN: parent}).stateMachine
	t := trigger{name: "execution " + machine, service: machine, parent: parent}
	t.text(semconv.TriggerSource, "aws.states")
	t.text(semconv.TriggerEventName, "StartExecution")
	t.text(semconv.ParentExecutionARN, parent)
	return t, true
}
