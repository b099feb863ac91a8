package stepfunctions

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

// checkType tells whether a state machine of that type may have the definition: what waits for others is for Standard
// ones.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
func checkType(kind string, definition *asl.StateMachine) error {
	switch kind {
	case standard:
		return nil
	case express:
		if reason := standardOnly("", definition); reason != "" {
			return awswire.Errorf("InvalidDefinition",
				"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support %s'", reason)
		}
		return nil
	}
	return awswire.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'type' failed to satisfy "+
		"constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]", kind)
}

// standardOnly is what only Standard state machines can have, and where; empty when there is no such thing.
func standardOnly(path string, definition *asl.StateMachine) string {
	for _, name := range slices.Sorted(maps.Keys(definition.States)) {
		if reason := stateStandardOnly(path+"/States/"+name, definition.States[name]); reason != "" {
			return reason
		}
	}
	return ""
}

func stateStandardOnly(path string, state *asl.State) string {
	switch state.Type {
	case asl.TaskType:
		return resourceStandardOnly(path+"/Resource", state.Task.Resource)
	case asl.ParallelType:
		for n, branch := range state.Parallel.Branches {
			if reason := standardOnly(fmt.Sprintf("%s/Branches[%d]", path, n), branch); reason != "" {
				return reason
			}
		}
	case asl.MapType:
		if state.Map.Distributed() {
			return "a Map state in DISTRIBUTED mode at " + path
		}
		return standardOnly(path+"/ItemProcessor", state.Map.ItemProcessor)
	default:
	}
	return ""
}

func resourceStandardOnly(path, resource string) string {
	for _, pattern := range []string{".waitForTaskToken", ".sync", ".sync:2"} {
		if strings.HasSuffix(resource, pattern) {
			return "'" + pattern + "' service integration at " + path
		}
	}
	if strings.Contains(resource, ":activity:") {
		return "activities at " + path
	}
	return ""
}
