package interpreter

import (
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Step Functions as tasks call it. Its own API names members otherwise than tasks do.
var (
	statesOptimized = jsonService{
		target: "AWSStepFunctions", contentType: awswire.JSON10, signing: "states",
		prefix: "StepFunctions", generic: "AWSStepFunctionsException", causeName: "AWSStepFunctions", optimized: true,
		request:  statesRequest,
		response: func(output dataflow.Value) dataflow.Value { return withMilliseconds(capitalized(output)) },
		headers:  answer.commonHeaders,
	}
	statesSDK = jsonService{
		target: "AWSStepFunctions", contentType: awswire.JSON10, signing: "states",
		prefix: "Sfn", generic: "SfnException", causeName: "Sfn",
		request:  statesRequest,
		response: func(output dataflow.Value) dataflow.Value { return withISODates(capitalized(output)) },
	}
)

// jsonMembers are texts of JSON, for which tasks may give the JSON itself.
var jsonMembers = map[string]bool{"Input": true, "Output": true, "Definition": true}

// statesRequest makes a request of a task's arguments. A member that is null is left out.
func statesRequest(_ *run, arguments dataflow.Value) dataflow.Value {
	object, ok := arguments.(*jsonvalue.Object)
	if !ok {
		return arguments
	}
	o := jsonvalue.NewObject()
	object.Range(func(name string, value dataflow.Value) bool {
		switch {
		case value == nil || name == "":
		case jsonMembers[name]:
			o.Set(strings.ToLower(name[:1])+name[1:], bodyText(value))
		default:
			o.Set(strings.ToLower(name[:1])+name[1:], uncapitalized(value))
		}
		return true
	})
	return o
}
