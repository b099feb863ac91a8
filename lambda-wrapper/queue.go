package wrapper

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/journal"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// queue is the SpanProcessor: it keeps ended spans until they are sent and remembers the open ones, both bounded.
type queue struct {
	limit   int
	journal *journal.Journal // the ended spans, for the case that the process ends; may be nil

	mu      sync.Mutex
	ended   []sdktrace.ReadOnlySpan
	since   time.Time // when the first of them was added
	dropped int
	open    map[trace.SpanID]openSpan
	held    trace.SpanID // the open span that the journal holds
}

// openSpan has the attributes a span started with. Those it got later are not read: the SDK rearranges them in place
// while the handler goes on.
type openSpan struct {
	sdktrace.ReadWriteSpan
	attributes []attribute.KeyValue
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, open: map[trace.SpanID]openSpan{}}
}

// OnStart implements sdktrace.SpanProcessor.
func (q *queue) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	started := openSpan{s, slices.Clone(s.Attributes())}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.open) < q.limit {
		q.open[s.SpanContext().SpanID()] = started
	}
}

// OnEnd implements sdktrace.SpanProcessor.
func (q *queue) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.open, s.SpanContext().SpanID())
	q.add(s)
	q.journal.Add(func(b []byte) []byte { return otlp.AppendSpan(b, s) })
	q.journal.Touch(s.EndTime())
	if s.SpanContext().SpanID() == q.held {
		q.journal.Release()
	}
}

// Shutdown and ForceFlush implement sdktrace.SpanProcessor; sending is the sender's business.
func (q *queue) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (q *queue) ForceFlush(context.Context) error { return nil }

func (q *queue) add(spans ...sdktrace.ReadOnlySpan) {
	if len(q.ended) == 0 {
		q.since = time.Now()
	}
	room := max(0, q.limit-len(q.ended))
	taken := min(room, len(spans))
	q.ended = append(q.ended, spans[:taken]...)
	q.dropped += len(spans) - taken
}

// hold has the journal tell of an open span, and why it has not ended, in case that the process ends before it does.
func (q *queue) hold(id trace.SpanID, why *cut) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, ok := q.open[id]
	if !ok || q.journal == nil {
		return
	}
	cut := cutSpan{s.ReadWriteSpan, time.Now(), s.attributes, why}
	var end [8]byte
	binary.LittleEndian.PutUint64(end[:], uint64(cut.at.UnixNano()))
	if q.journal.Hold(func(b []byte) []byte { return otlp.AppendSpan(b, cut) }, end[:]) {
		q.held = id
	}
}

// sent forgets what take gave, and of what is unfinished what is held.
func (q *queue) sent(unfinished bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.journal.Clear()
	for _, s := range q.ended {
		q.journal.Add(func(b []byte) []byte { return otlp.AppendSpan(b, s) })
	}
	if unfinished {
		q.journal.Release()
	}
}

// waiting is how many spans wait, and for how long the oldest has.
func (q *queue) waiting(now time.Time) (spans int, waited time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ended), now.Sub(q.since)
}

// take empties the queue.
func (q *queue) take() []sdktrace.ReadOnlySpan {
	q.mu.Lock()
	defer q.mu.Unlock()
	spans := q.ended
	q.ended = nil
	return spans
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

// unfinished shows the open spans of a trace as they would be if they ended now, in failure. Each may still end and be
// sent whole, under the same ids.
func (q *queue) unfinished(id trace.TraceID, now time.Time) []sdktrace.ReadOnlySpan {
	q.mu.Lock()
	defer q.mu.Unlock()
	var spans []sdktrace.ReadOnlySpan
	for _, s := range q.open {
		if s.SpanContext().TraceID() == id {
			spans = append(spans, cutSpan{s.ReadWriteSpan, now, s.attributes, timedOut})
		}
	}
	slices.SortFunc(spans, func(a, b sdktrace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	return spans
}

// cut is why a span had not ended.
type cut struct {
	attributes []attribute.KeyValue
	message    string
}

// The values of error.type are those that Lambda reports.
var (
	timedOut = &cut{
		[]attribute.KeyValue{
			attribute.Bool(semconv.LambdaTimeoutMargin, true), attribute.String(semconv.ErrorType, "Sandbox.Timedout"),
		},
		"had not ended shortly before the function's timeout",
	}
	died = &cut{
		[]attribute.KeyValue{attribute.String(semconv.ErrorType, "Runtime.ExitError")},
		"the process ended before: it exited, was killed, or ran out of memory",
	}
)

// cutSpan is a span that had not ended at a moment.
type cutSpan struct {
	sdktrace.ReadOnlySpan
	at         time.Time
	attributes []attribute.KeyValue
	why        *cut
}

func (s cutSpan) EndTime() time.Time { return s.at }

func (s cutSpan) Attributes() []attribute.KeyValue {
	return append(slices.Clip(s.attributes), s.why.attributes...)
}

func (s cutSpan) Events() []sdktrace.Event { return nil }

func (s cutSpan) Status() sdktrace.Status {
	return sdktrace.Status{Code: codes.Error, Description: s.why.message}
}
