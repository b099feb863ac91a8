package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// waitingTask is a state that waits for the token which its function gets.
func waitingTask(more string) string {
	return `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
		"Parameters":{"FunctionName":"f","Payload":{"token.$":"$$.Task.Token"}}` + more + `,"End":true}}}`
}

// tokens is a function that passes on the tokens it gets.
type tokens chan string

func (c tokens) invoke(_ context.Context, _ string, payload []byte, _ string, _ bool) (LambdaResult, error) {
	var event struct{ Token string }
	if err := json.Unmarshal(payload, &event); err != nil {
		return LambdaResult{}, err
	}
	c <- event.Token
	return LambdaResult{Payload: []byte(`"asked"`)}, nil
}

// next is the token of an attempt, once the attempt waits for it.
func (c tokens) next(b *bench, arn string) string {
	b.t.Helper()
	select {
	case token := <-c:
		b.awaitEvent(arn, func(e interpreter.Event) bool { return e.Type == "TaskSubmitted" })
		return token
	case <-b.ctx.Done():
		b.t.Fatal("the function was not called")
		return ""
	}
}

func (b *bench) succeed(token, output string) error {
	_, err := b.SendTaskSuccess(b.ctx, &sfn.SendTaskSuccessInput{TaskToken: &token, Output: &output})
	return err
}

func (b *bench) fail(token string) error {
	_, err := b.SendTaskFailure(b.ctx, &sfn.SendTaskFailureInput{TaskToken: &token, Error: new("No"), Cause: new("because")})
	return err
}

func (b *bench) heartbeat(token string) error {
	_, err := b.SendTaskHeartbeat(b.ctx, &sfn.SendTaskHeartbeatInput{TaskToken: &token})
	return err
}

func TestTaskWaitsForItsToken(t *testing.T) {
	c := make(tokens, 1)
	b := newBench(t, Config{InvokeLambda: c.invoke})
	machine := b.machine("m", waitingTask(""))
	good := b.start(machine, "good", `{}`)
	require.NoError(t, b.succeed(c.next(b, good), `{"answer":42}`))
	require.Equal(t, `{"answer":42}`, *b.await(good).Output)
	require.Equal(t, []string{
		"1<-0 ExecutionStarted", "2<-0 TaskStateEntered", "3<-2 TaskScheduled", "4<-3 TaskStarted", "5<-4 TaskSubmitted",
		"6<-5 TaskSucceeded", "7<-6 TaskStateExited", "8<-7 ExecutionSucceeded",
	}, b.lines(good))
	submitted := b.history(good)[4].TaskSubmittedEventDetails
	require.Contains(t, *submitted.Output, `"Payload":"asked"`)
	require.Equal(t, "invoke.waitForTaskToken", *submitted.Resource)

	bad := b.start(machine, "bad", `{}`)
	require.NoError(t, b.fail(c.next(b, bad)))
	out := b.await(bad)
	require.Equal(t, []string{"No", "because"}, []string{*out.Error, *out.Cause})
	require.Equal(t, []string{"6<-5 TaskFailed", "7<-6 ExecutionFailed"}, b.lines(bad)[5:])
}

// Each attempt has a token of its own, and one that has ended is not good for the next.
func TestTokenOfAnEarlierAttempt(t *testing.T) {
	clock := newMock(t)
	c := make(tokens, 1)
	b := newBench(t, Config{Clock: clock, InvokeLambda: c.invoke})
	trap := clock.Trap().NewTimer(interpreter.RetryTimer)
	defer trap.Close()
	arn := b.start(b.machine("m", waitingTask(`,"Retry":[{"ErrorEquals":["No"]}]`)), "x", `{}`)
	first := c.next(b, arn)
	require.NoError(t, b.fail(first))
	expectDelays(b.ctx, t, clock, trap, time.Second)
	second := <-c
	require.NotEqual(t, first, second)
	for _, err := range []error{b.succeed(first, `{}`), b.fail(first), b.heartbeat(first)} {
		requireCode(t, "TaskTimedOut", err)
		require.ErrorContains(t, err, "Task Timed Out: 'Provided task does not exist anymore'")
	}
	requireCode(t, "InvalidOutput", b.succeed(first, `no JSON`))
	require.NoError(t, b.succeed(second, `1`))
	require.Equal(t, `1`, *b.await(arn).Output)
	requireCode(t, "TaskTimedOut", b.succeed(second, `2`))
}

func TestTokenErrors(t *testing.T) {
	clock := newMock(t)
	c := make(tokens, 1)
	b := newBench(t, Config{Clock: clock, InvokeLambda: c.invoke})
	arn := b.start(b.machine("m", waitingTask("")), "x", `{}`)
	token := c.next(b, arn)
	requireCode(t, "InvalidOutput", b.succeed(token, `no JSON`))
	require.NoError(t, b.heartbeat(token), "what was refused has not ended it")
	requireCode(t, "InvalidToken", b.heartbeat("not-a-task-token"))
	requireCode(t, "InvalidToken", b.succeed("not-a-task-token", `no JSON`))
	requireCode(t, "InvalidToken", b.heartbeat(token[:len(token)-8]+"AAAAAAA="))
	requireCode(t, "ValidationException", b.heartbeat(""))
	requireCode(t, "ValidationException", b.heartbeat(strings.Repeat("x", 2049)))
	_, err := b.SendTaskFailure(b.ctx, &sfn.SendTaskFailureInput{TaskToken: &token, Error: new(strings.Repeat("x", 257))})
	requireCode(t, "ValidationException", err)

	elsewhere := newBench(t, Config{Region: "us-east-1"})
	requireCode(t, "InvalidToken", elsewhere.succeed(token, `{}`))
	restarted := newBench(t, Config{})
	requireCode(t, "TaskDoesNotExist", restarted.succeed(token, `{}`))

	_, err = b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &arn})
	require.NoError(t, err)
	requireCode(t, "TaskTimedOut", b.succeed(token, `{}`))
}

// released lets a trapped timer be made and tells its time.
func released(ctx context.Context, trap *quartz.Trap) time.Duration {
	call := trap.MustWait(ctx)
	call.MustRelease(ctx)
	return call.Duration
}

// Heartbeats put off their own time limit, not the task's. The event does not tell which one it was, but
// States.HeartbeatTimeout matches only one of them.
func TestHeartbeats(t *testing.T) {
	tests := map[string]struct {
		caught string
		steps  []time.Duration // with a heartbeat after each but the last
		ends   string          // the state
	}{
		"missing":            {"States.HeartbeatTimeout", []time.Duration{9 * time.Second, 9 * time.Second, 10 * time.Second}, "Yes"},
		"missing by timeout": {"States.Timeout", []time.Duration{10 * time.Second}, "Yes"},
		"coming":             {"States.HeartbeatTimeout", []time.Duration{9 * time.Second, 9 * time.Second, 7 * time.Second}, "No"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			clock := newMock(t)
			c := make(tokens, 1)
			b := newBench(t, Config{Clock: clock, InvokeLambda: c.invoke})
			timeouts, beats := clock.Trap().NewTimer(interpreter.TimeoutTimer), clock.Trap().NewTimer(interpreter.HeartbeatTimer)
			defer timeouts.Close()
			defer beats.Close()
			definition := waitingTask(`,"TimeoutSeconds":` + map[bool]string{true: "25", false: "60"}[test.ends == "No"] +
				`,"HeartbeatSeconds":10,"Catch":[{"ErrorEquals":["` + test.caught + `"],"ResultPath":"$.error","Next":"Yes"},
				{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"No"}]`)
			definition = strings.Replace(definition, `"End":true}}}`, `"End":true},"Yes":{"Type":"Pass","End":true},"No":{"Type":"Pass","End":true}}}`, 1)
			arn := b.start(b.machine("m", definition), "x", `{}`)
			released(b.ctx, timeouts)
			require.Equal(t, 10*time.Second, released(b.ctx, beats))
			token := c.next(b, arn)
			for n, step := range test.steps {
				clock.Advance(step).MustWait(b.ctx)
				if n < len(test.steps)-1 {
					require.NoError(t, b.heartbeat(token))
				}
			}
			out := b.await(arn)
			require.JSONEq(t, `{"error":{"Error":"States.Timeout","Cause":""}}`, *out.Output)
			events := b.history(arn)
			require.Equal(t, types.HistoryEventTypeTaskTimedOut, events[5].Type)
			require.Nil(t, events[5].TaskTimedOutEventDetails.Cause)
			require.EqualValues(t, 10, *events[2].TaskScheduledEventDetails.HeartbeatInSeconds)
			require.Equal(t, test.ends, *events[7].StateEnteredEventDetails.Name)
			requireCode(t, "TaskTimedOut", b.heartbeat(token))
		})
	}
}

// A call that fails is not waited for.
func TestWaitingTaskWhoseCallFails(t *testing.T) {
	b := newBench(t, Config{InvokeLambda: func(context.Context, string, []byte, string, bool) (LambdaResult, error) {
		return LambdaResult{}, errors.New("no Lambda")
	}})
	out, events := b.run(waitingTask(""), `{}`)
	require.Equal(t, "Lambda.SdkClientException", *out.Error)
	require.Equal(t, []string{"5<-4 TaskFailed", "6<-5 ExecutionFailed"}, lines(events)[4:])
}

// When another branch fails, the token is no longer good.
func TestTokenOfAnAbortedBranch(t *testing.T) {
	c := make(tokens, 2)
	b := newBench(t, Config{InvokeLambda: c.invoke})
	branch := func(name string) string {
		return strings.ReplaceAll(waitingTask(""), `"T"`, `"`+name+`"`)
	}
	arn := b.start(b.machine("m", `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[`+branch("A")+`,`+branch("B")+`]}}}`), "x", `{}`)
	first, second := <-c, <-c
	require.NoError(t, b.fail(first))
	require.Equal(t, types.ExecutionStatusFailed, b.await(arn).Status)
	requireCode(t, "TaskTimedOut", b.succeed(second, `{}`))
}
