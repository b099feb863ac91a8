package store

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

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
	t, err := db.read(ctx, ref, bounds)
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

// read reads the trace of an execution. What does not need another's answer is asked at the same time.
func (db *DB) read(ctx context.Context, ref string, bounds TraceBounds) (Trace, error) {
	e, own, cut, err := db.executionAndSpans(ctx, ref)
	if err != nil {
		return Trace{}, err
	}
	t := Trace{TraceID: e.TraceID, ExecutionARN: e.ExecutionARN, Status: e.Status, Truncated: cut}
	t.describe(own)
	var events []Event
	var eventsCut bool
	var above ancestry
	at, ctx := errgroup.WithContext(ctx)
	at.Go(func() (err error) {
		events, eventsCut, err = db.eventsOf(ctx, e)
		return err
	})
	if bounds.Levels > 0 && !cut {
		root := rootOf(own, t.ExecutionARN)
		at.Go(func() (err error) {
			above, err = db.ascend(ctx, root, t.ExecutionARN, e.MapRunARN, bounds.Levels)
			return err
		})
	}
	at.Go(func() error { return db.readDown(ctx, &t, slices.Clone(own), bounds) })
	if err := at.Wait(); err != nil {
		return Trace{}, err
	}
	t.Events, t.Truncated = events, t.Truncated || eventsCut
	t.putUnder(above)
	t.Spans = InTreeOrder(t.Spans)
	return t, nil
}

// executionAndSpans reads what an execution's history tells of it and the spans under its trace id.
func (db *DB) executionAndSpans(ctx context.Context, ref string) (e Execution, spans []Span, cut bool, err error) {
	traceID := traceIDOf(ref)
	if traceID == "" {
		if e, err = db.resolve(ctx, ref); err != nil {
			return Execution{}, nil, false, err
		}
		spans, cut, err = db.ownSpans(ctx, []string{e.TraceID}, db.maxSpans)
		return e, spans, cut, err
	}
	at, ctx := errgroup.WithContext(ctx)
	at.Go(func() (err error) {
		e, err = db.resolve(ctx, ref)
		return err
	})
	at.Go(func() (err error) {
		spans, cut, err = db.ownSpans(ctx, []string{traceID}, db.maxSpans)
		return err
	})
	return e, spans, cut, at.Wait()
}

// readDown adds to the execution's own spans those of its Lambda invocations and of the executions that it started.
func (db *DB) readDown(ctx context.Context, t *Trace, own []Span, bounds TraceBounds) (err error) {
	if t.Spans = own; t.Truncated {
		return nil
	}
	t.Spans, t.Truncated, err = db.withInvocations(ctx, []string{t.TraceID}, own, db.maxSpans)
	if err != nil || t.Truncated || bounds.Levels == 0 {
		return err
	}
	return db.descend(ctx, t, bounds)
}

// describe takes from the execution's span what its history events have not told, for those may come later.
func (t *Trace) describe(spans []Span) {
	for _, s := range spans {
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
