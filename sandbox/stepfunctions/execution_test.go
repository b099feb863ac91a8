package stepfunctions

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

const functionTask = `"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:f"`

// failing is the answer of a function that has failed as the Go runtime reports it.
func failing(errorType string) LambdaResult {
	return LambdaResult{Payload: fmt.Appendf(nil, `{"errorMessage":"no","errorType":"%s"}`, errorType), FunctionError: "Unhandled"}
}

// expectDelays moves a mock clock past each of these timers, in turn.
func expectDelays(ctx context.Context, t *testing.T, clock *quartz.Mock, trap *quartz.Trap, delays ...time.Duration) {
	t.Helper()
	for _, want := range delays {
		call := trap.MustWait(ctx)
		require.Equal(t, want, call.Duration)
		call.MustRelease(ctx)
		clock.Advance(want).MustWait(ctx)
	}
}

func TestRetriesWithBackoffThenSucceeds(t *testing.T) {
	clock := newMock(t)
	var calls atomic.Int64
	b := newBench(t, Config{Clock: clock, InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
		if calls.Add(1) < 4 {
			return failing("Flaky"), nil
		}
		return LambdaResult{Payload: []byte(`"done"`)}, nil
	}})
	trap := clock.Trap().NewTimer(interpreter.RetryTimer)
	defer trap.Close()
	arn := b.start(b.machine("m", `{"StartAt":"T","States":{"T":{`+functionTask+`,
		"Retry":[{"ErrorEquals":["Other"],"MaxAttempts":9},{"ErrorEquals":["Flaky"],"IntervalSeconds":2,"MaxAttempts":3,"MaxDelaySeconds":5}],
		"End":true}}}`), "x", `{}`)
	expectDelays(b.ctx, t, clock, trap, 2*time.Second, 4*time.Second, 5*time.Second)
	require.Equal(t, `"done"`, *b.await(arn).Output)
	require.Equal(t, []string{
		"1<-0 ExecutionStarted", "2<-0 TaskStateEntered",
		"3<-2 LambdaFunctionScheduled", "4<-3 LambdaFunctionStarted", "5<-4 LambdaFunctionFailed",
		"6<-5 LambdaFunctionScheduled", "7<-6 LambdaFunctionStarted", "8<-7 LambdaFunctionFailed",
		"9<-8 LambdaFunctionScheduled", "10<-9 LambdaFunctionStarted", "11<-10 LambdaFunctionFailed",
		"12<-11 LambdaFunctionScheduled", "13<-12 LambdaFunctionStarted", "14<-13 LambdaFunctionSucceeded",
		"15<-14 TaskStateExited", "16<-15 ExecutionSucceeded",
	}, b.lines(arn))
}

// The context object counts retries and has the time of the StateEntered event, to the millisecond.
func TestContextObjectOfATask(t *testing.T) {
	clock := newMock(t)
	var mu sync.Mutex
	var payloads []string
	b := newBench(t, Config{Clock: clock, InvokeLambda: func(_ context.Context, _ string, payload []byte, _ string, _ bool) (LambdaResult, error) {
		mu.Lock()
		defer mu.Unlock()
		payloads = append(payloads, string(payload))
		if len(payloads) == 1 {
			return failing("Flaky"), nil
		}
		return LambdaResult{Payload: []byte(`null`)}, nil
	}})
	trap := clock.Trap().NewTimer(interpreter.RetryTimer)
	defer trap.Close()
	arn := b.start(b.machine("m", `{"StartAt":"T","States":{"T":{`+functionTask+`,
		"Parameters":{"name.$":"$$.State.Name","entered.$":"$$.State.EnteredTime","retries.$":"$$.State.RetryCount","id.$":"$$.Execution.Id"},
		"Retry":[{"ErrorEquals":["States.ALL"]}],"End":true}}}`), "x", `{}`)
	expectDelays(b.ctx, t, clock, trap, time.Second)
	b.await(arn)
	for n, payload := range payloads {
		require.JSONEq(t, fmt.Sprintf(`{"name":"T","entered":"2026-11-23T08:00:00.000Z","retries":%d,"id":"%s"}`, n, arn), payload)
	}
	require.Len(t, payloads, 2)
}

func TestTaskTimesOutAndIsCaught(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock, InvokeLambda: func(ctx context.Context, _ string, _ []byte, _ string, _ bool) (LambdaResult, error) {
		<-ctx.Done() // until the sandbox is closed: a timeout of the task does not stop the function
		return LambdaResult{}, ctx.Err()
	}})
	trap := clock.Trap().NewTimer(interpreter.TimeoutTimer)
	defer trap.Close()
	arn := b.start(b.machine("m", `{"StartAt":"T","States":{
		"T":{`+functionTask+`,"TimeoutSeconds":30,"Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"No"},
			{"ErrorEquals":["States.Timeout"],"ResultPath":"$.error","Next":"Yes"}],"End":true},
		"Yes":{"Type":"Pass","End":true},"No":{"Type":"Fail"}}}`), "x", `{"a":1}`)
	expectDelays(b.ctx, t, clock, trap, 30*time.Second)
	out := b.await(arn)
	require.Equal(t, types.ExecutionStatusSucceeded, out.Status)
	require.Contains(t, *out.Output, `"Error":"States.Timeout"`)
	require.Equal(t, []string{
		"5<-4 LambdaFunctionTimedOut", "6<-5 TaskStateExited", "7<-6 PassStateEntered", "8<-7 PassStateExited", "9<-8 ExecutionSucceeded",
	}, b.lines(arn)[4:])
}

func TestExecutionTimesOut(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock})
	trap := clock.Trap().NewTimer(interpreter.WaitTimer)
	defer trap.Close()
	arn := b.start(b.machine("m", `{"StartAt":"W","TimeoutSeconds":60,"States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}`), "x", `{}`)
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	clock.Advance(time.Minute).MustWait(b.ctx)
	out := b.await(arn)
	require.Equal(t, types.ExecutionStatusTimedOut, out.Status)
	require.Equal(t, time.Minute, out.StopDate.Sub(*out.StartDate))
	require.Equal(t, []string{"1<-0 ExecutionStarted", "2<-0 WaitStateEntered", "3<-0 ExecutionTimedOut"}, b.lines(arn))
}

func TestMapKeepsToMaxConcurrency(t *testing.T) {
	var now, wrong atomic.Int64
	var once sync.Once
	release := make(chan struct{})
	b := newBench(t, Config{InvokeLambda: func(_ context.Context, _ string, payload []byte, _ string, _ bool) (LambdaResult, error) {
		switch n := now.Add(1); {
		case n == 3:
			once.Do(func() { close(release) })
		case n > 3:
			wrong.Add(1)
		}
		<-release
		now.Add(-1)
		return LambdaResult{Payload: payload}, nil
	}})
	out, events := b.run(`{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":3,"End":true,
		"ItemSelector":{"index.$":"$$.Map.Item.Index","value.$":"$$.Map.Item.Value"},
		"ItemProcessor":{"StartAt":"T","States":{"T":{`+functionTask+`,"End":true}}}}}}`, `["a","b","c","d","e","f","g"]`)
	require.Equal(t, `[{"index":0,"value":"a"},{"index":1,"value":"b"},{"index":2,"value":"c"},{"index":3,"value":"d"},`+
		`{"index":4,"value":"e"},{"index":5,"value":"f"},{"index":6,"value":"g"}]`, strings.ReplaceAll(*out.Output, " ", ""))
	require.Zero(t, wrong.Load(), "more than three at once")

	byID := map[int64]types.HistoryEvent{}
	followsStart := 0
	var lastSucceeded int64
	for _, e := range events {
		byID[e.Id] = e
		switch e.Type { //nolint:exhaustive // the others say nothing about order
		case types.HistoryEventTypeMapIterationStarted:
			previous := byID[e.PreviousEventId].Type
			if previous == types.HistoryEventTypeMapStateStarted {
				followsStart++
				continue
			}
			require.Equal(t, types.HistoryEventTypeTaskStateExited, previous, "takes the place of an earlier iteration")
		case types.HistoryEventTypeMapIterationSucceeded:
			lastSucceeded = e.Id
		case types.HistoryEventTypeMapStateSucceeded, types.HistoryEventTypeMapStateExited:
			require.Equal(t, lastSucceeded, e.PreviousEventId)
		}
	}
	require.Equal(t, 3, followsStart)
}

// One of three iterations fails while the others are under way.
func TestMapFailureClosesTheOtherIterations(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock, InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
		return failing("Boom"), nil
	}})
	trap := clock.Trap().NewTimer(interpreter.WaitTimer)
	defer trap.Close()
	arn := b.start(b.machine("m", `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"Catch":[{"ErrorEquals":["Boom"],"Next":"Z"}],
		"ItemProcessor":{"StartAt":"C","States":{
			"C":{"Type":"Choice","Choices":[{"Variable":"$.wait","NumericGreaterThan":0,"Next":"W"}],"Default":"T"},
			"W":{"Type":"Wait","SecondsPath":"$.wait","Next":"T"},
			"T":{`+functionTask+`,"End":true}}}},"Z":{"Type":"Succeed"}}}`), "x", `[{"wait":60},{"wait":5},{"wait":60}]`)
	for range 3 {
		trap.MustWait(b.ctx).MustRelease(b.ctx)
	}
	clock.Advance(5 * time.Second).MustWait(b.ctx)
	require.Equal(t, types.ExecutionStatusSucceeded, b.await(arn).Status)
	events := b.history(arn)
	var failed int64
	for _, e := range events {
		if e.Type == types.HistoryEventTypeLambdaFunctionFailed {
			failed = e.Id
		}
	}
	after := make([]string, 0, len(events))
	for _, e := range events[failed:] {
		after = append(after, fmt.Sprintf("%+d<-%+d %s", e.Id-failed, e.PreviousEventId-failed, e.Type))
	}
	require.Equal(t, []string{
		"+1<-+0 MapIterationAborted", "+2<-+0 WaitStateAborted",
		"+3<-+0 MapIterationFailed", "+4<-+0 TaskStateAborted",
		"+5<-+0 MapIterationAborted", "+6<-+0 WaitStateAborted",
		"+7<-+0 MapStateFailed", "+8<-+7 MapStateExited",
		"+9<-+8 SucceedStateEntered", "+10<-+9 SucceedStateExited", "+11<-+10 ExecutionSucceeded",
	}, after)
	require.Equal(t, int32(1), events[failed+2].MapIterationFailedEventDetails.Index)
}

// A Parallel state within a branch is open when the other branch fails.
func TestFailureAbortsNestedStates(t *testing.T) {
	clock := newMock(t)
	hold := make(chan struct{})
	b := newBench(t, Config{Clock: clock, InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
		<-hold
		return failing("Boom"), nil
	}})
	trap := clock.Trap().NewTimer(interpreter.WaitTimer)
	defer trap.Close()
	arn := b.start(b.machine("m", `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"Q","States":{"Q":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}]}}},
		{"StartAt":"T","States":{"T":{`+functionTask+`,"End":true}}}]}}}`), "x", `{}`)
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	close(hold)
	require.Equal(t, types.ExecutionStatusFailed, b.await(arn).Status)
	lines := b.lines(arn)
	require.Contains(t, lines[len(lines)-6], "LambdaFunctionFailed")
	require.Equal(t, []string{
		"11<-10 ParallelStateAborted", "12<-10 WaitStateAborted", "13<-10 TaskStateAborted",
		"14<-10 ParallelStateFailed", "15<-14 ExecutionFailed",
	}, lines[len(lines)-5:])
}

func TestEndlessLoopReachesTheHistoryQuota(t *testing.T) {
	b := newBench(t, Config{})
	arn := b.start(b.machine("m", `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},
		"B":{"Type":"Choice","Choices":[{"Variable":"$.stop","IsPresent":true,"Next":"Z"}],"Default":"A"},"Z":{"Type":"Succeed"}}}`), "x", `{}`)
	out := b.await(arn)
	require.Equal(t, types.ExecutionStatusFailed, out.Status)
	require.Equal(t, "States.Runtime", *out.Error)
	require.Len(t, b.history(arn), 25000)
}

func TestLambdaServiceErrors(t *testing.T) {
	tests := map[string]struct {
		err        error
		name, part string
	}{
		"of the service": {
			&awswire.Error{Code: "TooManyRequestsException", Message: "Rate exceeded", Status: 429},
			"Lambda.TooManyRequestsException", "Rate exceeded (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; ",
		},
		"of the way there": {fmt.Errorf("connection refused"), "Lambda.SdkClientException", "connection refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
				return LambdaResult{}, test.err
			}})
			out, _ := b.run(`{"StartAt":"T","States":{"T":{`+functionTask+`,"End":true}}}`, `{}`)
			require.Equal(t, test.name, *out.Error)
			require.Contains(t, *out.Cause, test.part)
		})
	}
}

func TestFunctionErrorWithoutAName(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
		return LambdaResult{Payload: []byte(`{"message":"no"}`), FunctionError: "Unhandled"}, nil
	}})
	out, _ := b.run(`{"StartAt":"T","States":{"T":{`+functionTask+`,"End":true}}}`, `{}`)
	require.Equal(t, "Lambda.Unknown", *out.Error)
	require.Contains(t, *out.Cause, `Returned payload: {"message":"no"}`)
}

func TestLambdaInvokeArguments(t *testing.T) {
	type call struct{ arn, payload string }
	calls := make(chan call, 1)
	b := newBench(t, Config{InvokeLambda: func(_ context.Context, arn string, payload []byte, _ string, _ bool) (LambdaResult, error) {
		calls <- call{arn, string(payload)}
		return LambdaResult{Payload: []byte(`{}`), RequestID: "id-1", ExecutedVersion: "7"}, nil
	}})
	arn := "arn:aws:lambda:eu-west-1:123456789012:function:f"
	tests := map[string]struct {
		parameters string
		want       call
		output     string // a part of it
	}{
		"a name":            {`{"FunctionName":"f","Payload":{"n":9007199254740993}}`, call{arn, `{"n":9007199254740993}`}, `"ExecutedVersion":"7"`},
		"a name with alias": {`{"FunctionName":"f:live"}`, call{arn + ":live", `{}`}, `"SdkResponseMetadata":{"RequestId":"id-1"}`},
		"a partial ARN":     {`{"FunctionName":"123456789012:function:f","Qualifier":"7"}`, call{arn + ":7", `{}`}, `"StatusCode":200`},
		"an ARN":            {`{"FunctionName":"` + arn + `","Payload":[1]}`, call{arn, `[1]`}, `"StatusCode":200`},
		"a payload of text": {`{"FunctionName":"f","Payload":"{\"a\":1}"}`, call{arn, `{"a":1}`}, `"StatusCode":200`},
		"an event":          {`{"FunctionName":"f","InvocationType":"Event"}`, call{arn, `{}`}, `"StatusCode":202`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out, _ := b.run(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
				"Parameters":`+test.parameters+`,"End":true}}}`, `{}`)
			require.Equal(t, test.want, <-calls)
			require.Contains(t, *out.Output, test.output)
		})
	}
	for name, parameters := range map[string]string{
		"Lambda.InvalidRequestContentException": `{"FunctionName":"f","Payload":"no JSON"}`,
		"Lambda.InvalidParameterValueException": `{"FunctionName":"f","InvocationType":"DryRun"}`,
		"Lambda.ValidationException":            `{"FunctionName":""}`,
	} {
		out, _ := b.run(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
			"Parameters":`+parameters+`,"End":true}}}`, `{}`)
		require.Equal(t, name, *out.Error)
	}
}

func TestUnsupportedPartsSaySo(t *testing.T) {
	b := newBench(t, Config{})
	tests := map[string]string{
		`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::sns:publish","Parameters":{},"End":true}}}`:             "The sandbox does not support the resource arn:aws:states:::sns:publish.",
		`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:putBucketAcl","Parameters":{},"End":true}}}`: "The sandbox does not support the resource arn:aws:states:::aws-sdk:s3:putBucketAcl.",
	}
	for definition, want := range tests {
		out, _ := b.run(definition, `[]`)
		require.Equal(t, "States.Runtime", *out.Error)
		require.Contains(t, *out.Cause, want)
	}
}

func TestManyExecutionsAtOnce(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: func(_ context.Context, _ string, payload []byte, _ string, _ bool) (LambdaResult, error) {
		return LambdaResult{Payload: payload}, nil
	}})
	machine := b.machine("m", strings.Replace(referenceWorkflow, `"Seconds": 10`, `"Seconds": 0`, 1))
	var starts sync.WaitGroup
	for n := range 50 {
		starts.Go(func() {
			_, err := b.service.StartExecution(b.ctx, StartExecutionInput{
				StateMachineARN: machine, Name: fmt.Sprint(n), Input: aws.String(fmt.Sprint(n)),
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	starts.Wait()
	for n := range 50 {
		out := b.await(b.service.executionARN("m", fmt.Sprint(n)))
		require.Equal(t, fmt.Sprintf("[%d,%d]", n, n), *out.Output)
	}
}

func TestCloseLeavesRunningExecutionsOpen(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: func(ctx context.Context, _ string, _ []byte, _ string, _ bool) (LambdaResult, error) {
		<-ctx.Done()
		return LambdaResult{}, ctx.Err()
	}})
	machine := b.machine("m", `{"StartAt":"T","States":{"T":{`+functionTask+`,"End":true}}}`)
	arn := b.start(machine, "x", `{}`)
	require.NoError(t, b.service.Close(b.ctx))
	out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	require.NoError(t, err)
	require.Equal(t, types.ExecutionStatusRunning, out.Status)
	_, err = b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &machine})
	requireCode(t, "ServiceUnavailable", err)
	http.DefaultClient.CloseIdleConnections()
}

func TestResultsOverTheQuota(t *testing.T) {
	large := LambdaResult{Payload: []byte(`"` + strings.Repeat("x", 200_000) + `"`)}
	b := newBench(t, Config{InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
		return large, nil
	}})
	branch := `{"StartAt":"T%d","States":{"T%d":{` + functionTask + `,"End":true}}}`
	out, events := b.run(`{"StartAt":"P","States":{
		"P":{"Type":"Parallel","Branches":[`+fmt.Sprintf(branch, 1, 1)+`,`+fmt.Sprintf(branch, 2, 2)+`],"End":true,
			"Catch":[{"ErrorEquals":["States.DataLimitExceeded"],"Next":"Z"}]},
		"Z":{"Type":"Fail","ErrorPath":"$.Error","CausePath":"$.Cause"}}}`, `{}`)
	require.Equal(t, "States.DataLimitExceeded", *out.Error)
	require.Equal(t, "The state/task 'P' returned a result with a size exceeding the maximum number of bytes service limit.",
		*out.Cause)
	require.Equal(t, types.HistoryEventTypeFailStateEntered, events[len(events)-2].Type)
}
