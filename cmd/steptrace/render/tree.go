package render

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// flatten puts the spans in tree order with their strokes. Spans whose parent is not in the trace are roots; spans in
// a circle of parents, which no sender makes, come as roots at the end rather than being lost. Spans below the deepest
// level stand beside one another.
func flatten(spans []store.Span, deepest int) []line {
	known := make(map[string]bool, len(spans))
	for _, s := range spans {
		known[s.SpanID] = true
	}
	children := map[string][]store.Span{}
	for _, s := range spans {
		parent := s.ParentSpanID
		if !known[parent] || parent == s.SpanID {
			parent = ""
		}
		children[parent] = append(children[parent], s)
	}
	for _, c := range children {
		slices.SortStableFunc(c, byStart)
	}
	t := &tree{children: children, seen: make(map[string]bool, len(spans)), deepest: deepest}
	for _, root := range children[""] {
		t.place(root, "", "", 0)
	}
	for _, s := range spans {
		t.place(s, "", "", 0)
	}
	return t.lines
}

// byStart orders siblings by start, those of the same instant by the history event that opened them; branches come in
// the definition's order, which their starts, a moment apart, do not tell.
func byStart(a, b store.Span) int {
	return cmp.Or(cmp.Compare(number(a, semconv.BranchIndex), number(b, semconv.BranchIndex)),
		cmp.Compare(a.StartUnixNano, b.StartUnixNano),
		cmp.Compare(number(a, semconv.EventID), number(b, semconv.EventID)), cmp.Compare(a.SpanID, b.SpanID))
}

// number is an attribute's value, 0 where the span has none: a state no branch index, a call no event.
func number(s store.Span, attribute string) int64 {
	n, _ := strconv.ParseInt(s.Attributes[attribute], 10, 64)
	return n
}

type tree struct {
	children map[string][]store.Span
	seen     map[string]bool
	lines    []line
	deepest  int
}

// place adds a span and what is under it; own is the strokes before its label, under those before its children.
func (t *tree) place(s store.Span, own, under string, depth int) {
	if t.seen[s.SpanID] {
		return
	}
	t.seen[s.SpanID] = true
	children := t.children[s.SpanID]
	below := under + treeBlank
	if len(children) > 0 {
		below = under + treePipe
	}
	failed := slices.ContainsFunc(children, func(c store.Span) bool { return c.Status == statusErr })
	t.lines = append(t.lines, line{span: s, prefix: own, below: below, childFailed: failed})
	for i, c := range children {
		stroke, further := treeBranch, under+treePipe
		if i == len(children)-1 {
			stroke, further = treeLast, under+treeBlank
		}
		if depth >= t.deepest {
			further = under
		}
		t.place(c, under+stroke, further, depth+1)
	}
}
