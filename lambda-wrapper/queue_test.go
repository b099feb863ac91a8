package wrapper

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func queueTracer(q *queue) trace.Tracer {
	return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(q)).Tracer("t")
}

// A handler that forgets to end a span, in an environment that lives long.
func TestSpansThatNeverEndLeaveRoomForLaterInvocations(t *testing.T) {
	q := newQueue(4)
	tracer := queueTracer(q)
	for range 10 {
		ctx, invocation := tracer.Start(context.Background(), "invocation")
		tracer.Start(ctx, "never ended")
		require.Len(t, q.unfinished(invocation.SpanContext(), time.Now()), 2)
		invocation.End()
		require.Empty(t, q.open)
	}
}

func TestSpansAcrossTheEndOfTheirInvocationEndThemselves(t *testing.T) {
	q := newQueue(4)
	tracer := queueTracer(q)
	ctx, invocation := tracer.Start(context.Background(), "invocation")
	_, background := tracer.Start(ctx, "background")
	invocation.End()
	background.End()
	spans, _ := q.take()
	require.Len(t, spans, 2)
}

// invoke is an invocation with so many spans in it.
func invoke(tracer trace.Tracer, children int) {
	ctx, invocation := tracer.Start(context.Background(), "invocation")
	for range children {
		_, child := tracer.Start(ctx, "child")
		child.End()
	}
	invocation.End()
}

func TestAnInvocationIsNotDroppedForTheSpansInIt(t *testing.T) {
	q := newQueue(4)
	tracer := queueTracer(q)
	invoke(tracer, 1)
	invoke(tracer, 100)
	invoke(tracer, 1) // there is no room for it: what is older is kept
	spans, _ := q.take()
	var names []string
	for _, s := range spans {
		names = append(names, s.Name())
	}
	require.Equal(t, []string{"child", "invocation", "child", "invocation"}, names)
	require.Equal(t, 101, q.takeDropped())
}

func TestALongInvocationsSpansAreSentBeforeTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		s := newSender(newQueue(10), m.post, time.Second, slog.New(slog.DiscardHandler))
		tracer := queueTracer(s.queue)
		ctx, invocation := tracer.Start(context.Background(), "invocation")
		for range 99 {
			_, child := tracer.Start(ctx, "child")
			child.End()
			synctest.Wait()
		}
		require.Greater(t, len(m.received()), 90)
		invocation.End()
		s.flush(t.Context())
		require.Len(t, m.received(), 100)
		require.Zero(t, s.queue.takeDropped())
	})
}

func TestWhatIsDroppedWithoutAnOutageIsSaid(t *testing.T) {
	s, m, log := newTestSender(4)
	invoke(queueTracer(s.queue), 9)
	s.flush(t.Context())
	require.Len(t, m.received(), 4)
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	require.Contains(t, log.String(), "spans_dropped=6")
}

// What another invocation, or a crowded queue, has begun to send may hang.
func TestAnExportThatHangsDoesNotHoldUpTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSender(newQueue(10), func(ctx context.Context, _ []byte) error {
			<-ctx.Done()
			return ctx.Err()
		}, time.Second, slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)))
		s.enqueue(ended("a", 1))
		s.flushBeside(context.Background())
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		s.flush(ctx)
		require.Less(t, time.Since(began), 100*time.Millisecond)
		time.Sleep(time.Second) // the export's time
	})
}
