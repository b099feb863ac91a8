package store

import (
	"context"
	"fmt"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// Trace reads one trace by an execution ARN, a trace id (32 hex digits) or Latest. It unites the execution's spans with
// those of the Lambda invocations that belong to it; an execution that runs has its events and few spans or none. The
// trace id of a Lambda invocation gives the execution that it belongs to, when there is one.
func (db *DB) Trace(ctx context.Context, ref string) (Trace, error) {
	e, err := db.resolve(ctx, ref)
	if err != nil {
		return Trace{}, err
	}
	t, err := db.read(ctx, e)
	if err != nil {
		return Trace{}, err
	}
	if len(t.Spans) == 0 && len(t.Events) == 0 {
		return Trace{}, fmt.Errorf("trace %s: %w in the store at %s", ref, ErrNotFound, db.addr)
	}
	if t.ExecutionARN == "" {
		if united, found, err := db.invoker(ctx, t); found || err != nil {
			return united, err
		}
	}
	return t, nil
}

// read reads the trace of an execution of which at least the trace id is known.
func (db *DB) read(ctx context.Context, e Execution) (Trace, error) {
	t := Trace{TraceID: e.TraceID, ExecutionARN: e.ExecutionARN, Status: e.Status}
	spans, spansCut, err := db.unitedSpans(ctx, e.TraceID)
	if err != nil {
		return Trace{}, err
	}
	events, eventsCut, err := db.eventsOf(ctx, e)
	if err != nil {
		return Trace{}, err
	}
	t.Spans, t.Events, t.Truncated = spans, events, spansCut || eventsCut
	t.describe()
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
		return InTreeOrder(spans), ownCut, nil
	}
	matches, err := db.matches(ctx, traceID, spans)
	if err != nil {
		return nil, false, err
	}
	foreign, foreignCut, err := db.spansOf(ctx, tracesOf(matches, traceID))
	if err != nil {
		return nil, false, err
	}
	return InTreeOrder(adoptByMatch(spans, foreign, matches)), ownCut || foreignCut, nil
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
