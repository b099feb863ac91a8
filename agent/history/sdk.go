package history

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// FromSDK takes over an event that the AWS SDK decoded. The SDK has dropped members that its version does not know;
// event types it does not know it has kept.
func FromSDK(e types.HistoryEvent) Event {
	event := Event{ID: e.Id, PreviousID: e.PreviousEventId, Type: string(e.Type), Time: time.Unix(0, 0).UTC()}
	if e.Timestamp != nil {
		event.Time = e.Timestamp.UTC()
	}
	fromSDK(&e, &event.Details)
	return event
}

func fromSDK(e *types.HistoryEvent, d *Details) {
	fromExecution(e, d)
	fromState(e, d)
	fromMap(e, d)
	fromLambda(e, d)
	fromActivity(e, d)
	fromTask(e, d)
}

func fromExecution(e *types.HistoryEvent, d *Details) {
	if v := e.ExecutionStartedEventDetails; v != nil {
		d.text("input", v.Input)
		d.data("inputDetails", v.InputDetails)
		d.text("roleArn", v.RoleArn)
		d.text("stateMachineAliasArn", v.StateMachineAliasArn)
		d.text("stateMachineVersionArn", v.StateMachineVersionArn)
	}
	if v := e.ExecutionSucceededEventDetails; v != nil {
		d.result(v.Output, v.OutputDetails)
	}
	if v := e.ExecutionFailedEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.ExecutionTimedOutEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.ExecutionAbortedEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.ExecutionRedrivenEventDetails; v != nil {
		d.RedriveCount = widen(v.RedriveCount)
	}
}

func fromState(e *types.HistoryEvent, d *Details) {
	if v := e.StateEnteredEventDetails; v != nil {
		d.text("name", v.Name)
		d.text("input", v.Input)
		d.data("inputDetails", v.InputDetails)
	}
	if v := e.StateExitedEventDetails; v != nil {
		d.text("name", v.Name)
		d.result(v.Output, v.OutputDetails)
		d.variables(v.AssignedVariables, v.AssignedVariablesDetails)
	}
	if v := e.EvaluationFailedEventDetails; v != nil {
		d.text("state", v.State)
		d.text("location", v.Location)
		d.failure(v.Error, v.Cause)
	}
}

func fromMap(e *types.HistoryEvent, d *Details) {
	for _, v := range []*types.MapIterationEventDetails{
		e.MapIterationStartedEventDetails, e.MapIterationSucceededEventDetails,
		e.MapIterationFailedEventDetails, e.MapIterationAbortedEventDetails,
	} {
		if v != nil {
			d.text("name", v.Name)
			d.Index = widen(&v.Index)
		}
	}
	if v := e.MapStateStartedEventDetails; v != nil {
		d.Length = widen(&v.Length)
	}
	if v := e.MapRunStartedEventDetails; v != nil {
		d.text("mapRunArn", v.MapRunArn)
	}
	if v := e.MapRunFailedEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.MapRunRedrivenEventDetails; v != nil {
		d.text("mapRunArn", v.MapRunArn)
		d.RedriveCount = widen(v.RedriveCount)
	}
}

func fromLambda(e *types.HistoryEvent, d *Details) {
	if v := e.LambdaFunctionScheduledEventDetails; v != nil {
		d.text("resource", v.Resource)
		d.text("input", v.Input)
		d.data("inputDetails", v.InputDetails)
		d.number("timeoutInSeconds", v.TimeoutInSeconds)
		d.credentials(v.TaskCredentials)
	}
	if v := e.LambdaFunctionSucceededEventDetails; v != nil {
		d.result(v.Output, v.OutputDetails)
	}
	if v := e.LambdaFunctionFailedEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.LambdaFunctionScheduleFailedEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.LambdaFunctionStartFailedEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.LambdaFunctionTimedOutEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
}

func fromActivity(e *types.HistoryEvent, d *Details) {
	if v := e.ActivityScheduledEventDetails; v != nil {
		d.text("resource", v.Resource)
		d.text("input", v.Input)
		d.data("inputDetails", v.InputDetails)
		d.number("timeoutInSeconds", v.TimeoutInSeconds)
		d.number("heartbeatInSeconds", v.HeartbeatInSeconds)
	}
	if v := e.ActivityStartedEventDetails; v != nil {
		d.text("workerName", v.WorkerName)
	}
	if v := e.ActivitySucceededEventDetails; v != nil {
		d.result(v.Output, v.OutputDetails)
	}
	if v := e.ActivityFailedEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.ActivityScheduleFailedEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
	if v := e.ActivityTimedOutEventDetails; v != nil {
		d.failure(v.Error, v.Cause)
	}
}

func fromTask(e *types.HistoryEvent, d *Details) {
	if v := e.TaskScheduledEventDetails; v != nil {
		d.resource(v.ResourceType, v.Resource)
		d.text("region", v.Region)
		d.text("parameters", v.Parameters)
		d.number("timeoutInSeconds", v.TimeoutInSeconds)
		d.number("heartbeatInSeconds", v.HeartbeatInSeconds)
		d.credentials(v.TaskCredentials)
	}
	if v := e.TaskStartedEventDetails; v != nil {
		d.resource(v.ResourceType, v.Resource)
	}
	if v := e.TaskSubmittedEventDetails; v != nil {
		d.resource(v.ResourceType, v.Resource)
		d.result(v.Output, v.OutputDetails)
	}
	if v := e.TaskSucceededEventDetails; v != nil {
		d.resource(v.ResourceType, v.Resource)
		d.result(v.Output, v.OutputDetails)
	}
	fromTaskFailure(e, d)
}

func fromTaskFailure(e *types.HistoryEvent, d *Details) {
	if v := e.TaskFailedEventDetails; v != nil {
		d.resource(v.ResourceType, v.Resource)
		d.failure(v.Error, v.Cause)
	}
	if v := e.TaskStartFailedEventDetails; v != nil {
		d.resource(v.ResourceType, v.Resource)
		d.failure(v.Error, v.Cause)
	}
	if v := e.TaskSubmitFailedEventDetails; v != nil {
		d.resource(v.ResourceType, v.Resource)
		d.failure(v.Error, v.Cause)
	}
	if v := e.TaskTimedOutEventDetails; v != nil {
		d.resource(v.ResourceType, v.Resource)
		d.failure(v.Error, v.Cause)
	}
}

func (d *Details) failure(name, cause *string) {
	d.text("error", name)
	d.text("cause", cause)
}

func (d *Details) result(output *string, details *types.HistoryEventExecutionDataDetails) {
	d.text("output", output)
	d.data("outputDetails", details)
}

func (d *Details) resource(kind, name *string) {
	d.text("resourceType", kind)
	d.text("resource", name)
}

// text stores a string member where Decode would: in its field, or in Rest when it has none or is empty.
func (d *Details) text(name string, v *string) {
	if v == nil {
		return
	}
	i := slices.IndexFunc(textMembers, func(m textMember) bool { return m.name == name })
	if i < 0 || *v == "" {
		d.keep(name, appendText(nil, *v))
		return
	}
	*textMembers[i].at(d) = *v
}

func (d *Details) number(name string, v *int64) {
	if v != nil {
		d.keep(name, strconv.AppendInt(nil, *v, 10))
	}
}

func (d *Details) data(name string, v *types.HistoryEventExecutionDataDetails) {
	if v != nil {
		d.keep(name, truncated(v.Truncated))
	}
}

func truncated(v bool) json.RawMessage {
	return append(strconv.AppendBool([]byte(`{"truncated":`), v), '}')
}

func (d *Details) credentials(v *types.TaskCredentials) {
	if v != nil && v.RoleArn != nil {
		d.keep("taskCredentials", append(appendText([]byte(`{"roleArn":`), *v.RoleArn), '}'))
	}
}

func (d *Details) variables(values map[string]string, details *types.AssignedVariablesDetails) {
	if values != nil {
		buf := []byte{'{'}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			buf = appendText(appendName(buf, name), values[name])
		}
		d.keep("assignedVariables", append(buf, '}'))
	}
	if details != nil {
		d.keep("assignedVariablesDetails", truncated(details.Truncated))
	}
}

func widen(v *int32) *int64 {
	if v == nil {
		return nil
	}
	n := int64(*v)
	return &n
}
