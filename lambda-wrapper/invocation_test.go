package wrapper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
)

// traced wraps a handler with a telemetry that delivers into memory.
func traced(t *testing.T, handler any) (lambda.Handler, *memory, *telemetry) {
	t.Helper()
	cfg, err := newConfig(func(string) string { return "" }, []Option{
		WithEndpoint("http://collector:4318"), WithServiceName("thumbnails"), WithLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	m := &memory{}
	tel := newTelemetry(cfg)
	tel.sender.post = m.post
	return wrap(lambda.NewHandler(handler), tel), m, tel
}

// lambdaContext is the context of an invocation as aws-lambda-go makes it.
func lambdaContext() context.Context {
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{
		AwsRequestID: "8b5e9f3c-0c43-4a48-b8b4-1f2d4f3f0f11", InvokedFunctionArn: functionARN,
	})
	//nolint:staticcheck,revive // the key is aws-lambda-go's
	return context.WithValue(ctx, "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793")
}

// invocationOf is the span of an invocation of payload {"a":1}, changed by more.
func invocationOf(cold bool, more map[string]any) map[string]any {
	attributes := map[string]any{
		"steptrace.kind":         "invocation",
		"faas.coldstart":         cold,
		"faas.invocation_id":     "8b5e9f3c-0c43-4a48-b8b4-1f2d4f3f0f11",
		"aws.lambda.invoked_arn": functionARN,
		"cloud.resource_id":      "arn:aws:lambda:eu-west-1:123456789012:function:thumbnails",
		"cloud.account.id":       "123456789012",
		"aws.xray.trace_header":  "Root=1-5759e988-bd862e3fe1be46a994272793",
		// printf '{"a":1e0}' | sha256sum
		"steptrace.payload.fingerprint": "533e2d9500a389f8abf32f851e66f98ffcde79cb3f5719f46b80a5fc52f944ee",
	}
	for k, v := range more {
		attributes[k] = v
	}
	return attributes
}

func plain(s gotSpan) gotSpan {
	s.trace, s.id, s.parent, s.resource = "", "", "", nil
	return s
}

func TestInvocationSpans(t *testing.T) {
	for _, tc := range []struct {
		name    string
		handler any
		want    gotSpan
	}{
		{
			"success", func(json.RawMessage) error { return nil },
			gotSpan{Attributes: invocationOf(true, nil)},
		},
		{
			"error", func() error { return &imageError{"no such image"} },
			gotSpan{
				Status:     "ERROR: no such image",
				Attributes: invocationOf(true, map[string]any{"error.type": "imageError"}),
				Events: []gotEvent{{"exception", map[string]any{
					"exception.type": "imageError", "exception.message": "no such image",
				}}},
			},
		},
		{
			"named error", func() error { return messages.InvokeResponse_Error{Type: "ImageGone", Message: "gone"} },
			gotSpan{
				Status:     "ERROR: gone",
				Attributes: invocationOf(true, map[string]any{"error.type": "ImageGone"}),
				Events: []gotEvent{{"exception", map[string]any{
					"exception.type": "ImageGone", "exception.message": "gone",
				}}},
			},
		},
		{
			"payload that is no valid input", func(struct{ A string }) error { return nil },
			gotSpan{
				Status:     "ERROR: json: cannot unmarshal number into Go struct field .A of type string",
				Attributes: invocationOf(true, map[string]any{"error.type": "UnmarshalTypeError"}),
				Events: []gotEvent{{"exception", map[string]any{
					"exception.type":    "UnmarshalTypeError",
					"exception.message": "json: cannot unmarshal number into Go struct field .A of type string",
				}}},
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, m, _ := traced(t, tc.handler)
			_, _ = h.Invoke(lambdaContext(), []byte(`{"a":1}`))
			require.Len(t, m.received(), 1)
			tc.want.Name, tc.want.Kind = "lambda", "SPAN_KIND_SERVER"
			require.Equal(t, tc.want, plain(m.received()[0]))
		})
	}
}

func TestResource(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,service.name=ignored")
	t.Setenv("AWS_REGION", "eu-west-1")
	h, m, _ := traced(t, func() {})
	_, err := h.Invoke(lambdaContext(), []byte(`{}`))
	require.NoError(t, err)
	resource := m.received()[0].resource
	require.NotEmpty(t, resource["telemetry.sdk.version"])
	delete(resource, "telemetry.sdk.version")
	require.Equal(t, map[string]any{
		"service.name": "thumbnails", "deployment.environment.name": "test", "faas.name": "lambda",
		"cloud.provider": "aws", "cloud.platform": "aws_lambda", "cloud.region": "eu-west-1",
		"telemetry.sdk.name": "opentelemetry", "telemetry.sdk.language": "go",
	}, resource)
}

func TestOnlyTheFirstInvocationIsCold(t *testing.T) {
	h, m, _ := traced(t, func() {})
	for range 3 {
		_, err := h.Invoke(lambdaContext(), []byte(`{"a":1}`))
		require.NoError(t, err)
	}
	spans := m.received()
	require.Len(t, spans, 3)
	for i, cold := range []bool{true, false, false} {
		require.Equal(t, cold, spans[i].Attributes["faas.coldstart"])
	}
}

func TestProvisionedConcurrencyHasNoColdStart(t *testing.T) {
	t.Setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency")
	h, m, _ := traced(t, func() {})
	_, err := h.Invoke(lambdaContext(), []byte(`{"a":1}`))
	require.NoError(t, err)
	require.Equal(t, plain(m.received()[0]).Attributes, invocationOf(false, nil))
}

func TestPanicsAreRecordedAndPassedOn(t *testing.T) {
	cause := &imageError{"out of pixels"}
	h, m, _ := traced(t, func() { panic(cause) })
	require.PanicsWithValue(t, cause, func() { _, _ = h.Invoke(lambdaContext(), []byte(`{"a":1}`)) })
	require.Len(t, m.received(), 1)
	got := plain(m.received()[0])
	require.Equal(t, "ERROR: out of pixels", got.Status)
	require.Equal(t, "imageError", got.Attributes["error.type"])
	require.Len(t, got.Events, 1)
	require.Equal(t, "imageError", got.Events[0].Attributes["exception.type"])
	require.Contains(t, got.Events[0].Attributes["exception.stacktrace"], "TestPanicsAreRecordedAndPassedOn")
}

func TestUserSpansJoinTheInvocation(t *testing.T) {
	h, m, _ := traced(t, func(ctx context.Context) {
		_, span := trace.SpanFromContext(ctx).TracerProvider().Tracer("resize").Start(ctx, "resize")
		span.End()
	})
	_, err := h.Invoke(lambdaContext(), []byte(`{"a":1}`))
	require.NoError(t, err)
	spans := m.received()
	require.Len(t, spans, 2)
	require.Equal(t, "resize", spans[0].Name)
	require.Equal(t, spans[1].id, spans[0].parent)
	require.Equal(t, spans[1].trace, spans[0].trace)
}

func TestPayloadsThatStepFunctionsCannotSendHaveNoFingerprint(t *testing.T) {
	require.Empty(t, faas.Fingerprint([]byte(`not JSON`)))
	require.Empty(t, faas.Fingerprint(append(bytes.Repeat([]byte(" "), faas.MaxFingerprinted), '1')))
	require.NotEmpty(t, faas.Fingerprint(append(bytes.Repeat([]byte(" "), faas.MaxFingerprinted-1), '1')))
}

func TestTheStreamIsHandedOnAndEndsTheSpan(t *testing.T) {
	stream := &slowReader{parts: []string{"one", "two"}}
	h, m, tel := traced(t, func() (io.Reader, error) { return stream, nil })
	f, ok := byteFuncOf(h)
	require.True(t, ok)
	r, err := f(lambdaContext(), []byte(`{"a":1}`))
	require.NoError(t, err)
	p := make([]byte, 16)
	n, err := r.Read(p)
	require.NoError(t, err)
	require.Equal(t, "one", string(p[:n]), "the first part arrives before the second is made")
	require.Len(t, tel.sender.queue.open, 1, "the span lasts as long as the stream")
	require.Equal(t, "text/plain", r.(interface{ ContentType() string }).ContentType())
	_, err = io.ReadAll(r)
	require.NoError(t, err)
	require.Empty(t, tel.sender.queue.open)
	require.Empty(t, m.received(), "not sent before Lambda has the response")
	require.NoError(t, r.(io.Closer).Close())
	require.Len(t, m.received(), 1)
}

type closingReader struct {
	image  *strings.Reader
	closed int
}

func (c *closingReader) Read(p []byte) (int, error) { return c.image.Read(p) }

func (c *closingReader) Close() error { c.closed++; return errors.New("close failed") }

func TestAResponseThatIsCloserIsClosedOnce(t *testing.T) {
	stream := &closingReader{image: strings.NewReader("image")}
	h, m, _ := traced(t, func() (io.Reader, error) { return stream, nil })
	body, err := h.Invoke(lambdaContext(), []byte(`{"a":1}`))
	require.NoError(t, err)
	require.Equal(t, "image", string(body))
	require.Equal(t, 1, stream.closed)
	require.Len(t, m.received(), 1)
}

func TestOptionsOfTheHandlerSurvive(t *testing.T) {
	type key struct{}
	bare := lambda.NewHandlerWithOptions(func(event map[string]any) (any, error) { return event["n"], nil },
		lambda.WithUseNumber(true), lambda.WithContextValue(key{}, "base"))
	h, _, _ := traced(t, bare)
	body, err := h.Invoke(lambdaContext(), []byte(`{"n":9007199254740993}`))
	require.NoError(t, err)
	require.Equal(t, `9007199254740993`, string(body))
}

func TestAHandlerWithoutAByteFunctionIsWrappedByItsInvoke(t *testing.T) {
	_, ok := byteFuncOf(byteEcho{})
	require.False(t, ok)
	_, _, tel := traced(t, byteEcho{})
	m := &memory{}
	tel.sender.post = m.post
	h := wrap(byteEcho{}, tel)
	body, err := h.Invoke(lambdaContext(), []byte(` not even JSON `))
	require.NoError(t, err)
	require.Equal(t, ` not even JSON `, string(body))
	require.Len(t, m.received(), 1)
}

// The pinned aws-lambda-go must have the byte function where bytefunc.go looks for it, or responses stop streaming.
func TestTheByteFunctionIsFound(t *testing.T) {
	_, ok := byteFuncOf(lambda.NewHandler(func() {}))
	require.True(t, ok)
}

func TestUnfinishedSpansAreSentBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, m, _ := traced(t, func(ctx context.Context) error {
			time.Sleep(time.Second) // so that it starts second
			_, child := trace.SpanFromContext(ctx).TracerProvider().Tracer("resize").Start(ctx, "resize")
			child.SetName("renamed")
			time.Sleep(8800 * time.Millisecond) // it returns when there is time left to send
			child.End()
			return nil
		})
		ctx, cancel := context.WithTimeout(lambdaContext(), 10*time.Second)
		defer cancel()
		started := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = h.Invoke(ctx, []byte(`{"a":1}`))
		}()
		time.Sleep(9499 * time.Millisecond) // of the bubble's clock
		synctest.Wait()
		require.Empty(t, m.received())
		time.Sleep(time.Millisecond)
		synctest.Wait()
		require.Equal(t, 9500*time.Millisecond, time.Since(started))
		cut := m.received()
		require.Len(t, cut, 2)
		want := gotSpan{
			Name: "lambda", Kind: "SPAN_KIND_SERVER",
			Status:     "ERROR: had not ended shortly before the function's timeout",
			Attributes: invocationOf(true, map[string]any{"steptrace.timed_out": true, "error.type": "Sandbox.Timedout"}),
		}
		require.Equal(t, want, plain(cut[0]))
		require.Equal(t, cut[0].id, cut[1].parent)
		<-done
		require.Len(t, m.received(), 2+2, "the handler did return: its spans are sent whole, under the same ids")
		require.Equal(t, cut[0].id, m.received()[3].id)
	})
}

func TestAnInvocationInTimeLeavesNoAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, m, _ := traced(t, func() {})
		ctx, cancel := context.WithTimeout(lambdaContext(), time.Second)
		defer cancel()
		_, err := h.Invoke(ctx, []byte(`{"a":1}`))
		require.NoError(t, err)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Len(t, m.received(), 1)
	})
}

func TestWrapWithoutAnEndpointIsTheBareHandler(t *testing.T) {
	bare := lambda.NewHandler(func() {})
	require.Same(t, bare, Wrap(bare))
}

func TestWrapWithABadEndpointSaysSoAndTracesNothing(t *testing.T) {
	var log bytes.Buffer
	bare := lambda.NewHandler(func() {})
	require.Same(t, bare, Wrap(bare, WithEndpoint("collector:4318"), WithLogger(slog.New(slog.NewTextHandler(&log, nil)))))
	require.Contains(t, log.String(), `the OTLP endpoint \"collector:4318/v1/traces\" is not a URL`)
}
