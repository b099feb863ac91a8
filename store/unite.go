package store

import (
	"context"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// unitedSpans reads the spans of executions' traces, at most so many, and those of the Lambda invocations that are
// joined to them.
func (db *DB) unitedSpans(ctx context.Context, traceIDs []string, most int) (spans []Span, cut bool, err error) {
	own, ownCut, err := db.spansOf(ctx, traceIDs, most)
	if err != nil {
		return nil, false, err
	}
	spans = make([]Span, 0, len(own))
	for _, s := range own {
		spans = append(spans, s.Span)
	}
	adoptByAlias(spans)
	if ownCut || !invokesLambda(spans) {
		return spans, ownCut, nil
	}
	traces := setOf(traceIDs)
	matches, err := db.matches(ctx, traceIDs, traces, spans)
	if err != nil {
		return nil, false, err
	}
	foreign, foreignCut, err := db.spansOf(ctx, tracesOf(matches, traces), most-len(spans))
	if err != nil {
		return nil, false, err
	}
	return adoptByMatch(spans, foreign, matches), foreignCut, nil
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

func invokesLambda(spans []Span) bool {
	for _, s := range spans {
		if s.Attributes[semconv.Kind] == semconv.KindAttempt && s.Attributes[semconv.LambdaInvokedARN] != "" {
			return true
		}
	}
	return false
}

// matches weighs the invocations that may belong to the traces' attempts.
func (db *DB) matches(
	ctx context.Context, traceIDs []string, traces map[string]bool, spans []Span,
) ([]join.Match, error) {
	attempts, invocations, err := db.candidates(ctx, traceIDs, headersIn(spans))
	if err != nil {
		return nil, err
	}
	attempts, invocations = unjoined(spans, traces, attempts, invocations)
	return matchesOf(join.Assign(attempts, invocations), traces), nil
}
