package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// Trace is one execution end to end: the spans of its history and of the Lambda invocations joined to it.
type Trace struct {
	TraceID      string  `json:"trace_id"`      // 32 hex digits
	ExecutionARN string  `json:"execution_arn"` // empty for a trace that holds no execution
	Status       string  `json:"status"`        // of the execution: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED
	Spans        []Span  `json:"spans"`         // in tree order: parents before children, siblings by start
	Events       []Event `json:"events"`        // the history, by redrive and id
	// Truncated is set when the store holds more spans or events of the trace than a read returns.
	Truncated bool `json:"truncated,omitempty"`
}

// Span is one span of a trace.
type Span struct {
	SpanID        string            `json:"span_id"`        // 16 hex digits
	ParentSpanID  string            `json:"parent_span_id"` // empty on a root
	Name          string            `json:"name"`
	Kind          string            `json:"kind"` // INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER, UNSPECIFIED
	StartUnixNano int64             `json:"start_unix_nano"`
	EndUnixNano   int64             `json:"end_unix_nano"`
	Status        string            `json:"status"` // UNSET, OK, ERROR
	StatusMessage string            `json:"status_message"`
	Service       string            `json:"service"`    // service.name of the resource
	Attributes    map[string]string `json:"attributes"` // the span's own; numbers and booleans as text
	Join          *Join             `json:"join"`       // how the span came under its parent, nil when it said so itself
}

// Join is the evidence by which an invocation was put under an attempt.
type Join struct {
	Method     string  `json:"method"`     // context, request_id, fingerprint
	Confidence float64 `json:"confidence"` // above 0, at most 1
}

// Event is one event of an execution's history.
type Event struct {
	ID           int64  `json:"id"`
	Type         string `json:"type"`
	TimeUnixNano int64  `json:"time_unix_nano"`
	SpanID       string `json:"span_id"` // the span it belongs to
}

// Latest is the reference to the execution with the newest start.
const Latest = "latest"

// Trace reads one trace by an execution ARN, a trace id (32 hex digits) or Latest. It unites the execution's spans with
// those of the Lambda invocations that belong to it; an execution that runs has its events and few spans or none.
func (db *DB) Trace(ctx context.Context, ref string) (Trace, error) {
	e, err := db.resolve(ctx, ref)
	if err != nil {
		return Trace{}, err
	}
	t := Trace{TraceID: e.TraceID, ExecutionARN: e.ExecutionARN, Status: e.Status}
	var spansCut, eventsCut bool
	if t.Spans, spansCut, err = db.unitedSpans(ctx, e.TraceID); err != nil {
		return Trace{}, err
	}
	if t.Events, eventsCut, err = db.eventsOf(ctx, e); err != nil {
		return Trace{}, err
	}
	t.Truncated = spansCut || eventsCut
	if len(t.Spans) == 0 && len(t.Events) == 0 {
		return Trace{}, fmt.Errorf("trace %s: %w in the store at %s", ref, ErrNotFound, db.addr)
	}
	return t, nil
}

// resolve finds the execution that ref names. A trace without one is an Execution of which only the trace id is known.
func (db *DB) resolve(ctx context.Context, ref string) (Execution, error) {
	s := selection{ExecutionFilter: ExecutionFilter{Limit: 1}}
	switch {
	case ref == Latest:
	case strings.HasPrefix(ref, "arn:"):
		s.arn = ref
	case isTraceID(ref):
		s.traceID = strings.ToLower(ref)
	default:
		return Execution{}, fmt.Errorf("trace %q: neither an execution ARN, a trace id of 32 hex digits nor %q", ref, Latest)
	}
	found, err := db.selectExecutions(ctx, s)
	switch {
	case err != nil:
		return Execution{}, err
	case len(found) > 0:
		return found[0], nil
	case s.traceID != "":
		return Execution{TraceID: s.traceID}, nil
	case s.arn != "": // its spans may have come before its history events
		return Execution{ExecutionARN: s.arn, TraceID: spanid.Trace(s.arn).String()}, nil
	default:
		return Execution{}, fmt.Errorf("the latest execution: %w, for the store at %s holds none", ErrNotFound, db.addr)
	}
}

func isTraceID(s string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(s) == 2*len(spanid.TraceID{}) && strings.Trim(s, digits) == ""
}

// unitedSpans reads a trace's own spans and what is joined to them, in tree order.
func (db *DB) unitedSpans(ctx context.Context, traceID string) (spans []Span, cut bool, err error) {
	own, ownCut, err := db.spansOf(ctx, []string{traceID})
	if err != nil {
		return nil, false, err
	}
	spans = make([]Span, 0, len(own))
	for _, s := range own {
		spans = append(spans, s.Span)
	}
	adoptByAlias(spans)
	if !invokesLambda(spans) {
		return inTreeOrder(spans), ownCut, nil
	}
	matches, err := db.matches(ctx, traceID, spans)
	if err != nil {
		return nil, false, err
	}
	foreign, foreignCut, err := db.spansOf(ctx, tracesOf(matches, traceID))
	if err != nil {
		return nil, false, err
	}
	return inTreeOrder(adoptByMatch(spans, foreign, matches)), ownCut || foreignCut, nil
}

func invokesLambda(spans []Span) bool {
	for _, s := range spans {
		if s.Attributes[semconv.Kind] == semconv.KindAttempt && s.Attributes[semconv.LambdaInvokedARN] != "" {
			return true
		}
	}
	return false
}

// matches weighs the invocations that may belong to the trace's attempts.
func (db *DB) matches(ctx context.Context, traceID string, spans []Span) ([]join.Match, error) {
	invocations, err := db.candidateInvocations(ctx, traceID)
	if err != nil {
		return nil, err
	}
	attempts, err := db.candidateAttempts(ctx, traceID)
	if err != nil {
		return nil, err
	}
	attempts, invocations = unjoined(spans, traceID, attempts, invocations)
	return matchesOf(join.Assign(attempts, invocations), traceID), nil
}
