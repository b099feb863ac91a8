package stepfunctions

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// referenceWorkflow is the shape of image-workflow: Parallel{Lambda ‖ Wait 10 s → Lambda}.
const referenceWorkflow = `{
  "Comment": "Transcode images using AWS Step functions.",
  "StartAt": "Parallel",
  "States": {"Parallel": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "Lambda-Image metadata", "States": {"Lambda-Image metadata": {
      "Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:metadata", "End": true}}},
    {"StartAt": "Wait 10s", "States": {
      "Wait 10s": {"Type": "Wait", "Seconds": 10, "Next": "Lambda-Rekognition"},
      "Lambda-Rekognition": {
        "Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:rekognition", "End": true}}}
  ]}}
}`

const (
	metadataFunction    = "arn:aws:lambda:eu-west-1:123456789012:function:metadata"
	rekognitionFunction = "arn:aws:lambda:eu-west-1:123456789012:function:rekognition"
)

// functions answers invocations by function ARN and remembers them.
type functions struct {
	answers map[string]LambdaResult

	mu      sync.Mutex
	invoked map[string]string // trace header by ARN
}

func (f *functions) invoke(_ context.Context, arn string, payload []byte, header string, _ bool) (LambdaResult, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.invoked == nil {
		f.invoked = map[string]string{}
	}
	f.invoked[arn] = header
	result := f.answers[arn]
	if result.Payload == nil {
		result.Payload = payload
	}
	return result, nil
}

// runReference runs the reference workflow: the metadata function first, then the Wait state's 10 seconds.
func runReference(t *testing.T, f *functions) (*bench, string) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock, InvokeLambda: f.invoke})
	trap := clock.Trap().NewTimer(interpreter.WaitTimer)
	defer trap.Close()
	arn := b.start(b.machine("images", referenceWorkflow), "upload-1", `{"detail":{"n":9007199254740993}}`)
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	b.awaitEvent(arn, func(e interpreter.Event) bool {
		return e.Type == "TaskStateExited" || e.Type == "LambdaFunctionFailed"
	})
	clock.Advance(10 * time.Second).MustWait(b.ctx)
	return b, arn
}

// awaitEvent waits until the history has such an event.
func (b *bench) awaitEvent(arn string, wanted func(interpreter.Event) bool) {
	b.t.Helper()
	x, err := b.service.execution(arn)
	require.NoError(b.t, err)
	require.Eventually(b.t, func() bool {
		for _, e := range x.History.Events() {
			if wanted(e) {
				return true
			}
		}
		return false
	}, 10*time.Second, time.Millisecond)
}

func TestReferenceWorkflowSucceeds(t *testing.T) {
	f := &functions{answers: map[string]LambdaResult{
		metadataFunction:    {Payload: []byte(`{"filename":"a.png"}`)},
		rekognitionFunction: {Payload: []byte(`[{"Confidence":99.5}]`)},
	}}
	b, arn := runReference(t, f)
	out := b.await(arn)
	require.Equal(t, types.ExecutionStatusSucceeded, out.Status)
	require.Equal(t, `[{"filename":"a.png"},[{"Confidence":99.5}]]`, *out.Output)
	require.Equal(t, 10*time.Second, out.StopDate.Sub(*out.StartDate))

	events := b.history(arn)
	last := events[len(events)-1]
	require.Equal(t, types.HistoryEventTypeExecutionSucceeded, last.Type)
	byType := map[types.HistoryEventType][]types.HistoryEvent{}
	for _, e := range events {
		byType[e.Type] = append(byType[e.Type], e)
	}
	started := byType[types.HistoryEventTypeParallelStateStarted][0]
	for _, root := range []types.HistoryEvent{
		byType[types.HistoryEventTypeTaskStateEntered][0], byType[types.HistoryEventTypeWaitStateEntered][0],
	} {
		require.Equal(t, started.Id, root.PreviousEventId, "a branch's first event points to ParallelStateStarted")
	}
	exits := byType[types.HistoryEventTypeTaskStateExited]
	for _, e := range append(byType[types.HistoryEventTypeParallelStateSucceeded], byType[types.HistoryEventTypeParallelStateExited]...) {
		require.Equal(t, exits[1].Id, e.PreviousEventId, "%s points to the last inner event", e.Type)
	}
	require.Len(t, byType[types.HistoryEventTypeLambdaFunctionSucceeded], 2)
	require.Equal(t, `{"detail":{"n":9007199254740993}}`,
		*byType[types.HistoryEventTypeLambdaFunctionScheduled][1].LambdaFunctionScheduledEventDetails.Input)

	header := f.invoked[metadataFunction]
	require.Regexp(t, `^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`, header)
	root, _, _ := strings.Cut(header, ";")
	require.True(t, strings.HasPrefix(f.invoked[rekognitionFunction], root+";"), "one root for the whole execution")
}

func TestReferenceWorkflowFails(t *testing.T) {
	cause := `{"errorMessage":"InvalidImageFormatException: not an image","errorType":"errorString"}`
	b, arn := runReference(t, &functions{answers: map[string]LambdaResult{
		metadataFunction:    {Payload: []byte(`{}`)},
		rekognitionFunction: {Payload: []byte(cause), FunctionError: "Unhandled"},
	}})
	out := b.await(arn)
	require.Equal(t, types.ExecutionStatusFailed, out.Status)
	require.Equal(t, "errorString", *out.Error)
	require.Equal(t, cause, *out.Cause)

	events := b.history(arn)
	tail := events[len(events)-5:]
	failed := tail[1].Id
	require.Equal(t, []types.HistoryEventType{
		types.HistoryEventTypeLambdaFunctionStarted, types.HistoryEventTypeLambdaFunctionFailed,
		types.HistoryEventTypeTaskStateAborted, types.HistoryEventTypeParallelStateFailed, types.HistoryEventTypeExecutionFailed,
	}, []types.HistoryEventType{tail[0].Type, tail[1].Type, tail[2].Type, tail[3].Type, tail[4].Type})
	require.Equal(t, []int64{failed, failed, tail[3].Id},
		[]int64{tail[2].PreviousEventId, tail[3].PreviousEventId, tail[4].PreviousEventId})
	require.Equal(t, cause, *tail[1].LambdaFunctionFailedEventDetails.Cause)
}

// The metadata branch fails while the other one waits: the Wait state is aborted, and nothing waits any longer.
func TestFailureAbortsTheWaitingBranch(t *testing.T) {
	clock := newMock(t)
	hold := make(chan struct{})
	b := newBench(t, Config{Clock: clock, InvokeLambda: func(ctx context.Context, _ string, _ []byte, _ string, _ bool) (LambdaResult, error) {
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return LambdaResult{Payload: []byte(`{"errorType":"Boom"}`), FunctionError: "Unhandled"}, nil
	}})
	trap := clock.Trap().NewTimer(interpreter.WaitTimer)
	defer trap.Close()
	arn := b.start(b.machine("images", referenceWorkflow), "upload-1", `{}`)
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	close(hold)
	require.Equal(t, types.ExecutionStatusFailed, b.await(arn).Status)
	events := lines(b.history(arn))
	require.Contains(t, events[len(events)-5], "LambdaFunctionFailed")
	require.Equal(t, []string{
		"9<-8 TaskStateAborted", "10<-8 WaitStateAborted", "11<-8 ParallelStateFailed",
		"12<-11 ExecutionFailed",
	}, events[len(events)-4:])
}

func TestStopExecutionAborts(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock})
	trap := clock.Trap().NewTimer(interpreter.WaitTimer)
	defer trap.Close()
	arn := b.start(b.machine("waits", `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}`), "x", `{}`)
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	name, cause := "Stopped", "by hand"
	_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &arn, Error: &name, Cause: &cause})
	require.NoError(t, err)
	out := b.await(arn)
	require.Equal(t, types.ExecutionStatusAborted, out.Status)
	require.Equal(t, []string{"Stopped", "by hand"}, []string{*out.Error, *out.Cause})
	require.Equal(t, []string{"1<-0 ExecutionStarted", "2<-0 WaitStateEntered", "3<-0 ExecutionAborted"}, b.lines(arn))
}
