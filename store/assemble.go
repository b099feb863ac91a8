package store

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// adoptByAlias puts spans whose parent is an attempt's alias, the id that a Lambda computes from the context object,
// under the attempt itself.
func adoptByAlias(spans []Span) {
	byID, byAlias := map[string]Span{}, map[string][]Span{}
	for _, s := range spans {
		byID[s.SpanID] = s
	}
	for _, s := range spans {
		if s.Attributes[semconv.Kind] == semconv.KindAttempt {
			alias := attemptAlias(s, byID[s.ParentSpanID])
			byAlias[alias] = append(byAlias[alias], s)
		}
	}
	for n := range spans {
		if attempts := byAlias[spans[n].ParentSpanID]; len(attempts) > 0 {
			spans[n].ParentSpanID = lastBefore(attempts, spans[n].StartUnixNano).SpanID
			spans[n].Join = &Join{Method: join.Context, Confidence: 1}
		}
	}
}

// aliasSkew is how much earlier than its attempt an invocation may seem to begin: two clocks were read.
const aliasSkew = int64(100 * time.Millisecond)

// lastBefore tells attempts of one alias apart: a redrive that resumes a state counts its attempts anew. They follow
// each other.
func lastBefore(attempts []Span, start int64) Span {
	last := slices.MinFunc(attempts, func(a, b Span) int { return cmp.Compare(a.StartUnixNano, b.StartUnixNano) })
	for _, a := range attempts {
		if a.StartUnixNano <= start+aliasSkew && a.StartUnixNano > last.StartUnixNano {
			last = a
		}
	}
	return last
}

func attemptAlias(attempt, state Span) string {
	retries, _ := strconv.Atoi(attempt.Attributes[semconv.RetryCount]) // absent on the first attempt
	entered := time.Unix(0, state.StartUnixNano).UnixMilli()
	return spanid.AttemptAlias(attempt.Attributes[semconv.ExecutionARN], state.Attributes[semconv.StateName],
		entered, retries).String()
}

// unjoined keeps the candidates whose place is not known already: attempts of these traces without an invocation of
// their own, and invocations that are not in these traces under a parent. An invocation under the execution itself knew
// no more than that.
func unjoined(spans []Span, traces map[string]bool, attempts []join.Attempt, invocations []join.Invocation) (
	[]join.Attempt, []join.Invocation,
) {
	kinds := map[string]string{}
	for _, s := range spans {
		kinds[s.SpanID] = s.Attributes[semconv.Kind]
	}
	placed, served := map[string]bool{}, map[string]bool{}
	for _, s := range spans {
		parent, present := kinds[s.ParentSpanID]
		if s.Attributes[semconv.Kind] == semconv.KindInvocation && present && parent != semconv.KindExecution {
			placed[s.SpanID], served[s.ParentSpanID] = true, true
		}
	}
	return slices.DeleteFunc(attempts, func(a join.Attempt) bool { return traces[a.TraceID] && served[a.SpanID] }),
		slices.DeleteFunc(invocations, func(i join.Invocation) bool { return traces[i.TraceID] && placed[i.SpanID] })
}

// matchesOf keeps the matches of the traces' attempts.
func matchesOf(matches []join.Match, traces map[string]bool) []join.Match {
	return slices.DeleteFunc(matches, func(m join.Match) bool { return !traces[m.Attempt.TraceID] })
}

// tracesOf lists the traces that joined invocations lie in, without the executions' own.
func tracesOf(matches []join.Match, traces map[string]bool) []string {
	var ids []string
	for _, m := range matches {
		if !traces[m.Invocation.TraceID] {
			ids = append(ids, m.Invocation.TraceID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// adoptByMatch puts each matched invocation under its attempt and adds the spans below it. Of an invocation's trace
// nothing else is taken: several invocations may share one.
func adoptByMatch(own []Span, foreign []traceSpan, matches []join.Match) []Span {
	children := map[join.Ref][]Span{}
	byRef := map[join.Ref]Span{}
	for _, f := range foreign {
		byRef[join.Ref{TraceID: f.traceID, SpanID: f.SpanID}] = f.Span
		parent := join.Ref{TraceID: f.traceID, SpanID: f.ParentSpanID}
		children[parent] = append(children[parent], f.Span)
	}
	index := indexOf(own)
	for _, m := range matches {
		evidence := &Join{Method: m.Method, Confidence: m.Confidence}
		if n, ok := index[m.Invocation.SpanID]; ok {
			own[n].ParentSpanID, own[n].Join = m.Attempt.SpanID, evidence
			continue
		}
		root, ok := byRef[m.Invocation]
		if !ok {
			continue // its row is stored, the span itself is still on its way
		}
		root.ParentSpanID, root.Join = m.Attempt.SpanID, evidence
		own = append(own, root)
		own = append(own, below(m.Invocation, children)...)
	}
	return own
}

func indexOf(spans []Span) map[string]int {
	index := make(map[string]int, len(spans))
	for n, s := range spans {
		index[s.SpanID] = n
	}
	return index
}

// below lists the spans under root in its own trace.
func below(root join.Ref, children map[join.Ref][]Span) []Span {
	var found []Span
	seen := map[join.Ref]bool{root: true}
	queue := []join.Ref{root}
	for len(queue) > 0 {
		parent := queue[0]
		queue = queue[1:]
		for _, s := range children[parent] {
			ref := join.Ref{TraceID: root.TraceID, SpanID: s.SpanID}
			if !seen[ref] {
				seen[ref] = true
				found = append(found, s)
				queue = append(queue, ref)
			}
		}
	}
	return found
}
