package convert

import (
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/spanid"
)

// Span is one span of an execution's trace.
type Span struct {
	ID         spanid.SpanID
	Parent     spanid.SpanID // zero on the root
	Kind       string        // one of semconv.Kind…
	Name       string        // of low cardinality
	SpanKind   trace.SpanKind
	Start, End time.Time // UTC; Start ≤ End
	Status     codes.Code
	Message    string // what failed, when Status is Error
	Service    string // service.name where it is not the state machine's
	Attributes []attribute.KeyValue
	Events     []SpanEvent
}

// SpanEvent is a moment within a span.
type SpanEvent struct {
	Name string
	Time time.Time
}

// Record is one log record: one history event.
type Record struct {
	Span       spanid.SpanID // the span that the event belongs to
	EventName  string        // the event's type
	Time       time.Time
	Severity   slog.Level
	Attributes []attribute.KeyValue
	Body       string // the event's details as JSON
}

// Output is what a batch of events gave.
type Output struct {
	Spans   []Span   // those that ended, children before parents
	Records []Record // one per event

	// Children are the ARNs of executions that tasks started, MapRuns those of the runs of distributed Map states, a
	// redriven one again. A batch names each as its events reveal it.
	Children, MapRuns []string
}
