package stepfunctions

import (
	"context"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// TargetPrefix is the service part of the X-Amz-Target header.
const TargetPrefix = "AWSStepFunctions"

// operation answers one API call.
type operation func(*Service, *http.Request) (any, error)

// operations are the API calls by their name in X-Amz-Target.
var operations = map[string]operation{
	"CreateStateMachine":               handle((*Service).createStateMachine),
	"UpdateStateMachine":               handle((*Service).updateStateMachine),
	"DeleteStateMachine":               handle((*Service).deleteStateMachine),
	"ListStateMachines":                handle((*Service).listStateMachines),
	"DescribeStateMachine":             handle((*Service).describeStateMachine),
	"DescribeStateMachineForExecution": handle((*Service).describeStateMachineForExecution),
	"PublishStateMachineVersion":       handle((*Service).publishStateMachineVersion),
	"ListStateMachineVersions":         handle((*Service).listStateMachineVersions),
	"ValidateStateMachineDefinition":   handle((*Service).validateStateMachineDefinition),
	"StartExecution":                   handle((*Service).StartExecution),
	"StartSyncExecution":               handle((*Service).startSyncExecution),
	"StopExecution":                    handle((*Service).stopExecution),
	"RedriveExecution":                 handle((*Service).redriveExecution),
	"ListExecutions":                   handle((*Service).listExecutions),
	"DescribeExecution":                handle((*Service).describeExecution),
	"GetExecutionHistory":              handle((*Service).getExecutionHistory),
	"SendTaskSuccess":                  handle((*Service).sendTaskSuccess),
	"SendTaskFailure":                  handle((*Service).sendTaskFailure),
	"SendTaskHeartbeat":                handle((*Service).sendTaskHeartbeat),
	"CreateActivity":                   handle((*Service).createActivity),
	"DescribeActivity":                 handle((*Service).describeActivity),
	"ListActivities":                   handle((*Service).listActivities),
	"DeleteActivity":                   handle((*Service).deleteActivity),
	"GetActivityTask":                  handle((*Service).getActivityTask),
	"ListMapRuns":                      handle((*Service).listMapRuns),
	"DescribeMapRun":                   handle((*Service).describeMapRun),
	"UpdateMapRun":                     handle((*Service).updateMapRun),
	"ListTagsForResource":              handle((*Service).listTagsForResource),
	"TagResource":                      handle((*Service).tagResource),
	"UntagResource":                    handle((*Service).untagResource),
}

// ServeHTTP answers API calls.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, name := awswire.Target(r)
	op, ok := operations[name]
	if !ok {
		awswire.WriteError(w, awswire.JSON10, awswire.UnknownOperation("Step Functions "+name))
		return
	}
	out, err := op(s, r)
	if err != nil {
		s.config.Logger.DebugContext(r.Context(), "Step Functions refused a call", "operation", name, "error", err)
		awswire.WriteError(w, awswire.JSON10, err)
		return
	}
	awswire.WriteJSON(w, awswire.JSON10, out)
}

// handle reads the input of a method's own type.
func handle[In, Out any](method func(*Service, context.Context, In) (Out, error)) operation {
	return func(s *Service, r *http.Request) (any, error) {
		var in In
		if err := awswire.Decode(r, &in); err != nil {
			return nil, err
		}
		return method(s, r.Context(), in)
	}
}

// empty is the output of operations that answer {}.
type empty struct{}
