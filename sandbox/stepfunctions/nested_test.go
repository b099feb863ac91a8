package stepfunctions

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// newLoopBench is a bench whose tasks call the service itself.
func newLoopBench(t *testing.T, config Config) *bench {
	t.Helper()
	var url string
	config.EndpointURL = func() string { return url }
	b := newBench(t, config)
	url = b.url
	return b
}

// parentOf is a state machine that starts another one.
func parentOf(child, pattern, more string) string {
	return `{"StartAt":"Start","States":{"Start":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution` + pattern + `",
		"Parameters":{"StateMachineArn":"` + child + `","Name":"nested","Input":{"from.$":"$$.Execution.Name"` + more + `}},"End":true}}}`
}

const childARN = "arn:aws:states:eu-west-1:123456789012:execution:child:nested"

func TestStartExecutionAsATask(t *testing.T) {
	tests := map[string]struct {
		pattern string
		events  []string
		output  map[string]any // of the members that do not depend on the time
	}{
		"request response": {"", []string{
			"3<-2 TaskScheduled", "4<-3 TaskStarted", "5<-4 TaskSucceeded", "6<-5 TaskStateExited", "7<-6 ExecutionSucceeded",
		}, map[string]any{"ExecutionArn": childARN}},
		"sync": {".sync", []string{
			"3<-2 TaskScheduled", "4<-3 TaskStarted", "5<-4 TaskSubmitted", "6<-5 TaskSucceeded", "7<-6 TaskStateExited",
			"8<-7 ExecutionSucceeded",
		}, map[string]any{"ExecutionArn": childARN, "Status": "SUCCEEDED", "Input": `{"from":"run"}`, "Output": `{"from":"run"}`}},
		"sync:2": {".sync:2", []string{
			"3<-2 TaskScheduled", "4<-3 TaskStarted", "5<-4 TaskSubmitted", "6<-5 TaskSucceeded", "7<-6 TaskStateExited",
			"8<-7 ExecutionSucceeded",
		}, map[string]any{
			"ExecutionArn": childARN, "Status": "SUCCEEDED",
			"Input": map[string]any{"from": "run"}, "Output": map[string]any{"from": "run"},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newLoopBench(t, Config{Clock: newMock(t)})
			out, events := b.run(parentOf(b.machine("child", passes), test.pattern, ""), `{}`)
			require.Equal(t, test.events, lines(events)[2:])
			var output map[string]any
			require.NoError(t, json.Unmarshal([]byte(*out.Output), &output))
			for member, want := range test.output {
				require.Equal(t, want, output[member], member)
			}
			require.InDelta(t, 1795420800000, output["StartDate"], 0, "in milliseconds")
			b.await(childARN)
		})
	}
}

// The error of a task that has waited for an execution describes it.
func TestNestedExecutionFails(t *testing.T) {
	for _, pattern := range []string{".sync", ".sync:2"} {
		b := newLoopBench(t, Config{Clock: newMock(t)})
		out, events := b.run(parentOf(b.machine("child", fails), pattern, ""), `{}`)
		require.Equal(t, "States.TaskFailed", *out.Error)
		require.JSONEq(t, `{"Cause":"C","Error":"E","ExecutionArn":"`+childARN+`","Input":"{\"from\":\"run\"}",
			"InputDetails":{"Included":true},"Name":"nested","RedriveCount":0,"RedriveStatus":"REDRIVABLE","StartDate":1795420800000,
			"StateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:child","Status":"FAILED","StopDate":1795420800000}`, *out.Cause)
		require.Equal(t, []string{"5<-4 TaskSubmitted", "6<-5 TaskFailed", "7<-6 ExecutionFailed"}, lines(events)[4:])
	}
}

func TestStartExecutionFails(t *testing.T) {
	b := newLoopBench(t, Config{})
	out, events := b.run(parentOf("arn:aws:states:eu-west-1:123456789012:stateMachine:none", ".sync", ""), `{}`)
	require.Equal(t, "StepFunctions.StateMachineDoesNotExistException", *out.Error)
	require.Regexp(t, `^State Machine Does Not Exist: '[^']+' \(Service: AWSStepFunctions; Status Code: 400; `+
		`Error Code: StateMachineDoesNotExist; Request ID: [^;]+; Proxy: null\)$`, *out.Cause)
	require.Equal(t, []string{"5<-4 TaskFailed", "6<-5 ExecutionFailed"}, lines(events)[4:])
}

// What a task has started under .sync is stopped with it: here because its own execution is stopped.
func TestStoppingTheParentStopsTheChild(t *testing.T) {
	for pattern, want := range map[string]types.ExecutionStatus{
		".sync": types.ExecutionStatusAborted, ".sync:2": types.ExecutionStatusAborted, "": types.ExecutionStatusRunning,
	} {
		clock := newMock(t)
		b := newLoopBench(t, Config{Clock: clock})
		trap := clock.Trap().NewTimer(interpreter.WaitTimer)
		parent := b.start(b.machine("parent", parentOf(b.machine("child", waits), pattern, "")), "run", `{}`)
		trap.MustWait(b.ctx).MustRelease(b.ctx)
		trap.Close()
		if pattern == "" {
			b.await(parent)
		} else {
			b.awaitEvent(parent, func(e interpreter.Event) bool { return e.Type == "TaskSubmitted" })
		}
		_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &parent})
		require.NoError(t, err)
		if want == types.ExecutionStatusAborted {
			require.Equal(t, want, b.await(childARN).Status)
		}
		described, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: new(childARN)})
		require.NoError(t, err)
		require.Equal(t, want, described.Status, pattern)
	}
}

// The owner of the token may end a .sync task before the execution does.
func TestTokenEndsASyncTask(t *testing.T) {
	clock := newMock(t)
	b := newLoopBench(t, Config{Clock: clock})
	trap := clock.Trap().NewTimer(interpreter.WaitTimer)
	defer trap.Close()
	parent := b.start(b.machine("parent", parentOf(b.machine("child", waits), ".sync", `,"token.$":"$$.Task.Token"`)), "run", `{}`)
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	b.awaitEvent(parent, func(e interpreter.Event) bool { return e.Type == "TaskSubmitted" })
	child, err := b.service.execution(childARN)
	require.NoError(t, err)
	var input struct{ Token string }
	require.NoError(t, json.Unmarshal([]byte(child.InputText), &input))
	_, err = b.SendTaskSuccess(b.ctx, &sfn.SendTaskSuccessInput{TaskToken: &input.Token, Output: new(`"by token"`)})
	require.NoError(t, err)
	require.Equal(t, `"by token"`, *b.await(parent).Output)
}

// Without .sync a started execution is not waited for, but its task's token is.
func TestStartedExecutionHasTheToken(t *testing.T) {
	b := newLoopBench(t, Config{})
	child := b.machine("child", `{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
		"Parameters":{"TaskToken.$":"$.token","Output":{"by":"child"}},"End":true}}}`)
	out, events := b.run(parentOf(child, ".waitForTaskToken", `,"token.$":"$$.Task.Token"`), `{}`)
	require.JSONEq(t, `{"by":"child"}`, *out.Output)
	require.Equal(t, []string{"5<-4 TaskSubmitted", "6<-5 TaskSucceeded", "7<-6 TaskStateExited", "8<-7 ExecutionSucceeded"}, lines(events)[4:])
	require.Equal(t, types.ExecutionStatusSucceeded, b.await(childARN).Status)
}

func TestStepFunctionsOverTheSDKIntegration(t *testing.T) {
	b := newLoopBench(t, Config{Clock: newMock(t)})
	child := b.machine("child", passes)
	out, _ := b.run(`{"StartAt":"Start","States":{
		"Start":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:startExecution",
			"Parameters":{"StateMachineArn":"`+child+`","Name":"nested","Input":{"a":1}},"ResultPath":"$.started","Next":"Describe"},
		"Describe":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:describeExecution",
			"Parameters":{"ExecutionArn.$":"$.started.ExecutionArn"},"ResultPath":"$.described","End":true}}}`, `{}`)
	var output struct {
		Started   map[string]any
		Described struct{ Input, StartDate string }
	}
	require.NoError(t, json.Unmarshal([]byte(*out.Output), &output))
	require.Equal(t, map[string]any{"ExecutionArn": childARN, "StartDate": "2026-11-23T08:00:00.000Z"}, output.Started)
	require.Equal(t, `{"a":1}`, output.Described.Input)
	require.Equal(t, "2026-11-23T08:00:00.000Z", output.Described.StartDate)

	failed, _ := b.run(`{"StartAt":"D","States":{"D":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:describeExecution",
		"Parameters":{"ExecutionArn":"`+strings.Replace(childARN, "nested", "none", 1)+`"},"End":true}}}`, `{}`)
	require.Equal(t, "Sfn.ExecutionDoesNotExistException", *failed.Error)
}

func TestLambdaOverTheSDKIntegration(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
		result := failing("Broken")
		result.ExecutedVersion = "$LATEST"
		return result, nil
	}})
	out, _ := b.run(`{"StartAt":"F","States":{"F":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:lambda:invoke",
		"Parameters":{"FunctionName":"f"},"End":true}}}`, `{}`)
	require.JSONEq(t, `{"ExecutedVersion":"$LATEST","FunctionError":"Unhandled","StatusCode":200,
		"Payload":"{\"errorMessage\":\"no\",\"errorType\":\"Broken\"}"}`, *out.Output)
}
