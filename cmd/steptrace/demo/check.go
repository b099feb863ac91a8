package demo

import (
	"fmt"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

const (
	statusError     = "ERROR"
	statusSucceeded = "SUCCEEDED"
	statusFailed    = "FAILED"
)

// want is a span that must be there, below its parent, and what must be below it.
type want struct {
	kind   string
	name   string // a state's name or an AWS operation; empty: any
	failed bool
	below  []want
}

// wanted is the tree that one upload must leave: upload → execution → Parallel → branches → states → attempts →
// invocations → calls. When the object is no image, DetectFaces fails and everything above it with it.
func wanted(image bool) want {
	rekognitionCalls := []want{
		{kind: semconv.KindCall, name: "DetectFaces"},
		{kind: semconv.KindCall, name: "DetectLabels"},
		{kind: semconv.KindCall, name: "UpdateItem"},
	}
	if !image {
		rekognitionCalls = []want{{kind: semconv.KindCall, name: "DetectFaces", failed: true}}
	}
	metadataCalls := []want{{kind: semconv.KindCall, name: "GetObject"}, {kind: semconv.KindCall, name: "PutItem"}}
	return want{kind: semconv.KindTrigger, below: []want{
		{kind: semconv.KindExecution, failed: !image, below: []want{
			{kind: semconv.KindState, name: "Parallel", failed: !image, below: []want{
				{kind: semconv.KindBranch, below: []want{
					lambdaState("Lambda-Image metadata", false, metadataCalls),
				}},
				{kind: semconv.KindBranch, failed: !image, below: []want{
					{kind: semconv.KindState, name: "Wait 10s"},
					lambdaState("Lambda-Rekognition", !image, rekognitionCalls),
				}},
			}},
		}},
	}}
}

func lambdaState(name string, failed bool, calls []want) want {
	return want{kind: semconv.KindState, name: name, failed: failed, below: []want{
		{kind: semconv.KindAttempt, failed: failed, below: []want{
			{kind: semconv.KindInvocation, failed: failed, below: calls},
		}},
	}}
}

// Check says what is wrong with the trace of one upload; nothing when it is one connected tree as the workflow
// demands.
func Check(t store.Trace, image bool) []string {
	var problems []string
	status := statusSucceeded
	if !image {
		status = statusFailed
	}
	if t.Status != status {
		problems = append(problems, fmt.Sprintf("execution status is %q, not %s", t.Status, status))
	}
	roots := t.Roots()
	if len(roots) != 1 {
		return append(problems, fmt.Sprintf("%d roots among %d spans, not 1", len(roots), len(t.Spans)))
	}
	problems = append(problems, childrenOf(t.Spans).match(roots[0], wanted(image), "")...)
	return append(problems, failedAttemptProblems(t.Spans, image)...)
}

func failedAttemptProblems(spans []store.Span, image bool) []string {
	var problems []string
	for _, s := range spans {
		if s.Attributes[semconv.Kind] == semconv.KindAttempt && s.Status == statusError {
			if s.Attributes[semconv.Error] == "" || s.Attributes[semconv.Cause] == "" {
				problems = append(problems, fmt.Sprintf("the failed attempt %q lacks error or cause", s.Name))
			}
		}
		if image && s.Status == statusError {
			problems = append(problems, fmt.Sprintf("%q is an error in a success", s.Name))
		}
	}
	return problems
}

// spanTree is the spans by their parent's id.
type spanTree map[string][]store.Span

func childrenOf(spans []store.Span) spanTree {
	t := spanTree{}
	for _, s := range spans {
		t[s.ParentSpanID] = append(t[s.ParentSpanID], s)
	}
	return t
}

// match compares s with w and what is below them; each wanted child takes the first span that fits.
func (t spanTree) match(s store.Span, w want, path string) []string {
	path += "/" + s.Name
	var problems []string
	if w.failed != (s.Status == statusError) {
		problems = append(problems, fmt.Sprintf("%s has status %s", path, s.Status))
	}
	taken := map[string]bool{}
	for _, child := range w.below {
		best, bestProblems := store.Span{}, []string{fmt.Sprintf("%s has no %s %s below it", path, child.kind, child.name)}
		for _, c := range t[s.SpanID] {
			if taken[c.SpanID] || !fits(c, child) {
				continue
			}
			if p := t.match(c, child, path); best.SpanID == "" || len(p) < len(bestProblems) {
				best, bestProblems = c, p
			}
		}
		taken[best.SpanID] = true
		problems = append(problems, bestProblems...)
	}
	return problems
}

func fits(s store.Span, w want) bool {
	if s.Attributes[semconv.Kind] != w.kind {
		return false
	}
	switch w.kind {
	case semconv.KindState:
		return s.Attributes[semconv.StateName] == w.name
	case semconv.KindCall:
		return s.Attributes[semconv.RPCMethod] == w.name
	default:
		return true
	}
}
