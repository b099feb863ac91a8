package wrapper

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

type faultyPropagator struct{ propagation.TraceContext }

func (faultyPropagator) Extract(context.Context, propagation.TextMapCarrier) context.Context {
	panic("propagator")
}

type faultySampler struct{}

func (faultySampler) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult {
	panic("sampler")
}
func (faultySampler) Description() string { return "faulty" }

// What the function brings for its traces may be wrong; what the function does is not.
func TestAFaultOfTracingIsNotTheHandlers(t *testing.T) {
	for name, option := range map[string]Option{
		"propagator": WithPropagator(faultyPropagator{}), "sampler": WithSampler(faultySampler{}),
		"panics": WithRedaction(func(string) string { panic("redaction") }),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			cfg, err := newConfig(func(string) string { return "" }, []Option{
				WithEndpoint("http://c"), WithPayloads(100), WithLogger(slog.New(slog.NewTextHandler(&log, nil))), option,
			})
			require.NoError(t, err)
			h := wrap(lambda.NewHandler(func() (string, error) { return "done", nil }), newTelemetry(cfg))
			body, err := h.Invoke(lambdaContext(), []byte(`{"requestContext":{},"headers":{"traceparent":"x"}}`))
			require.NoError(t, err)
			require.Equal(t, `"done"`, string(body))
			require.Contains(t, log.String(), name)
		})
	}
}

func TestAFaultOfTracingDoesNotHoldTheEnvironmentUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := runLoop(t)
		cfg, err := newConfig(func(string) string { return "" }, []Option{
			WithEndpoint("http://c"), WithSampler(faultySampler{}), WithLogger(slog.New(slog.DiscardHandler)),
		})
		require.NoError(t, err)
		tel := newTelemetry(cfg)
		tel.extension = env.loop
		h := wrap(lambda.NewHandler(func() {}), tel)
		env.answers <- event("8b5e9f3c-0c43-4a48-b8b4-1f2d4f3f0f11")
		_, err = h.Invoke(lambdaContext(), []byte(`{}`))
		require.NoError(t, err)
		require.True(t, env.asksNext())
	})
}

// brokenError's text panics when it is nil, as many do.
type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }

func TestOddEndsOfAHandlerAreAsWithoutTheWrapper(t *testing.T) {
	for name, handler := range map[string]func() error{
		"panic with nothing":        func() error { panic(nil) },
		"an error of a nil pointer": func() error { return (*brokenError)(nil) },
		"a fault of the runtime":    func() error { var m map[string]int; m["a"] = 1; return nil }, //nolint:staticcheck // as above
	} {
		t.Run(name, func(t *testing.T) {
			outcome := func(h lambda.Handler) (value any) {
				defer func() {
					if fault := recover(); fault != nil {
						value = fault
					}
				}()
				_, err := h.Invoke(lambdaContext(), []byte(`{}`))
				return err.Error() // as aws-lambda-go reports it
			}
			h, m, _ := traced(t, handler)
			require.Equal(t, outcome(lambda.NewHandler(handler)), outcome(h))
			require.Len(t, m.received(), 1)
			require.Contains(t, m.received()[0].Status, "ERROR: ")
		})
	}
}

func TestAHandlerThatEndsItsGoroutineIsSeenAtTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, m, _ := traced(t, func() { runtime.Goexit() })
		ctx, cancel := context.WithTimeout(lambdaContext(), time.Second)
		defer cancel()
		go func() { _, _ = h.Invoke(ctx, []byte(`{}`)) }()
		time.Sleep(2 * time.Second)
		require.Len(t, m.received(), 1)
	})
}
