package wrapper

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// openSpan has the attributes a span started with. Those it got later are not read: the SDK rearranges them in place
// while the handler goes on.
type openSpan struct {
	sdktrace.ReadWriteSpan
	attributes []attribute.KeyValue
	root       trace.SpanID // the invocation it is part of; zero if its parent had ended
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

// close forgets an open span, and with a local root those below it: they can end, but will not be cut. Spans that a
// handler never ends would take the room of the invocations to come.
func (q *queue) close(s sdktrace.ReadOnlySpan) {
	id := s.SpanContext().SpanID()
	delete(q.open, id)
	if isLocalRoot(s) {
		maps.DeleteFunc(q.open, func(_ trace.SpanID, below openSpan) bool { return below.root == id })
	}
}

func isLocalRoot(s sdktrace.ReadOnlySpan) bool { return !s.Parent().IsValid() || s.Parent().IsRemote() }

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
