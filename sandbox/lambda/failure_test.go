package lambda

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
)

func TestFunctionErrors(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	cases := []struct {
		name    string
		do      action
		payload string // <id> is the request id
		tail    string // a part of it
		survive bool
	}{
		{
			"error",
			action{Do: "error", Text: "no such image"},
			`{"errorType":"errorString","errorMessage":"no such image"}`, "", true,
		},
		{
			"exit",
			action{Do: "exit", Size: 3},
			`{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited with error: exit status 3"}`,
			"RequestId: <id> Error: Runtime exited with error: exit status 3\nRuntime.ExitError\nEND RequestId: <id>\n", false,
		},
		{
			"exit 0",
			action{Do: "exit"},
			`{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited without providing a reason"}`,
			"\tStatus: error\tError Type: Runtime.ExitError\n", false,
		},
		{
			"too large",
			action{Do: "big", Size: 7 << 20},
			`{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}`,
			"", false, // aws-lambda-go ends the process when its response is refused
		},
		{
			"failing stream",
			action{Do: "stream-error"},
			`{"errorType":"errorString","errorMessage":"the source dried up"}`, "", true,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pid := b.about(t).PID
			out, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: "f", Payload: c.do.json(), LogTail: true})
			require.NoError(t, err)
			require.Equal(t, "Unhandled", out.FunctionError)
			require.Equal(t, "$LATEST", out.ExecutedVersion)
			require.JSONEq(t, strings.ReplaceAll(c.payload, "<id>", out.RequestID), string(out.Payload))
			require.Contains(t, out.LogTail, strings.ReplaceAll(c.tail, "<id>", out.RequestID))
			require.Equal(t, c.survive, b.about(t).PID == pid)
		})
	}
}

func TestPanicIsReportedAndEndsTheProcess(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	pid := b.about(t).PID
	out := b.call(t, "f", action{Do: "panic", Text: "out of paint"})
	require.Equal(t, "Unhandled", aws.ToString(out.FunctionError))
	var report struct {
		ErrorType, ErrorMessage string
		StackTrace              []any
	}
	require.NoError(t, json.Unmarshal(out.Payload, &report))
	require.Equal(t, "string", report.ErrorType)
	require.Equal(t, "out of paint", report.ErrorMessage)
	require.NotEmpty(t, report.StackTrace)
	require.NotEqual(t, pid, b.about(t).PID)
}

func TestInitFailures(t *testing.T) {
	b := start(t, nil)
	missing := createInput(t, "missing", nil, nil)
	missing.Code.ZipFile = zipOf(t, map[string][]byte{"README": []byte("nothing to run")})
	_, err := b.client.CreateFunction(t.Context(), missing)
	require.NoError(t, err)
	text := createInput(t, "text", nil, nil)
	text.Code.ZipFile = zipOf(t, map[string][]byte{"bootstrap": []byte("not a program")})
	_, err = b.client.CreateFunction(t.Context(), text)
	require.NoError(t, err)
	b.create(t, "exit", map[string]string{"INIT": "exit"}, nil)
	b.create(t, "error", map[string]string{"INIT": "error"}, nil)
	b.create(t, "extension", nil, map[string][]byte{"extensions/bad": []byte("#!/bin/sh\nexit 2\n")})

	cases := []struct{ name, errorType, message, phase string }{
		{"exit", "Runtime.ExitError", "Runtime exited with error: exit status 1", "Runtime.ExitError"},
		{"error", "Init.Broken", "no configuration", "Init.Broken"},
		{"missing", "Runtime.InvalidEntrypoint", "no such file or directory", "Runtime.InvalidEntrypoint"},
		{"text", "Runtime.InvalidEntrypoint", "exec format error", "Runtime.InvalidEntrypoint"},
		{"extension", "Extension.Crash", "extension bad: exit status 2", "Extension.Crash"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: c.name, LogTail: true})
			require.NoError(t, err)
			require.Equal(t, "Unhandled", out.FunctionError)
			var report struct{ ErrorType, ErrorMessage string }
			require.NoError(t, json.Unmarshal(out.Payload, &report))
			require.Equal(t, c.errorType, report.ErrorType)
			require.Contains(t, report.ErrorMessage, c.message)
			require.Regexp(t, `^INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: init\tStatus: error\tError Type: `+c.phase+"\n",
				out.LogTail[strings.Index(out.LogTail, "INIT_REPORT"):])
		})
	}
}

func TestFailedInitIsTriedAgainInTheInvocation(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", map[string]string{"INIT": "exit-once", "MARKER": filepath.Join(t.TempDir(), "marker")}, nil)
	out := b.call(t, "f", action{Do: "echo"})
	require.Nil(t, out.FunctionError, string(out.Payload))
	require.Equal(t, 1, count(messages(b), "INIT_REPORT"))
}

func TestInitIsBounded(t *testing.T) {
	clock := quartz.NewMock(t)
	clock.Set(time.Now())
	b := start(t, func(c *Config) { c.Clock = clock })
	b.create(t, "f", map[string]string{"INIT": "hang"}, nil)
	trap := clock.Trap().AfterFunc()
	done := make(chan InvokeOutput, 1)
	go func() {
		out, _ := b.Invoke(context.Background(), InvokeInput{FunctionARN: "f"})
		done <- out
	}()
	limits := []time.Duration{10 * time.Second, 30 * time.Second} // the init phase, then the invocation
	for _, limit := range limits {
		call := trap.MustWait(t.Context())
		require.Equal(t, limit, call.Duration)
		call.MustRelease(t.Context())
		clock.Advance(limit).MustWait(t.Context())
	}
	trap.Close()
	out := <-done
	require.Contains(t, string(out.Payload), "Task timed out after 30.00 seconds")
	require.Contains(t, messages(b)[0], "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout")
}
