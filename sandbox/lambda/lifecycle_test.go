package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
)

func TestResponseComesBeforeTheInternalExtensionIsDone(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", map[string]string{"INIT": "extension", "SIGTERM_FILE": filepath.Join(t.TempDir(), "sigterm")}, nil)
	gate := filepath.Join(t.TempDir(), "gate")

	// The extension works until the gate is open, and that is only after the response: else this would hang.
	out, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: "f", Payload: action{Do: "after", Text: gate}.json()})
	require.NoError(t, err)
	require.Empty(t, out.FunctionError)
	require.NotContains(t, messages(b), "the extension is done")
	require.NotContains(t, strings.Join(messages(b), "\n"), "REPORT")

	require.NoError(t, os.WriteFile(gate, nil, 0o600))
	eventually(t, func() bool { return strings.HasPrefix(last(messages(b)), "REPORT RequestId: "+out.RequestID) })
	require.Contains(t, messages(b), "the extension is done")
}

func TestBusyEnvironmentIsNotUsed(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", map[string]string{"INIT": "extension"}, nil)
	gate := filepath.Join(t.TempDir(), "gate")

	_, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: "f", Payload: action{Do: "after", Text: gate}.json()})
	require.NoError(t, err)
	_, err = b.Invoke(t.Context(), InvokeInput{FunctionARN: "f", Payload: action{Do: "after", Text: gate}.json()})
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(gate, nil, 0o600))
	streams := map[string]bool{}
	for _, event := range b.Logs("f") {
		streams[event.Stream] = true
	}
	require.Len(t, streams, 2)
}

func TestConcurrentInvocationsRunInProcessesOfTheirOwn(t *testing.T) {
	b := start(t, func(c *Config) { c.Concurrency = 2 })
	b.create(t, "f", nil, nil)
	gate := filepath.Join(t.TempDir(), "gate")
	waiting := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := b.Invoke(context.Background(), InvokeInput{
				FunctionARN: "f", Payload: action{Do: "wait", Text: gate}.json(), LogTail: true,
			})
			waiting <- err
		}()
	}
	eventually(t, func() bool { return count(messages(b), "START") == 2 })

	_, err := b.client.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("f")})
	var throttled *types.TooManyRequestsException
	require.ErrorAs(t, err, &throttled)
	require.Equal(t, types.ThrottleReasonConcurrentInvocationLimitExceeded, throttled.Reason)

	require.NoError(t, os.WriteFile(gate, nil, 0o600))
	require.NoError(t, <-waiting)
	require.NoError(t, <-waiting)
}

func TestExternalExtensionGetsItsEvents(t *testing.T) {
	b := start(t, nil)
	events := filepath.Join(t.TempDir(), "events")
	b.create(t, "f", map[string]string{"EVENTS": events}, map[string][]byte{"extensions/recorder": extensionBinary})
	out, err := b.Invoke(t.Context(), InvokeInput{
		FunctionARN: "f:$LATEST", TraceHeader: "Root=1-65000000-000000000000000000000001;Parent=0000000000000001;Sampled=1",
	})
	require.NoError(t, err)
	_, err = b.client.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: aws.String("f")})
	require.NoError(t, err)
	require.NoError(t, b.Close(t.Context())) // waits for the shutdown

	recorded, err := os.ReadFile(events)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(recorded)), "\n")
	require.Len(t, lines, 3)
	require.JSONEq(t, `{"functionName":"f","functionVersion":"$LATEST","handler":"bootstrap"}`, lines[0])
	require.JSONEq(t, `{
		"eventType":"INVOKE","requestId":"`+out.RequestID+`",
		"invokedFunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST",
		"tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-65000000-000000000000000000000001;Parent=0000000000000001;Sampled=1"}
	}`, without(t, lines[1], "deadlineMs"))
	require.JSONEq(t, `{"eventType":"SHUTDOWN","shutdownReason":"spindown"}`, without(t, lines[2], "deadlineMs"))
}

func TestSIGTERMReachesARuntimeWithAnExtension(t *testing.T) {
	b := start(t, nil)
	file := filepath.Join(t.TempDir(), "sigterm")
	b.create(t, "f", map[string]string{"SIGTERM_FILE": file}, nil) // aws-lambda-go registers an extension for it
	b.call(t, "f", action{Do: "echo"})
	require.NoError(t, b.Close(t.Context()))
	require.FileExists(t, file)
}

func TestStubbornRuntimeIsKilled(t *testing.T) {
	clock := quartz.NewMock(t)
	clock.Set(time.Now())
	b := start(t, func(c *Config) { c.Clock = clock })
	b.create(t, "f", map[string]string{"INIT": "stubborn"}, nil)
	pid := b.about(t).PID
	eventually(t, func() bool { return b.idle("f") == 1 })
	trap := clock.Trap().NewTimer()
	closed := make(chan error, 1)
	go func() { closed <- b.Close(context.Background()) }()
	call := trap.MustWait(t.Context())
	require.Equal(t, 500*time.Millisecond, call.Duration) // with an internal extension only
	call.MustRelease(t.Context())
	trap.Close()
	require.True(t, alive(pid))
	clock.Advance(500 * time.Millisecond).MustWait(t.Context())
	require.NoError(t, <-closed)
	require.False(t, alive(pid))
}

func TestCloseKillsWhenItsContextEnds(t *testing.T) {
	clock := quartz.NewMock(t) // stands still: nothing else can end the wait
	clock.Set(time.Now())
	b := start(t, func(c *Config) { c.Clock = clock })
	b.create(t, "f", map[string]string{"INIT": "stubborn"}, nil)
	pid := b.about(t).PID
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, b.Close(ctx))
	require.False(t, alive(pid))
}

func TestManyCallersShareEnvironments(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	errs := make(chan error, 8*25)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 25 {
				out, err := b.Invoke(context.Background(), InvokeInput{FunctionARN: "f", Payload: []byte(`{"n":1}`)})
				if err == nil && string(out.Payload) != `{"n":1}` {
					err = errors.New(string(out.Payload))
				}
				errs <- err
			}
		})
	}
	callers.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	streams := map[string]bool{}
	for _, event := range b.Logs("f") {
		streams[event.Stream] = true
	}
	require.Equal(t, 200, count(messages(b), "START"))
	require.Less(t, len(streams), 50) // 8 or few more, by the machine's load
}

func TestTimeoutKillsTheProcess(t *testing.T) {
	clock := quartz.NewMock(t)
	clock.Set(time.Now())
	b := start(t, func(c *Config) { c.Clock = clock })
	b.create(t, "f", nil, nil)
	pid := b.about(t).PID

	done := make(chan InvokeOutput, 1)
	go func() {
		out, _ := b.Invoke(context.Background(), InvokeInput{
			FunctionARN: "f", Payload: action{Do: "hang"}.json(), LogTail: true,
		})
		done <- out
	}()
	eventually(t, func() bool { return count(messages(b), "START") == 2 })
	clock.Advance(30 * time.Second).MustWait(t.Context())
	out := <-done

	require.Equal(t, "Unhandled", out.FunctionError)
	require.JSONEq(t, `{
		"errorType":"Sandbox.Timedout",
		"errorMessage":"RequestId: `+out.RequestID+` Error: Task timed out after 30.00 seconds"
	}`, string(out.Payload))
	require.Contains(t, out.LogTail, out.RequestID+" Task timed out after 30.00 seconds\n")
	require.Regexp(t, `REPORT RequestId: \S+\tDuration: 30000.00 ms\tBilled Duration: 30000 ms\t.*\tStatus: timeout\n$`, out.LogTail)
	require.False(t, alive(pid))
	require.NotEqual(t, pid, b.about(t).PID)
}

func TestTimeoutCoversTheTimeAfterTheResponse(t *testing.T) {
	clock := quartz.NewMock(t)
	clock.Set(time.Now())
	b := start(t, func(c *Config) { c.Clock = clock })
	b.create(t, "f", map[string]string{"INIT": "extension"}, nil)
	out, err := b.Invoke(t.Context(), InvokeInput{
		FunctionARN: "f", Payload: action{Do: "after", Text: filepath.Join(t.TempDir(), "never")}.json(),
	})
	require.NoError(t, err)
	require.Empty(t, out.FunctionError)

	clock.Advance(30 * time.Second).MustWait(t.Context())
	eventually(t, func() bool { return strings.HasSuffix(last(messages(b)), "\tStatus: timeout") })
}

func TestIdleEnvironmentIsShutDown(t *testing.T) {
	clock := quartz.NewMock(t)
	clock.Set(time.Now())
	b := start(t, func(c *Config) { c.Clock = clock })
	b.create(t, "f", nil, nil)
	pid := b.about(t).PID
	eventually(t, func() bool { return b.idle("f") == 1 })
	clock.Advance(10 * time.Minute).MustWait(t.Context())
	eventually(t, func() bool { return !alive(pid) })
}

func TestUpdateEndsOldEnvironments(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", map[string]string{"COLOUR": "red"}, nil)
	old := b.about(t)
	require.Contains(t, old.Variables, "COLOUR=red")
	_, err := b.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("f"), Environment: &types.Environment{Variables: map[string]string{"COLOUR": "blue"}},
	})
	require.NoError(t, err)
	require.Contains(t, b.about(t).Variables, "COLOUR=blue")
	eventually(t, func() bool { return !alive(old.PID) })
}

// idle is how many environments of the function wait for work.
func (b *sandbox) idle(name string) int {
	b.mu.Lock()
	p := b.functions[name].latest.pool
	b.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.idle)
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 20*time.Second, time.Millisecond)
}

// messages are the log lines of the function f.
func messages(b *sandbox) []string {
	events := b.Logs("f")
	all := make([]string, 0, len(events))
	for _, event := range events {
		all = append(all, event.Message)
	}
	return all
}

func last(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

func count(lines []string, prefix string) int {
	n := 0
	for _, line := range lines {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}

// without is a JSON object without a member, which has to be a positive number.
func without(t *testing.T, object, member string) string {
	t.Helper()
	var fields map[string]any
	require.NoError(t, json.Unmarshal([]byte(object), &fields))
	require.Greater(t, fields[member], 0.0)
	delete(fields, member)
	rest, err := json.Marshal(fields)
	require.NoError(t, err)
	return string(rest)
}
