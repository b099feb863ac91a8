package join

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// clockSkew is how far Lambda's clock and Step Functions' may be apart. Both are disciplined to a few milliseconds;
// the shortest back-off between two attempts is a second.
const clockSkew = int64(100 * time.Millisecond)

// resolution is how exactly an attempt's times are known: histories give milliseconds, cut off.
const resolution = int64(time.Millisecond)

// maxCandidates bounds the attempts kept for one invocation: the ones nearest in time. Rivals beyond are still counted.
const maxCandidates = 16

// fit says how an invocation's time lies to an attempt's.
type fit int

const (
	inside   fit = iota // within it, to the millisecond
	skewed              // within it but for the clocks' difference
	outlived            // began within it and ended after: a task's timeout does not stop the function
	apart
)

// certainty is the confidence of a fit without rivals.
var certainty = map[fit]float64{inside: 0.9, skewed: 0.8, outlived: 0.6}

func fitting(a Attempt, i Invocation) fit {
	end := a.End
	if a.Open {
		end = math.MaxInt64 - clockSkew
	}
	switch {
	case i.Start < a.Start-clockSkew || i.Start > end+clockSkew:
		return apart
	case i.Start >= a.Start-resolution && i.End <= end+resolution:
		return inside
	case i.End <= end+clockSkew:
		return skewed
	default:
		return outlived
	}
}

// candidate is an attempt (by index) that an invocation (by index) may belong to.
type candidate struct {
	attempt, invocation int
	fit                 fit
	distance            int64 // between the starts, ns
}

// byFingerprint matches by payload, function and time, the best evidence first: fit, then nearest start.
func byFingerprint(attempts []Attempt, invocations []Invocation) []Match {
	p := newPool(attempts, invocations)
	candidates := p.candidates()
	slices.SortFunc(candidates, p.compare)
	chosen := choose(candidates)
	p.uncross(chosen)
	slices.SortFunc(chosen, func(a, b candidate) int { return cmp.Compare(a.attempt, b.attempt) })
	matches := make([]Match, 0, len(chosen))
	for _, c := range chosen {
		matches = append(matches, Match{
			Attempt: p.attempts[c.attempt].Ref, Invocation: p.invocations[c.invocation].Ref,
			Method: Fingerprint, Confidence: p.confidence(c),
		})
	}
	return matches
}

// choose takes the best candidates first and each attempt and invocation once.
func choose(sorted []candidate) []candidate {
	var chosen []candidate
	attemptTaken, invocationTaken := map[int]bool{}, map[int]bool{}
	for _, c := range sorted {
		if !attemptTaken[c.attempt] && !invocationTaken[c.invocation] {
			attemptTaken[c.attempt], invocationTaken[c.invocation] = true, true
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// pool holds what fingerprints can join and, for each side, how many of the other side fit how well.
type pool struct {
	attempts          []Attempt    // by start
	invocations       []Invocation // as given
	attemptRivals     []rivals     // of each invocation
	invocationRivals  []rivals     // of each attempt
	attemptsByPayload map[string][]int
}

// rivals counts partners by fit.
type rivals [apart]int

// upTo is the number of partners that fit at least as well as f.
func (r rivals) upTo(f fit) int {
	n := 0
	for _, count := range r[:f+1] {
		n += count
	}
	return n
}

func newPool(attempts []Attempt, invocations []Invocation) *pool {
	p := &pool{attemptsByPayload: map[string][]int{}}
	for _, a := range attempts {
		if a.RequestID == "" && a.Fingerprint != "" {
			p.attempts = append(p.attempts, a)
		}
	}
	slices.SortFunc(p.attempts, compareAttempts)
	for n, a := range p.attempts {
		p.attemptsByPayload[a.Fingerprint] = append(p.attemptsByPayload[a.Fingerprint], n)
	}
	p.invocations = invocations
	p.attemptRivals = make([]rivals, len(p.invocations))
	p.invocationRivals = make([]rivals, len(p.attempts))
	return p
}

// candidates lists what fits and fills the counts of rivals.
func (p *pool) candidates() []candidate {
	var all []candidate
	for n := range p.invocations {
		all = append(all, p.candidatesOf(n)...)
	}
	return all
}

// candidatesOf goes back in time, so the attempts that began last before the invocation are kept.
func (p *pool) candidatesOf(invocation int) []candidate {
	var found []candidate
	for _, attempt := range slices.Backward(p.attemptsByPayload[p.invocations[invocation].Fingerprint]) {
		c := p.candidate(attempt, invocation)
		if c.fit == apart {
			continue
		}
		p.attemptRivals[invocation][c.fit]++
		p.invocationRivals[attempt][c.fit]++
		if len(found) < maxCandidates {
			found = append(found, c)
		}
	}
	return found
}

// candidate judges a pair.
func (p *pool) candidate(attempt, invocation int) candidate {
	a, i := p.attempts[attempt], p.invocations[invocation]
	c := candidate{attempt, invocation, apart, max(i.Start-a.Start, a.Start-i.Start)}
	if a.Fingerprint == i.Fingerprint && sameFunction(a.InvokedARN, i.InvokedARN) {
		c.fit = fitting(a, i)
	}
	return c
}

func (p *pool) rivals(c candidate) int {
	return max(p.attemptRivals[c.invocation].upTo(c.fit), p.invocationRivals[c.attempt].upTo(c.fit))
}

func (p *pool) compare(a, b candidate) int {
	return cmp.Or(
		cmp.Compare(a.fit, b.fit),
		cmp.Compare(a.distance, b.distance),
		compareRefs(p.attempts[a.attempt].Ref, p.attempts[b.attempt].Ref),
		compareRefs(p.invocations[a.invocation].Ref, p.invocations[b.invocation].Ref),
	)
}

func (p *pool) confidence(c candidate) float64 {
	const cent = 100
	return max(1, math.Round(cent*certainty[c.fit]/float64(p.rivals(c)))) / cent
}

// compareAttempts orders by start.
func compareAttempts(a, b Attempt) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), compareRefs(a.Ref, b.Ref))
}

func compareRefs(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.TraceID, b.TraceID), cmp.Compare(a.SpanID, b.SpanID))
}
