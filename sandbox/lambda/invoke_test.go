package lambda

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

func TestInvokeUsesAnEnvironmentAgain(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)

	first := b.about(t)
	second := b.about(t)

	require.Equal(t, first.PID, second.PID)
	require.Equal(t, 1, first.Invocations)
	require.Equal(t, 2, second.Invocations)
	require.NotEqual(t, first.RequestID, second.RequestID)
	require.Equal(t, "arn:aws:lambda:eu-west-1:123456789012:function:f", first.ARN)
}

func TestInvokeOnTheWire(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	context64 := base64.StdEncoding.EncodeToString([]byte(`{"custom":{"colour":"green"}}`))
	out, err := b.client.Invoke(t.Context(), &sdk.InvokeInput{
		FunctionName: aws.String("arn:aws:lambda:eu-west-1:123456789012:function:f"), Qualifier: aws.String("$LATEST"),
		Payload: action{Do: "about"}.json(), LogType: types.LogTypeTail, ClientContext: aws.String(context64),
	})
	require.NoError(t, err)
	require.Equal(t, int32(200), out.StatusCode)
	require.Equal(t, "$LATEST", aws.ToString(out.ExecutedVersion))
	require.Nil(t, out.FunctionError)
	id, ok := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
	require.True(t, ok)
	require.Contains(t, string(out.Payload), `"RequestID":"`+id+`"`)
	require.Contains(t, string(out.Payload), `"ARN":"arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST"`)
	require.Contains(t, string(out.Payload), `"colour":"green"`)
	require.Regexp(t, `"TraceID":"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0"`, string(out.Payload))

	tail, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	require.NoError(t, err)
	require.Regexp(t, `^START RequestId: `+id+` Version: \$LATEST\nEND RequestId: `+id+`\nREPORT RequestId: `+id+
		`\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t`+
		`Init Duration: \d+\.\d\d ms\t\n$`, string(tail))
}

func TestPayloadPassesUnchanged(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	for payload, want := range map[string]string{
		`{"n": 9007199254740993, "z":1, "a" :"ü"}`: `{"n":9007199254740993,"z":1,"a":"ü"}`, // the function compacts it
		`[1,2]`:  `[1,2]`,
		`"text"`: `"text"`,
		``:       `{}`,
	} {
		out, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: "f", Payload: []byte(payload)})
		require.NoError(t, err)
		require.Equal(t, want, string(out.Payload))
	}
}

func TestStreamedResponseIsWhole(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	text := strings.Repeat("x", 1<<20)
	out := b.call(t, "f", action{Do: "stream", Text: text})
	require.Nil(t, out.FunctionError)
	require.Equal(t, `"streamed `+text+`"`, string(out.Payload))
}

func TestEnvironmentVariables(t *testing.T) {
	t.Setenv("SECRET_OF_THE_SANDBOX", "not for functions")
	b := start(t, func(c *Config) {
		c.Environment = map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "COLOUR": "red"}
	})
	b.create(t, "f", map[string]string{"COLOUR": "blue"}, nil)
	variables := b.about(t).Variables
	for _, want := range []string{
		"COLOUR=blue", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "AWS_ENDPOINT_URL=" + b.url,
		"AWS_LAMBDA_FUNCTION_NAME=f", "AWS_REGION=eu-west-1", "_HANDLER=bootstrap",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand", "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f",
	} {
		require.Contains(t, variables, want)
	}
	require.NotContains(t, strings.Join(variables, "\n"), "SECRET_OF_THE_SANDBOX")
}

func TestInvokeRefusals(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	cases := []struct {
		name string
		in   sdk.InvokeInput
		want any
	}{
		{"unknown", sdk.InvokeInput{FunctionName: aws.String("g")}, new(*types.ResourceNotFoundException)},
		{"unknown version", sdk.InvokeInput{FunctionName: aws.String("f:7")}, new(*types.ResourceNotFoundException)},
		{
			"other region",
			sdk.InvokeInput{FunctionName: aws.String("arn:aws:lambda:us-east-1:123456789012:function:f")},
			new(*types.ResourceNotFoundException),
		},
		{
			"not JSON",
			sdk.InvokeInput{FunctionName: aws.String("f"), Payload: []byte("{")},
			new(*types.InvalidRequestContentException),
		},
		{
			"too large",
			sdk.InvokeInput{FunctionName: aws.String("f"), Payload: make([]byte, 6<<20+1)},
			new(*types.RequestTooLargeException),
		},
		{
			"too large event",
			sdk.InvokeInput{
				FunctionName: aws.String("f"), Payload: make([]byte, 1<<20+1), InvocationType: types.InvocationTypeEvent,
			},
			new(*types.RequestTooLargeException),
		},
		{
			"client context",
			sdk.InvokeInput{FunctionName: aws.String("f"), ClientContext: aws.String("%")},
			new(*types.InvalidRequestContentException),
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := b.client.Invoke(t.Context(), &c.in)
			require.ErrorAs(t, err, c.want)
		})
	}
	_, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: "g"})
	require.Equal(t, &awswire.Error{
		Code: "ResourceNotFoundException", Status: 404,
		Message: "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:g",
	}, err)
}

func TestDryRun(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	out, err := b.client.Invoke(t.Context(), &sdk.InvokeInput{
		FunctionName: aws.String("f"), InvocationType: types.InvocationTypeDryRun,
	})
	require.NoError(t, err)
	require.Equal(t, int32(204), out.StatusCode)
	require.Empty(t, b.Logs("f"))
}

func TestEventIsTriedThreeTimes(t *testing.T) {
	clock := quartz.NewMock(t)
	clock.Set(time.Now())
	trap := clock.Trap().NewTimer("async")
	b := start(t, func(c *Config) { c.Clock = clock })
	b.create(t, "f", nil, nil)
	out, err := b.client.Invoke(t.Context(), &sdk.InvokeInput{
		FunctionName: aws.String("f"), InvocationType: types.InvocationTypeEvent,
		Payload: action{Do: "error", Text: "no luck"}.json(),
	})
	require.NoError(t, err)
	require.Equal(t, int32(202), out.StatusCode)
	require.Empty(t, out.Payload)
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute} {
		call := trap.MustWait(t.Context())
		require.Equal(t, wait, call.Duration)
		call.MustRelease(t.Context())
		eventually(t, func() bool { return b.idle("f") == 1 }) // the invocation's own timer is stopped
		clock.Advance(wait).MustWait(t.Context())
	}
	trap.Close()
	id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
	eventually(t, func() bool { return count(messages(b), "START RequestId: "+id) == 3 })
	eventually(t, func() bool { b.mu.Lock(); defer b.mu.Unlock(); return b.queued == 0 })
}

func TestThrottledEventWaits(t *testing.T) {
	clock := quartz.NewMock(t)
	clock.Set(time.Now())
	trap := clock.Trap().NewTimer("async")
	b := start(t, func(c *Config) { c.Clock, c.Concurrency = clock, 1 })
	b.create(t, "f", nil, nil)
	gate := filepath.Join(t.TempDir(), "gate")
	done := make(chan error, 1)
	go func() {
		_, err := b.Invoke(context.Background(), InvokeInput{
			FunctionARN: "f", Payload: action{Do: "wait", Text: gate}.json(), LogTail: true,
		})
		done <- err
	}()
	eventually(t, func() bool { return count(messages(b), "START") == 1 })
	_, err := b.client.Invoke(t.Context(), &sdk.InvokeInput{
		FunctionName: aws.String("f"), InvocationType: types.InvocationTypeEvent,
	})
	require.NoError(t, err)
	call := trap.MustWait(t.Context())
	require.Equal(t, time.Second, call.Duration)
	call.MustRelease(t.Context())
	trap.Close()
	require.NoError(t, os.WriteFile(gate, nil, 0o600))
	require.NoError(t, <-done)
	eventually(t, func() bool { b.mu.Lock(); defer b.mu.Unlock(); return b.inFlight == 0 })
	clock.Advance(time.Second).MustWait(t.Context())
	eventually(t, func() bool { return count(messages(b), "REPORT") == 2 })
}

func TestInvocationGoesOnWithoutItsCaller(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	gate := filepath.Join(t.TempDir(), "gate")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.Invoke(ctx, InvokeInput{FunctionARN: "f", Payload: action{Do: "wait", Text: gate}.json()})
		done <- err
	}()
	eventually(t, func() bool { return count(messages(b), "START") == 1 })
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.NoError(t, os.WriteFile(gate, nil, 0o600))
	eventually(t, func() bool { return strings.HasPrefix(last(messages(b)), "REPORT") })
	require.NotContains(t, last(messages(b)), "Status")
}

func TestClosedServiceRefuses(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	done := make(chan error, 1)
	go func() {
		_, err := b.Invoke(context.Background(), InvokeInput{FunctionARN: "f", Payload: action{Do: "hang"}.json()})
		done <- err
	}()
	eventually(t, func() bool { return count(messages(b), "START") == 1 })
	require.NoError(t, b.Close(t.Context()))
	for _, err := range []error{<-done, second(b.Invoke(t.Context(), InvokeInput{FunctionARN: "f"}))} {
		require.Equal(t, "ServiceException", awswire.AsError(err).Code)
	}
	left, err := os.ReadDir(b.cfg.Dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func second[T any](_ T, err error) error { return err }
