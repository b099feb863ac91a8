package store

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// Roots returns the spans whose parent is not in the trace. A whole trace has one.
func (t Trace) Roots() []Span {
	present := spanIDs(t.Spans)
	var roots []Span
	for _, s := range t.Spans {
		if !present[s.ParentSpanID] {
			roots = append(roots, s)
		}
	}
	return roots
}

// Connected tells whether the trace is one tree: one root from which every span is reached.
func (t Trace) Connected() bool {
	roots := t.Roots()
	return len(roots) == 1 && len(walk(roots, childrenOf(t.Spans))) == len(t.Spans)
}

func spanIDs(spans []Span) map[string]bool {
	ids := make(map[string]bool, len(spans))
	for _, s := range spans {
		ids[s.SpanID] = true
	}
	return ids
}

// InTreeOrder puts parents before children and siblings by start. A span that no root
// leads to, such as one in a cycle, comes last.
func InTreeOrder(spans []Span) []Span {
	slices.SortFunc(spans, byStart)
	ordered := walk(Trace{Spans: spans}.Roots(), childrenOf(spans))
	reached := spanIDs(ordered)
	for _, s := range spans {
		if !reached[s.SpanID] {
			ordered = append(ordered, s)
		}
	}
	return ordered
}

// byStart orders spans that start together, as a Parallel's branches do, by the history event that opened them.
func byStart(a, b Span) int {
	return cmp.Or(
		cmp.Compare(a.StartUnixNano, b.StartUnixNano),
		cmp.Compare(eventID(a), eventID(b)),
		cmp.Compare(a.SpanID, b.SpanID),
	)
}

// eventID is 0 for spans that are not from a history.
func eventID(s Span) int64 {
	id, _ := strconv.ParseInt(s.Attributes[semconv.EventID], 10, 64)
	return id
}

func childrenOf(spans []Span) map[string][]Span {
	children := map[string][]Span{}
	for _, s := range spans {
		children[s.ParentSpanID] = append(children[s.ParentSpanID], s)
	}
	return children
}

// walk lists the trees below roots, depth first. It keeps its own stack: a trace from outside may be very deep, and two
// spans in it may share an id, of which the first counts.
func walk(roots []Span, children map[string][]Span) []Span {
	ordered := []Span{}
	seen := map[string]bool{}
	stack := reversed(roots)
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[s.SpanID] {
			continue
		}
		seen[s.SpanID] = true
		ordered = append(ordered, s)
		stack = append(stack, reversed(children[s.SpanID])...)
	}
	return ordered
}

func reversed(spans []Span) []Span {
	r := slices.Clone(spans)
	slices.Reverse(r)
	return r
}
