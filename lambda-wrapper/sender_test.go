package wrapper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

// ended returns n ended spans named prefix0, prefix1, ….
func ended(prefix string, n int) []sdktrace.ReadOnlySpan {
	stubs := make(tracetest.SpanStubs, n)
	for i := range stubs {
		stubs[i].Name = fmt.Sprintf("%s%d", prefix, i)
		stubs[i].SpanContext = trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled,
		})
	}
	return stubs.Snapshots()
}

func namesOf(spans []gotSpan) []string {
	names := make([]string, len(spans))
	for i, s := range spans {
		names[i] = s.Name
	}
	return names
}

func newTestSender(limit int) (*sender, *memory, *bytes.Buffer) {
	m, log := &memory{}, &bytes.Buffer{}
	s := newSender(newQueue(limit), m.post, time.Second, slog.New(slog.NewTextHandler(log, nil)))
	s.queue.crowded = nil // tests flush themselves
	return s, m, log
}

func (s *sender) enqueue(spans []sdktrace.ReadOnlySpan) {
	for _, span := range spans {
		s.queue.OnEnd(span)
	}
}

func TestAnOutageIsLoggedOnceAndLeavesTheCollectorAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, log := newTestSender(10)
		m.err = errAway
		var attempts []time.Duration
		begin := time.Now()
		for range 200 {
			s.enqueue(ended("a", 1))
			before := m.posts
			s.flush(context.Background())
			if m.posts > before {
				attempts = append(attempts, time.Since(begin))
			}
			time.Sleep(time.Second)
		}
		require.Equal(t, []time.Duration{
			0, 1 * time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second, 31 * time.Second,
			63 * time.Second, 123 * time.Second, 183 * time.Second,
		}, attempts, "doubling pauses, at most a minute")
		require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())

		m.err = nil
		time.Sleep(time.Minute)
		s.flush(context.Background())
		require.Len(t, m.received(), 10, "what the queue holds is sent")
		require.Contains(t, log.String(), "the collector answers again")
		require.Contains(t, log.String(), "spans_dropped=190")
		require.Equal(t, 2, strings.Count(log.String(), "\n"))
	})
}

func TestRefusedSpansAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, log := newTestSender(10)
		m.err = &otlp.RefusedError{Status: 401, Answer: "who are you?"}
		s.enqueue(ended("a", 2))
		s.flush(context.Background())
		require.Contains(t, log.String(), "HTTP 401 Unauthorized: who are you?")
		m.err = nil
		s.enqueue(ended("b", 1))
		time.Sleep(time.Second)
		s.flush(context.Background())
		require.Equal(t, []string{"b0"}, namesOf(m.received()))
	})
}

func TestSpansKeepTheirOrderOverAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, _ := newTestSender(3)
		m.err = errAway
		s.enqueue(ended("a", 2))
		s.flush(context.Background())
		s.enqueue(ended("b", 2)) // one too many
		m.err = nil
		time.Sleep(time.Second)
		s.flush(context.Background())
		require.Equal(t, []string{"a0", "a1", "b0"}, namesOf(m.received()))
	})
}

func TestAnExportIsBoundedByTimeoutAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tc := range []struct {
			left, want time.Duration
		}{
			{time.Minute, time.Second},
			{500 * time.Millisecond, 450 * time.Millisecond},
		} {
			s, _, _ := newTestSender(3)
			s.post = func(ctx context.Context, _ []byte) error {
				deadline, ok := ctx.Deadline()
				require.True(t, ok)
				require.Equal(t, tc.want, time.Until(deadline))
				return errors.New("too late")
			}
			ctx, cancel := context.WithTimeout(context.Background(), tc.left)
			s.enqueue(ended("a", 1))
			s.flush(ctx)
			cancel()
		}
	})
}

func TestAnInvocationWithoutTimeLeavesItsSpansToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, log := newTestSender(3)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		s.enqueue(ended("a", 1))
		s.flush(ctx)
		require.Zero(t, m.posts)
		s.flush(context.Background())
		require.Len(t, m.received(), 1, "the collector is well")
		require.Empty(t, log.String())
	})
}

func TestACancelledInvocationStillSends(t *testing.T) {
	s, m, _ := newTestSender(3)
	var seen error
	s.post = func(ctx context.Context, body []byte) error {
		seen = ctx.Err()
		return m.post(ctx, body)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.enqueue(ended("a", 1))
	s.flush(ctx)
	require.NoError(t, seen)
	require.Len(t, m.received(), 1)
}

func TestNothingToSendIsNotSent(t *testing.T) {
	s, m, _ := newTestSender(3)
	s.flush(context.Background())
	require.Zero(t, m.posts)
}

func TestUnsampledSpansAreNotKept(t *testing.T) {
	q := newQueue(3)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(q), sdktrace.WithSampler(recordOnly{}))
	_, span := provider.Tracer("t").Start(context.Background(), "recorded, not sampled")
	require.Empty(t, q.open)
	span.End()
	spans, _ := q.take()
	require.Empty(t, spans)
}

type recordOnly struct{}

func (recordOnly) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult {
	return sdktrace.SamplingResult{Decision: sdktrace.RecordOnly}
}
func (recordOnly) Description() string { return "recordOnly" }

func TestOpenSpansAreBounded(t *testing.T) {
	q := newQueue(2)
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(q)).Tracer("t")
	for range 5 {
		tracer.Start(context.Background(), "never ended")
	}
	require.Len(t, q.open, 2)
}
