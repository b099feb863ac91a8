package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/extension"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/outbox"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/runtimeapi"
)

// newTestLayer is a layer whose traffic the test plays.
func newTestLayer(t *testing.T, variables map[string]string) *layer {
	t.Helper()
	variables["AWS_LAMBDA_FUNCTION_NAME"] = "images"
	cfg, err := readSettings(func(name string) string { return variables[name] }, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	l := newLayer(cfg, slog.New(slog.DiscardHandler))
	l.runtime, err = newRuntimeWatch(t.TempDir() + "/runtime")
	require.NoError(t, err)
	t.Cleanup(l.close)
	return l
}

func (l *layer) begins(requestID string) {
	event := l.log.Begin(http.Header{"Lambda-Runtime-Aws-Request-Id": {requestID}})
	_, _ = event.Write([]byte(`{}`))
	_ = event.Close()
}

func (l *layer) ends(requestID string) {
	l.answered(runtimeapi.Answer{RequestID: requestID, Status: http.StatusAccepted, End: time.Now()})
}

// exported is an export of one span with so many bytes of a name.
func exported(t *testing.T, name string) []byte {
	t.Helper()
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{
		Spans: []*tracepb.Span{{
			TraceId: append(make([]byte, 15), 1), SpanId: append(make([]byte, 7), 1), Name: name,
			StartTimeUnixNano: uint64(time.Now().UnixNano()),
		}},
	}}}}})
	require.NoError(t, err)
	return body
}

func TestALongInvocationsSpansAreSentWhileItGoesOn(t *testing.T) {
	c := newCollector(t)
	l := newTestLayer(t, map[string]string{"STEPTRACE_ENDPOINT": c.URL})
	l.begins("r1")
	require.NoError(t, l.take(otlp.Traces, exported(t, strings.Repeat("x", enough+1))))
	require.Eventually(t, func() bool { return len(c.received()) == 1 }, patience, time.Millisecond)
	l.ends("r1")
	l.flush(t.Context())
	invocation := c.invocation(t, "r1")
	require.Equal(t, invocation.id, c.received()[0].parent, "its place was decided when it was sent")
	require.Equal(t, invocation.trace, c.received()[0].trace)
}

func TestConcurrentInvocationsAreSentAsTheyEnd(t *testing.T) {
	c := newCollector(t)
	l := newTestLayer(t, map[string]string{"STEPTRACE_ENDPOINT": c.URL, "AWS_LAMBDA_MAX_CONCURRENCY": "8"})
	require.Equal(t, []string{"SHUTDOWN"}, l.events())
	for _, id := range []string{"r1", "r2", "r3"} {
		l.begins(id)
	}
	require.NoError(t, l.take(otlp.Traces, exported(t, "whose?")))
	for _, id := range []string{"r2", "r1", "r3"} {
		l.ends(id)
	}
	require.Eventually(t, func() bool { return len(c.received()) == 4 }, patience, time.Millisecond)
	require.ElementsMatch(t, []string{"r1", "r2", "r3"}, c.requests())
	require.Empty(t, c.named(t, "whose?").parent)
}

func TestAllSignalsGoToTheirEndpoints(t *testing.T) {
	c := newCollector(t)
	l := newTestLayer(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL + "/"})
	require.NoError(t, l.take(otlp.Traces, exported(t, "a")))
	require.NoError(t, l.take(otlp.Logs, []byte("\n\x00")))
	require.NoError(t, l.take(otlp.Metrics, []byte("\n\x00")))
	l.flush(t.Context())
	require.ElementsMatch(t, []string{"/v1/traces", "/v1/logs", "/v1/metrics"}, c.posted())
}

func TestExportsOfAFunctionAreBounded(t *testing.T) {
	c := newCollector(t)
	goOn := c.hang()
	l := newTestLayer(t, map[string]string{"STEPTRACE_ENDPOINT": c.URL})
	l.begins("r1")
	for range 3 * outbox.MaxQueued / enough {
		require.NoError(t, l.take(otlp.Traces, exported(t, strings.Repeat("x", enough-1000))))
	}
	l.received.mu.Lock()
	received := l.received.size
	l.received.mu.Unlock()
	require.LessOrEqual(t, received, outbox.MaxQueued)
	require.LessOrEqual(t, l.outboxes[otlp.Traces].Size(), outbox.MaxQueued)
	goOn()
	require.ErrorContains(t, l.take(otlp.Traces, []byte("\n\x02\x12\xff")), "not an OTLP export request")
}

// faulty is a propagator that panics.
type faulty struct{ propagation.TraceContext }

func (faulty) Extract(context.Context, propagation.TextMapCarrier) context.Context { panic("bug") }

func TestAFaultOfTheLayerEndsNothing(t *testing.T) {
	c := newCollector(t)
	l := newTestLayer(t, map[string]string{"STEPTRACE_ENDPOINT": c.URL})
	var log bytes.Buffer
	l.logger, l.cfg.propagator = slog.New(slog.NewTextHandler(&log, nil)), faulty{}
	event := l.log.Begin(http.Header{"Lambda-Runtime-Aws-Request-Id": {"r1"}})
	_, _ = event.Write([]byte(`{"requestContext":{},"headers":{"traceparent":"x"}}`))
	require.NoError(t, event.Close())
	l.ends("r1")
	l.flush(t.Context())
	require.Contains(t, log.String(), "a fault of the layer")
	l.begins("r2")
	l.ends("r2")
	l.flush(t.Context())
	require.Equal(t, []string{"r2"}, c.requests())
}

// Their events, of up to 256 KiB each, would be kept.
func TestInvocationsAreEncodedWhileTheCollectorHangs(t *testing.T) {
	c := newCollector(t)
	goOn := c.hang()
	defer goOn()
	l := newTestLayer(t, map[string]string{
		"STEPTRACE_ENDPOINT": c.URL, "AWS_LAMBDA_MAX_CONCURRENCY": "8", "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
	})
	l.begins("r1")
	l.ends("r1")
	require.Eventually(t, func() bool { return len(c.posted()) == 1 }, patience, time.Millisecond)
	l.begins("r2")
	l.ends("r2")
	require.Eventually(t, func() bool { return l.outboxes[otlp.Traces].Size() > 0 }, patience, time.Millisecond)
}

// events are answers of the Extensions API.
func events(answers ...any) nextEvent {
	return func(context.Context) (extension.Event, error) {
		next := answers[0]
		answers = answers[1:]
		if err, ok := next.(error); ok {
			return extension.Event{}, err
		}
		return next.(extension.Event), nil
	}
}

func TestAnExtensionsAPIThatFailsIsTriedAgain(t *testing.T) {
	c := newCollector(t)
	l := newTestLayer(t, map[string]string{"STEPTRACE_ENDPOINT": c.URL})
	l.begins("r1")
	require.NoError(t, l.serve(t.Context(), events(errors.New("reset"), extension.Event{
		Type: extension.Shutdown, Reason: "failure", DeadlineMS: time.Now().Add(patience).UnixMilli(),
	})))
	require.Equal(t, "Runtime.ExitError", c.invocation(t, "r1").attributes["error.type"])
}

func TestAShutdownTriesACollectorThatIsLeftAlone(t *testing.T) {
	c := newCollector(t)
	c.answer(http.StatusServiceUnavailable)
	l := newTestLayer(t, map[string]string{"STEPTRACE_ENDPOINT": c.URL})
	l.begins("r1")
	l.ends("r1")
	l.flush(t.Context())
	c.answer(0)
	require.NoError(t, l.serve(t.Context(), events(extension.Event{Type: extension.Shutdown, Reason: "spindown"})))
	c.invocation(t, "r1")
}
