package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// repairable are functions that fail until they are repaired; each echoes its payload then.
type repairable struct {
	hold     chan struct{} // if not nil, they answer when it is closed
	mu       sync.Mutex
	broken   map[string]bool
	payloads []string
}

func (r *repairable) invoke(_ context.Context, arn string, payload []byte, _ string, _ bool) (LambdaResult, error) {
	if r.hold != nil {
		<-r.hold
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.payloads = append(r.payloads, string(payload))
	name := arn[strings.LastIndexByte(arn, ':')+1:]
	if r.broken[name] || r.broken[name+string(payload)] {
		return failing("Broken"), nil
	}
	return LambdaResult{Payload: payload}, nil
}

func (r *repairable) repair() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = nil
}

func taskOf(function string) string {
	return `"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:` + function + `"`
}

func (b *bench) redrive(arn, token string) time.Time {
	b.t.Helper()
	out, err := b.RedriveExecution(b.ctx, &sfn.RedriveExecutionInput{ExecutionArn: &arn, ClientToken: &token})
	require.NoError(b.t, err)
	return *out.RedriveDate
}

// types of the events as "id<-previous Type", from the redrive on.
func (b *bench) sinceRedrive(arn string) []string {
	b.t.Helper()
	all := b.lines(arn)
	for n, line := range all {
		if strings.HasSuffix(line, "ExecutionRedriven") {
			return all[n:]
		}
	}
	b.t.Fatalf("%s was not redriven:\n%v", arn, all)
	return nil
}

// The failed state is tried again from where it was entered; what came before keeps its result, and the attempts of
// Retry are counted anew.
func TestRedriveGoesOnWithTheFailedState(t *testing.T) {
	clock := newMock(t)
	r := &repairable{broken: map[string]bool{"work": true}}
	b := newBench(t, Config{Clock: clock, InvokeLambda: r.invoke})
	trap := clock.Trap().NewTimer(interpreter.RetryTimer)
	defer trap.Close()
	arn := b.start(b.machine("m", `{"StartAt":"Before","States":{
		"Before":{`+taskOf("before")+`,"ResultPath":"$.before","Next":"Work"},
		"Work":{`+taskOf("work")+`,"Parameters":{"retries.$":"$$.State.RetryCount","redrives.$":"$$.Execution.RedriveCount",
			"entered.$":"$$.State.EnteredTime"},"Retry":[{"ErrorEquals":["Broken"],"MaxAttempts":1}],"Next":"After"},
		"After":{"Type":"Pass","Parameters":{"work.$":"$","time.$":"$$.Execution.RedriveTime"},"End":true}}}`), "x", `{"a":1}`)
	expectDelays(b.ctx, t, clock, trap, time.Second)
	failed := b.await(arn)
	require.Equal(t, types.ExecutionRedriveStatusRedrivable, failed.RedriveStatus)
	require.Nil(t, failed.RedriveDate)

	clock.Advance(time.Minute).MustWait(b.ctx)
	date := b.redrive(arn, "first")
	expectDelays(b.ctx, t, clock, trap, time.Second)
	again := b.await(arn)
	require.Equal(t, types.ExecutionStatusFailed, again.Status)
	require.EqualValues(t, 1, *again.RedriveCount)
	require.Equal(t, date, *again.RedriveDate)
	r.repair()
	require.True(t, b.redrive(arn, "second").After(date.Add(-time.Millisecond)))
	out := b.await(arn)
	require.Equal(t, types.ExecutionStatusSucceeded, out.Status)
	require.JSONEq(t, `{"work":{"retries":0,"redrives":2,"entered":"2026-11-23T08:00:00.000Z"},"time":"2026-11-23T08:01:02.000Z"}`, *out.Output)
	require.Equal(t, types.ExecutionRedriveStatusNotRedrivable, out.RedriveStatus)
	require.Equal(t, "Execution is SUCCEEDED and cannot be redriven", *out.RedriveStatusReason)
	require.Equal(t, []string{
		"15<-14 ExecutionRedriven",
		"16<-7 LambdaFunctionScheduled", "17<-16 LambdaFunctionStarted", "18<-17 LambdaFunctionFailed",
		"19<-18 LambdaFunctionScheduled", "20<-19 LambdaFunctionStarted", "21<-20 LambdaFunctionFailed",
		"22<-21 ExecutionFailed", "23<-22 ExecutionRedriven",
		"24<-7 LambdaFunctionScheduled", "25<-24 LambdaFunctionStarted", "26<-25 LambdaFunctionSucceeded",
		"27<-26 TaskStateExited", "28<-27 PassStateEntered", "29<-28 PassStateExited", "30<-29 ExecutionSucceeded",
	}, b.sinceRedrive(arn))
	events := b.history(arn)
	require.EqualValues(t, 1, *events[14].ExecutionRedrivenEventDetails.RedriveCount)
	require.EqualValues(t, 2, *events[22].ExecutionRedrivenEventDetails.RedriveCount)
	require.Equal(t, []string{
		`{"a":1}`,
		`{"retries":0,"redrives":0,"entered":"2026-11-23T08:00:00.000Z"}`, `{"retries":1,"redrives":0,"entered":"2026-11-23T08:00:00.000Z"}`,
		`{"retries":0,"redrives":1,"entered":"2026-11-23T08:00:00.000Z"}`, `{"retries":1,"redrives":1,"entered":"2026-11-23T08:00:00.000Z"}`,
		`{"retries":0,"redrives":2,"entered":"2026-11-23T08:00:00.000Z"}`,
	}, r.payloads)
}

func TestRedriveRunsOnlyUnsuccessfulBranches(t *testing.T) {
	r := &repairable{broken: map[string]bool{"bad": true}, hold: make(chan struct{})}
	b := newBench(t, Config{InvokeLambda: r.invoke})
	arn := b.start(b.machine("m", `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"Good","States":{"Good":{"Type":"Pass","Result":"kept","End":true}}},
		{"StartAt":"First","States":{"First":{"Type":"Pass","Next":"Bad"},"Bad":{`+taskOf("bad")+`,"End":true}}}]}}}`), "x", `{"a":1}`)
	b.awaitEvent(arn, func(e interpreter.Event) bool { return e.Type == "PassStateExited" && e.Details.Name == "Good" })
	close(r.hold)
	require.Equal(t, types.ExecutionStatusFailed, b.await(arn).Status)
	before := len(b.history(arn))
	r.repair()
	b.redrive(arn, "once")
	out := b.await(arn)
	require.Equal(t, types.ExecutionStatusSucceeded, out.Status)
	require.JSONEq(t, `["kept",{"a":1}]`, *out.Output)
	var redriven []types.HistoryEventType
	events := b.history(arn)
	for _, e := range events[before:] {
		redriven = append(redriven, e.Type)
	}
	require.Equal(t, []types.HistoryEventType{
		types.HistoryEventTypeExecutionRedriven,
		types.HistoryEventTypeLambdaFunctionScheduled, types.HistoryEventTypeLambdaFunctionStarted,
		types.HistoryEventTypeLambdaFunctionSucceeded, types.HistoryEventTypeTaskStateExited,
		types.HistoryEventTypeParallelStateSucceeded, types.HistoryEventTypeParallelStateExited,
		types.HistoryEventTypeExecutionSucceeded,
	}, redriven)
	entered := events[events[before+1].PreviousEventId-1]
	require.Equal(t, "Bad", *entered.StateEnteredEventDetails.Name)
	require.Equal(t, events[before+4].Id, events[before+6].PreviousEventId, "the Parallel state's exit follows its last branch")
}

// With MaxConcurrency 1 the third iteration has not started when the second fails.
func TestRedriveRunsOnlyUnsuccessfulIterations(t *testing.T) {
	r := &repairable{broken: map[string]bool{`f{"n":1}`: true}}
	b := newBench(t, Config{InvokeLambda: r.invoke})
	arn := b.start(b.machine("m", `{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":1,"End":true,
		"ItemProcessor":{"StartAt":"F","States":{"F":{`+taskOf("f")+`,"End":true}}}}}}`), "x", `[{"n":0},{"n":1},{"n":2}]`)
	require.Equal(t, types.ExecutionStatusFailed, b.await(arn).Status)
	require.Equal(t, "19<-18 ExecutionFailed", b.lines(arn)[18])
	r.repair()
	b.redrive(arn, "once")
	out := b.await(arn)
	require.JSONEq(t, `[{"n":0},{"n":1},{"n":2}]`, *out.Output)
	require.Equal(t, []string{
		"20<-19 ExecutionRedriven",
		"21<-12 LambdaFunctionScheduled", "22<-21 LambdaFunctionStarted", "23<-22 LambdaFunctionSucceeded",
		"24<-23 TaskStateExited", "25<-24 MapIterationSucceeded", "26<-24 MapIterationStarted", "27<-26 TaskStateEntered",
		"28<-27 LambdaFunctionScheduled", "29<-28 LambdaFunctionStarted", "30<-29 LambdaFunctionSucceeded",
		"31<-30 TaskStateExited", "32<-31 MapIterationSucceeded", "33<-32 MapStateSucceeded", "34<-32 MapStateExited",
		"35<-34 ExecutionSucceeded",
	}, b.sinceRedrive(arn))
	require.Equal(t, []string{`{"n":0}`, `{"n":1}`, `{"n":1}`, `{"n":2}`}, r.payloads)
}

// Iterations that run at once and are cut off go on, those that had not begun start, none runs twice.
func TestRedriveOfConcurrentIterations(t *testing.T) {
	r := &repairable{broken: map[string]bool{"f7": true}}
	b := newBench(t, Config{InvokeLambda: r.invoke})
	items := make([]int, 60)
	for n := range items {
		items[n] = n
	}
	input, err := json.Marshal(items)
	require.NoError(t, err)
	arn := b.start(b.machine("m", `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"M","States":{
		"M":{"Type":"Map","MaxConcurrency":8,"End":true,
		"ItemProcessor":{"StartAt":"F","States":{"F":{`+taskOf("f")+`,"End":true}}}}}}]}}}`), "x", string(input))
	require.Equal(t, types.ExecutionStatusFailed, b.await(arn).Status)
	r.repair()
	b.redrive(arn, "once")
	out := b.await(arn)
	require.JSONEq(t, "["+string(input)+"]", *out.Output)
	started, succeeded := map[int32]int{}, map[int32]int{}
	for _, e := range b.history(arn) {
		if d := e.MapIterationStartedEventDetails; d != nil {
			started[d.Index]++
		}
		if d := e.MapIterationSucceededEventDetails; d != nil {
			succeeded[d.Index]++
		}
	}
	require.Len(t, started, 60)
	require.Equal(t, started, succeeded, "each started once and succeeded once")
}

// A Wait state that was cut off waits from the redrive on, and the state machine's TimeoutSeconds begins anew.
func TestRedriveOfAnAbortedAndATimedOutExecution(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock})
	waits, timeouts := clock.Trap().NewTimer(interpreter.WaitTimer), clock.Trap().AfterFunc(interpreter.ExecutionTimer)
	defer waits.Close()
	defer timeouts.Close()
	start := func() string {
		arn := b.machine("m", `{"StartAt":"W","TimeoutSeconds":60,"States":{"W":{"Type":"Wait","Seconds":50,"End":true}}}`)
		out, err := b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &arn})
		require.NoError(t, err)
		return *out.ExecutionArn
	}
	released := func(trap *quartz.Trap) time.Duration {
		call := trap.MustWait(b.ctx)
		call.MustRelease(b.ctx)
		return call.Duration
	}
	stopped := start()
	require.Equal(t, time.Minute, released(timeouts))
	require.Equal(t, 50*time.Second, released(waits))
	_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &stopped})
	require.NoError(t, err)
	clock.Advance(time.Second).MustWait(b.ctx)
	b.redrive(stopped, "once")
	require.Equal(t, time.Minute, released(timeouts))
	require.Equal(t, 50*time.Second, released(waits))
	clock.Advance(50 * time.Second).MustWait(b.ctx)
	require.Equal(t, types.ExecutionStatusSucceeded, b.await(stopped).Status)
	require.Equal(t, []string{
		"1<-0 ExecutionStarted", "2<-0 WaitStateEntered", "3<-0 ExecutionAborted", "4<-3 ExecutionRedriven",
		"5<-2 WaitStateExited", "6<-5 ExecutionSucceeded",
	}, b.lines(stopped))
}

func TestRedriveOfAFailState(t *testing.T) {
	b := newBench(t, Config{})
	arn := b.start(b.machine("m", `{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"c"}}}`), "x", `{}`)
	b.await(arn)
	b.redrive(arn, "once")
	require.Equal(t, "E", *b.await(arn).Error)
	require.Equal(t, []string{
		"1<-0 ExecutionStarted", "2<-0 FailStateEntered", "3<-2 ExecutionFailed", "4<-3 ExecutionRedriven", "5<-4 ExecutionFailed",
	}, b.lines(arn))
}

// When the results together are too large, the branches run again.
func TestRedriveAfterResultsThatAreTooLarge(t *testing.T) {
	large := LambdaResult{Payload: fmt.Appendf(nil, `"%s"`, strings.Repeat("x", 200_000))}
	var mu sync.Mutex
	calls := 0
	b := newBench(t, Config{InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls > 2 {
			return LambdaResult{Payload: []byte(`"small"`)}, nil
		}
		return large, nil
	}})
	branch := func(n int) string {
		return fmt.Sprintf(`{"StartAt":"F%d","States":{"F%d":{%s,"End":true}}}`, n, n, taskOf("f"))
	}
	arn := b.start(b.machine("m", `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[`+branch(1)+`,`+branch(2)+`]}}}`), "x", `{}`)
	require.Equal(t, "States.DataLimitExceeded", *b.await(arn).Error)
	b.redrive(arn, "once")
	require.JSONEq(t, `["small","small"]`, *b.await(arn).Output)
	require.Equal(t, 4, calls)
	require.Regexp(t, `<-2 ParallelStateStarted$`, b.sinceRedrive(arn)[1])
}

func TestRedriveIsIdempotent(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock})
	waits := clock.Trap().NewTimer(interpreter.WaitTimer)
	defer waits.Close()
	machine := b.machine("m", `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":10,"Next":"F"},"F":{"Type":"Fail"}}}`)
	arn := b.start(machine, "x", `{}`)
	expectDelays(b.ctx, t, clock, waits, 10*time.Second)
	b.await(arn)
	first := b.redrive(arn, "A")
	b.await(arn)
	clock.Advance(time.Minute).MustWait(b.ctx)
	require.Equal(t, first, b.redrive(arn, "A"), "the same token, the same redrive")
	require.EqualValues(t, 1, *b.await(arn).RedriveCount)
	require.True(t, b.redrive(arn, "B").After(first))
	b.await(arn)
	require.Equal(t, first, b.redrive(arn, "A"))
	clock.Advance(15 * time.Minute).MustWait(b.ctx)
	require.True(t, b.redrive(arn, "A").After(first), "a token is good for 15 minutes")
	require.EqualValues(t, 3, *b.await(arn).RedriveCount)

	list, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{StateMachineArn: &machine})
	require.NoError(t, err)
	require.EqualValues(t, 3, *list.Executions[0].RedriveCount)
	require.NotNil(t, list.Executions[0].RedriveDate)
}

func TestNotRedrivable(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock})
	machine := b.machine("m", `{"StartAt":"F","States":{"F":{"Type":"Fail"}}}`)
	arn := b.start(machine, "x", `{}`)
	b.await(arn)
	refused := func(arn, reason string) {
		t.Helper()
		_, err := b.RedriveExecution(b.ctx, &sfn.RedriveExecutionInput{ExecutionArn: &arn})
		var refusal *types.ExecutionNotRedrivable
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, "Execution "+arn+" invalid for redrive as: "+reason, *refusal.Message)
		require.Equal(t, reason, *b.await(arn).RedriveStatusReason)
	}
	succeeds := b.start(b.machine("s", `{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}`), "x", `{}`)
	b.await(succeeds)
	refused(succeeds, "Execution is SUCCEEDED and cannot be redriven")
	clock.Advance(14*24*time.Hour + time.Second).MustWait(b.ctx)
	refused(arn, "Execution redrivable period exceeded")
	_, err := b.DeleteStateMachine(b.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &machine})
	require.NoError(t, err)
	refused(arn, "State machine is in DELETING status")

	_, err = b.RedriveExecution(b.ctx, &sfn.RedriveExecutionInput{ExecutionArn: aws.String(strings.Replace(arn, ":x", ":y", 1))})
	var missing *types.ExecutionDoesNotExist
	require.ErrorAs(t, err, &missing)
	_, err = b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{
		StateMachineArn: aws.String(b.machine("s", `{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}`)),
		RedriveFilter:   types.ExecutionRedriveFilterRedriven,
	})
	require.ErrorContains(t, err, "ValidationException")
}

// A redrive is a change of status like any other.
func TestRedriveChangesTheStatus(t *testing.T) {
	events := make(published, 10)
	r := &repairable{broken: map[string]bool{"f": true}}
	b := newBench(t, Config{Clock: newMock(t), InvokeLambda: r.invoke, Publish: events.publish})
	arn := b.start(b.machine("m", `{"StartAt":"F","States":{"F":{`+taskOf("f")+`,"End":true}}}`), "x", `{}`)
	b.await(arn)
	require.Equal(t, "FAILED", events.details(t)[1]["status"])
	r.repair()
	b.redrive(arn, "once")
	b.await(arn)
	changes := events.details(t)
	for n, status := range []string{"RUNNING", "SUCCEEDED"} {
		require.Equal(t, status, changes[n]["status"])
		require.EqualValues(t, 1, changes[n]["redriveCount"])
		require.InDelta(t, 1795420800000, changes[n]["redriveDate"], 0)
	}
	require.Nil(t, changes[0]["stopDate"])
}
