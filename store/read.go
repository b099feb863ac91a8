package store

import (
	"context"
	"fmt"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// TraceBounds bounds what a trace is united with beside its Lambda invocations.
type TraceBounds struct {
	Levels   int // of executions that it started, and of what started it; 0 is none
	Children int // executions that it started, all levels together, the failed ones first
}

// DefaultBounds are those of Trace.
var DefaultBounds = TraceBounds{Levels: 3, Children: 50}

// most is what any bounds are cut to.
var mostBounds = TraceBounds{Levels: 10, Children: 200}

// Trace reads one trace by an execution ARN, a trace id (32 hex digits) or Latest, within DefaultBounds.
func (db *DB) Trace(ctx context.Context, ref string) (Trace, error) {
	return db.TraceWithin(ctx, ref, DefaultBounds)
}

// TraceWithin reads one trace. It unites the execution's spans with those of the Lambda invocations that belong to it,
// of the executions that it started, and with those that lead to it: of the execution or Lambda that started it, or the
// upload. An execution that runs has its events and few spans or none. The trace id of a Lambda invocation gives the
// execution that it belongs to, when there is one.
func (db *DB) TraceWithin(ctx context.Context, ref string, bounds TraceBounds) (Trace, error) {
	bounds.Levels = min(max(bounds.Levels, 0), mostBounds.Levels)
	bounds.Children = min(max(bounds.Children, 0), mostBounds.Children)
	e, err := db.resolve(ctx, ref)
	if err != nil {
		return Trace{}, err
	}
	t, err := db.read(ctx, e, bounds)
	if err != nil {
		return Trace{}, err
	}
	if len(t.Spans) == 0 && len(t.Events) == 0 {
		return Trace{}, fmt.Errorf("trace %.2000s: %w in the store at %s", ref, ErrNotFound, db.addr)
	}
	if t.ExecutionARN == "" {
		if united, found, err := db.invoker(ctx, t, bounds); found || err != nil {
			return united, err
		}
	}
	return t, nil
}

// read reads the trace of an execution of which at least the trace id is known.
func (db *DB) read(ctx context.Context, e Execution, bounds TraceBounds) (Trace, error) {
	t := Trace{TraceID: e.TraceID, ExecutionARN: e.ExecutionARN, Status: e.Status}
	spans, spansCut, err := db.unitedSpans(ctx, []string{e.TraceID}, db.maxSpans)
	if err != nil {
		return Trace{}, err
	}
	events, eventsCut, err := db.eventsOf(ctx, e)
	if err != nil {
		return Trace{}, err
	}
	t.Spans, t.Events, t.Truncated = InTreeOrder(spans), events, spansCut || eventsCut
	t.describe()
	if bounds.Levels > 0 && !spansCut {
		if err := db.descend(ctx, &t, bounds); err != nil {
			return Trace{}, err
		}
		if err := db.ascend(ctx, &t, e.MapRunARN, bounds.Levels); err != nil {
			return Trace{}, err
		}
		t.Spans = InTreeOrder(t.Spans)
	}
	return t, nil
}

// describe takes from the execution's span what its history events have not told, for those may come later.
func (t *Trace) describe() {
	for _, s := range t.Spans {
		if s.Attributes[semconv.Kind] != semconv.KindExecution {
			continue
		}
		if t.ExecutionARN == "" {
			t.ExecutionARN = s.Attributes[semconv.ExecutionARN]
		}
		if t.Status == "" && t.ExecutionARN == s.Attributes[semconv.ExecutionARN] {
			t.Status = s.Attributes[semconv.ExecutionStatus]
		}
	}
}
