package stepfunctions

import (
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// TargetPrefix is the service part of the X-Amz-Target header.
const TargetPrefix = "AWSStepFunctions"

// operations are the API calls by their name in X-Amz-Target.
var operations = awswire.Operations[*Service]{
	"CreateStateMachine":               awswire.Typed((*Service).createStateMachine),
	"UpdateStateMachine":               awswire.Typed((*Service).updateStateMachine),
	"DeleteStateMachine":               awswire.Typed((*Service).deleteStateMachine),
	"ListStateMachines":                awswire.Typed((*Service).listStateMachines),
	"DescribeStateMachine":             awswire.Typed((*Service).describeStateMachine),
	"DescribeStateMachineForExecution": awswire.Typed((*Service).describeStateMachineForExecution),
	"PublishStateMachineVersion":       awswire.Typed((*Service).publishStateMachineVersion),
	"ListStateMachineVersions":         awswire.Typed((*Service).listStateMachineVersions),
	"ValidateStateMachineDefinition":   awswire.Typed((*Service).validateStateMachineDefinition),
	"StartExecution":                   awswire.Typed((*Service).StartExecution),
	"StartSyncExecution":               awswire.Typed((*Service).startSyncExecution),
	"StopExecution":                    awswire.Typed((*Service).stopExecution),
	"RedriveExecution":                 awswire.Typed((*Service).redriveExecution),
	"ListExecutions":                   awswire.Typed((*Service).listExecutions),
	"DescribeExecution":                awswire.Typed((*Service).describeExecution),
	"GetExecutionHistory":              awswire.Typed((*Service).getExecutionHistory),
	"SendTaskSuccess":                  awswire.Typed((*Service).sendTaskSuccess),
	"SendTaskFailure":                  awswire.Typed((*Service).sendTaskFailure),
	"SendTaskHeartbeat":                awswire.Typed((*Service).sendTaskHeartbeat),
	"CreateActivity":                   awswire.Typed((*Service).createActivity),
	"DescribeActivity":                 awswire.Typed((*Service).describeActivity),
	"ListActivities":                   awswire.Typed((*Service).listActivities),
	"DeleteActivity":                   awswire.Typed((*Service).deleteActivity),
	"GetActivityTask":                  awswire.Typed((*Service).getActivityTask),
	"ListMapRuns":                      awswire.Typed((*Service).listMapRuns),
	"DescribeMapRun":                   awswire.Typed((*Service).describeMapRun),
	"UpdateMapRun":                     awswire.Typed((*Service).updateMapRun),
	"ListTagsForResource":              awswire.Typed((*Service).listTagsForResource),
	"TagResource":                      awswire.Typed((*Service).tagResource),
	"UntagResource":                    awswire.Typed((*Service).untagResource),
}

// ServeHTTP answers API calls.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := operations.Call(s, "Step Functions", r)
	if err != nil {
		_, name := awswire.Target(r)
		s.config.Logger.DebugContext(r.Context(), "Step Functions refused a call", "operation", name, "error", err)
		awswire.WriteError(w, awswire.JSON10, err)
		return
	}
	awswire.WriteJSON(w, awswire.JSON10, out)
}

// empty is the output of operations that answer {}.
type empty struct{}
