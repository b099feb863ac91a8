package join

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// TraceHeader is what an X-Ray trace header tells: Root=1-…;Parent=…;Sampled=….
type TraceHeader struct{ Root, Parent string }

// ParseTraceHeader reads a header; of what is none both are empty.
func ParseTraceHeader(text string) TraceHeader {
	var h TraceHeader
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Root":
			h.Root = value
		case "Parent":
			h.Parent = value
		}
	}
	return h
}

// Certainties of X-Ray's evidence: the root is the execution's, which may have called the function twice at once; the
// parent is the attempt's.
const (
	xrayParent = 0.95
	xrayRoot   = 0.9
)

// traced is a pair that shares a root, a function and the time.
type traced struct {
	attempt, invocation int
	parent              bool // they share it, too
	fit                 fit
	distance            int64
}

// byXRay matches what shares a root, each attempt and invocation once, and returns what is left.
func byXRay(attempts []Attempt, invocations []Invocation) ([]Match, []Attempt, []Invocation) {
	pairs, fits := tracedPairs(attempts, invocations)
	slices.SortFunc(pairs, func(a, b traced) int {
		if a.parent != b.parent {
			return map[bool]int{true: -1, false: 1}[a.parent]
		}
		return cmp.Or(cmp.Compare(a.fit, b.fit), cmp.Compare(a.distance, b.distance),
			compareAttempts(attempts[a.attempt], attempts[b.attempt]),
			compareRefs(invocations[a.invocation].Ref, invocations[b.invocation].Ref))
	})
	var matches []Match
	attemptTaken, invocationTaken := map[int]bool{}, map[int]bool{}
	for _, p := range pairs {
		if attemptTaken[p.attempt] || invocationTaken[p.invocation] {
			continue
		}
		attemptTaken[p.attempt], invocationTaken[p.invocation] = true, true
		confidence := xrayParent
		if !p.parent {
			confidence = max(1, math.Round(100*xrayRoot/float64(fits[p.invocation]))) / 100
		}
		matches = append(matches, Match{
			Attempt: attempts[p.attempt].Ref, Invocation: invocations[p.invocation].Ref, Method: XRay, Confidence: confidence,
		})
	}
	slices.SortFunc(matches, func(a, b Match) int { return compareRefs(a.Invocation, b.Invocation) })
	return matches, without(attempts, attemptTaken), without(invocations, invocationTaken)
}

// maxTraced bounds the attempts looked at for one invocation: all of an execution share a root. The ones that began
// last before it are the likeliest.
const maxTraced = 1000

// tracedPairs lists what fits, and how many attempts fit each invocation.
func tracedPairs(attempts []Attempt, invocations []Invocation) ([]traced, map[int]int) {
	byRoot := attemptsByRoot(attempts)
	var pairs []traced
	fits := map[int]int{}
	for n, i := range invocations {
		if i.XRay.Root == "" {
			continue
		}
		same := byRoot[i.XRay.Root]
		end, _ := slices.BinarySearchFunc(same, i.Start+clockSkew+1, func(m int, start int64) int {
			return cmp.Compare(attempts[m].Start, start)
		})
		for _, m := range slices.Backward(same[max(0, end-maxTraced):end]) {
			p, ok := tracedPair(attempts[m], i)
			if !ok {
				continue
			}
			p.attempt, p.invocation = m, n
			if fits[n]++; p.parent || fits[n] <= maxCandidates {
				pairs = append(pairs, p)
			}
		}
	}
	return pairs, fits
}

// attemptsByRoot lists the attempts without a request id by root and start.
func attemptsByRoot(attempts []Attempt) map[string][]int {
	byRoot := map[string][]int{}
	for n, a := range attempts {
		if a.RequestID == "" && a.XRay.Root != "" {
			byRoot[a.XRay.Root] = append(byRoot[a.XRay.Root], n)
		}
	}
	for _, same := range byRoot {
		slices.SortFunc(same, func(a, b int) int { return compareAttempts(attempts[a], attempts[b]) })
	}
	return byRoot
}

func tracedPair(a Attempt, i Invocation) (traced, bool) {
	p := traced{
		parent: i.XRay.Parent != "" && a.XRay.Parent == i.XRay.Parent,
		fit:    fitting(a, i), distance: max(i.Start-a.Start, a.Start-i.Start),
	}
	return p, p.fit != apart && sameFunction(a.InvokedARN, i.InvokedARN)
}

func without[T any](all []T, taken map[int]bool) []T {
	left := make([]T, 0, len(all))
	for n, v := range all {
		if !taken[n] {
			left = append(left, v)
		}
	}
	return left
}
