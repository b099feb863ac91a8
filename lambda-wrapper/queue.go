package wrapper

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// queue is the SpanProcessor: it keeps ended spans until they are sent and remembers the open ones, both bounded.
type queue struct {
	limit int
	spool *spool // has the same ended spans

	mu      sync.Mutex
	ended   []sdktrace.ReadOnlySpan
	oldest  time.Time // when the first of them was added
	dropped int
	open    map[trace.SpanID]openSpan

	invocation trace.SpanID // whose beginning is in the spool
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
	if parent := s.Parent(); parent.IsValid() && !parent.IsRemote() {
		return q.open[parent.SpanID()].root
	}
	return s.SpanContext().SpanID()
}

// OnEnd implements sdktrace.SpanProcessor.
func (q *queue) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.open, s.SpanContext().SpanID())
	if len(q.ended) < q.limit && q.spool != nil {
		q.spool.add(func(b []byte) []byte { return otlp.Append(b, s) })
	}
	if q.invocation == s.SpanContext().SpanID() {
		q.spool.end()
	}
	q.add(s)
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

// take empties the queue. Once the spans need not be kept any more, the spool is to forget what is before mark.
func (q *queue) take() (spans []sdktrace.ReadOnlySpan, mark int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	spans = q.ended
	q.ended = nil
	return spans, q.spool.mark()
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
			spans = append(spans, cutSpan{
				s.ReadWriteSpan, now, append(slices.Clip(s.attributes),
					attribute.Bool(semconv.LambdaTimeoutMargin, true), attribute.String(semconv.ErrorType, timedOutError)),
				"had not ended shortly before the function's timeout",
			})
		}
	}
	slices.SortFunc(spans, func(a, b sdktrace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	return spans
}

// timedOutError is the error that Lambda reports for a function which outlived its timeout.
const timedOutError = "Sandbox.Timedout"

// exitError is the error that Lambda reports for a function whose process ended.
const exitError = "Runtime.ExitError"

// began keeps an invocation in the spool as it will be known if its process ends before it. There is room for one.
func (q *queue) began(span trace.Span) {
	s, ok := span.(sdktrace.ReadOnlySpan)
	if q.spool == nil || !ok || !s.SpanContext().IsSampled() {
		return
	}
	cut := cutSpan{s, time.Unix(0, endSentinel), append(slices.Clip(s.Attributes()),
		attribute.String(semconv.ErrorType, exitError)), "the process ended before the invocation"}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.invocation = s.SpanContext().SpanID()
	q.spool.begin(func(b []byte) []byte { return otlp.Append(b, cut) })
}

// cutSpan is a span that had not ended at a moment.
type cutSpan struct {
	sdktrace.ReadOnlySpan
	at         time.Time
	attributes []attribute.KeyValue
	why        string
}

func (s cutSpan) EndTime() time.Time { return s.at }

func (s cutSpan) Attributes() []attribute.KeyValue { return s.attributes }

func (s cutSpan) Events() []sdktrace.Event { return nil }

func (s cutSpan) Status() sdktrace.Status {
	return sdktrace.Status{Code: codes.Error, Description: s.why}
}
