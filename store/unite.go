package store

import (
	"context"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// unitedSpans reads the spans of executions' traces, at most so many, and those of the Lambda invocations that are
// joined to them.
func (db *DB) unitedSpans(ctx context.Context, traceIDs []string, most int) (spans []Span, cut bool, err error) {
	own, cut, err := db.ownSpans(ctx, traceIDs, most)
	if err != nil || cut {
		return own, cut, err
	}
	return db.withInvocations(ctx, traceIDs, own, most)
}

// ownSpans reads the spans that are stored under the traces, at most so many.
func (db *DB) ownSpans(ctx context.Context, traceIDs []string, most int) (spans []Span, cut bool, err error) {
	own, cut, err := db.spansOf(ctx, traceIDs, most)
	if err != nil {
		return nil, false, err
	}
	spans = make([]Span, 0, len(own))
	for _, s := range own {
		spans = append(spans, s.Span)
	}
	adoptByAlias(spans)
	return spans, cut, nil
}

// withInvocations adds the spans of the Lambda invocations that are joined to the traces' own, at most so many in all.
func (db *DB) withInvocations(
	ctx context.Context, traceIDs []string, own []Span, most int,
) (spans []Span, cut bool, err error) {
	waiting := invoking(own)
	if len(waiting) == 0 {
		return own, false, nil
	}
	traces := setOf(traceIDs)
	matches, err := db.matches(ctx, traceIDs, traces, own, waiting)
	if err != nil {
		return nil, false, err
	}
	foreign, cut, err := db.spansOf(ctx, tracesOf(matches, traces), most-len(own))
	if err != nil {
		return nil, false, err
	}
	return adoptByMatch(own, foreign, matches), cut, nil
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// invoking are the attempts that invoke a Lambda and have no invocation in their own trace.
func invoking(spans []Span) []Span {
	served := map[string]bool{}
	for _, s := range spans {
		if s.Attributes[semconv.Kind] == semconv.KindInvocation {
			served[s.ParentSpanID] = true
		}
	}
	var found []Span
	for _, s := range spans {
		if s.Attributes[semconv.Kind] == semconv.KindAttempt && s.Attributes[semconv.LambdaInvokedARN] != "" &&
			!served[s.SpanID] {
			found = append(found, s)
		}
	}
	return found
}

// matches weighs the invocations that may belong to the traces' attempts that wait for one.
func (db *DB) matches(
	ctx context.Context, traceIDs []string, traces map[string]bool, spans, waiting []Span,
) ([]join.Match, error) {
	attempts, invocations, err := db.candidates(ctx, traceIDs, attemptsOf(waiting, traceIDs), headersIn(spans))
	if err != nil {
		return nil, err
	}
	attempts, invocations = unjoined(spans, traces, attempts, invocations)
	return matchesOf(join.Assign(attempts, invocations), traces), nil
}
