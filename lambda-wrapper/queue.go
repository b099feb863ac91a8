package wrapper

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
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

// openSpan has the attributes a span started with. Those it got later are not read: the SDK rearranges them in place
// while the handler goes on.
type openSpan struct {
	sdktrace.ReadWriteSpan
	attributes []attribute.KeyValue
	root       trace.SpanID // the invocation it is part of; zero if its parent had ended
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, open: map[trace.SpanID]openSpan{}}
}

// OnStart implements sdktrace.SpanProcessor.
func (q *queue) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	started := openSpan{ReadWriteSpan: s, attributes: slices.Clone(s.Attributes())}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.open) < q.limit {
		started.root = q.rootOf(s)
		q.open[s.SpanContext().SpanID()] = started
	}
}

// rootOf tells invocations apart that run in one process and are parts of one trace.
func (q *queue) rootOf(s sdktrace.ReadOnlySpan) trace.SpanID {
	if isLocalRoot(s) {
		return s.SpanContext().SpanID()
	}
	return q.open[s.Parent().SpanID()].root
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

// close forgets an open span, and with a local root those below it: they can end, but will not be cut. Spans that a
// handler never ends would take the room of the invocations to come.
func (q *queue) close(s sdktrace.ReadOnlySpan) {
	id := s.SpanContext().SpanID()
	delete(q.open, id)
	if isLocalRoot(s) {
		maps.DeleteFunc(q.open, func(_ trace.SpanID, below openSpan) bool { return below.root == id })
	}
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

func isLocalRoot(s sdktrace.ReadOnlySpan) bool { return !s.Parent().IsValid() || s.Parent().IsRemote() }

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

// unfinished shows the open spans of an invocation as they would be if they ended now, in failure. Each may still end
// and be sent whole, under the same ids.
func (q *queue) unfinished(invocation trace.SpanContext, now time.Time) []sdktrace.ReadOnlySpan {
	q.mu.Lock()
	defer q.mu.Unlock()
	var spans []sdktrace.ReadOnlySpan
	for _, s := range q.open {
		inTrace := s.SpanContext().TraceID() == invocation.TraceID()
		if inTrace && (s.root == invocation.SpanID() || !s.root.IsValid()) {
			spans = append(spans, cutSpan{s.ReadWriteSpan, now, s.attributes, timedOut})
		}
	}
	slices.SortFunc(spans, func(a, b sdktrace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	return spans
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
