package wrapper

import (
	"context"
	"slices"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

// queue is the SpanProcessor: it keeps ended spans until they are sent and remembers the open ones, both bounded.
type queue struct {
	limit   int
	journal *journal // has the same ended spans
	crowded func()   // called when it is half full, so that a long invocation loses nothing; nil: nobody is told

	mu      sync.Mutex
	ended   []sdktrace.ReadOnlySpan
	oldest  time.Time // when the first of them was added
	dropped int
	open    map[trace.SpanID]openSpan

	invocation trace.SpanID // whose beginning is in the journal
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, open: map[trace.SpanID]openSpan{}}
}

// OnEnd implements sdktrace.SpanProcessor.
func (q *queue) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	if q.keep(s) && q.crowded != nil {
		q.crowded()
	}
}

// keep tells whether the queue has become half full.
func (q *queue) keep(s sdktrace.ReadOnlySpan) (half bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.close(s)
	if len(q.ended) >= q.limit && isLocalRoot(s) {
		q.makeRoom(s)
	}
	if len(q.ended) < q.limit && q.journal != nil {
		q.journal.add(func(b []byte) []byte { return otlp.Append(b, s) })
	}
	if q.invocation == s.SpanContext().SpanID() {
		q.journal.end()
	}
	before := len(q.ended)
	q.add(s)
	return before < len(q.ended) && len(q.ended) == (q.limit+1)/2
}

// makeRoom drops the last span of a local root's trace for it: without the invocation nothing of it has a place.
func (q *queue) makeRoom(root sdktrace.ReadOnlySpan) {
	for at := len(q.ended) - 1; at >= 0; at-- {
		other := q.ended[at]
		if !isLocalRoot(other) && other.SpanContext().TraceID() == root.SpanContext().TraceID() {
			q.ended = slices.Delete(q.ended, at, at+1)
			q.dropped++
			return
		}
	}
}

// Shutdown and ForceFlush implement sdktrace.SpanProcessor; sending is the sender's business.
func (q *queue) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (q *queue) ForceFlush(context.Context) error { return nil }

func (q *queue) add(spans ...sdktrace.ReadOnlySpan) {
	room := max(0, q.limit-len(q.ended))
	taken := min(room, len(spans))
	if len(q.ended) == 0 {
		q.oldest = time.Now()
	}
	q.ended = append(q.ended, spans[:taken]...)
	q.dropped += len(spans) - taken
}

// take empties the queue. Once the spans need not be kept any more, the journal is to forget what is before mark.
func (q *queue) take() (spans []sdktrace.ReadOnlySpan, mark int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	spans = q.ended
	q.ended = nil
	return spans, q.journal.mark()
}

// due tells whether there are as many spans as that, or the first has waited that long.
func (q *queue) due(spans int, wait time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ended) > 0 && (len(q.ended) >= spans || time.Since(q.oldest) >= wait)
}

// putBack returns spans that could not be sent, for the next time.
func (q *queue) putBack(spans []sdktrace.ReadOnlySpan) {
	q.mu.Lock()
	defer q.mu.Unlock()
	newer := q.ended
	q.ended = nil
	q.add(spans...)
	q.add(newer...)
}

// takeDropped returns the number of spans lost since the last call.
func (q *queue) takeDropped() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.dropped
	q.dropped = 0
	return n
}

// hold keeps an open invocation in the journal as it will be known if its process ends before it. One has room.
func (q *queue) hold(span trace.Span, why cut) {
	if q.journal == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	s, ok := q.open[span.SpanContext().SpanID()]
	if !ok {
		return // not sampled, or ended meanwhile
	}
	q.invocation = span.SpanContext().SpanID()
	q.journal.begin(func(b []byte) []byte {
		return otlp.Append(b, cutSpan{s.ReadWriteSpan, time.Unix(0, endSentinel), s.attributes, why})
	})
}
