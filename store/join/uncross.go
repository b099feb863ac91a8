package join

import (
	"cmp"
	"slices"
)

// uncross exchanges invocations between attempts with the same payload, so that who began first was invoked first.
// Nearest start alone crosses them: the delay until the function runs is longer than the time between such attempts.
// It exchanges neighbours in a bounded number of passes; attempts that cross are near each other.
func (p *pool) uncross(chosen []candidate) {
	slices.SortFunc(chosen, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(p.attempts[a.attempt].Fingerprint, p.attempts[b.attempt].Fingerprint),
			cmp.Compare(a.attempt, b.attempt),
		)
	})
	for exchanged, pass := true, 0; exchanged && pass < maxCandidates; pass++ {
		exchanged = false
		for n := range len(chosen) - 1 {
			exchanged = p.exchange(&chosen[n], &chosen[n+1]) || exchanged
		}
	}
}

// exchange gives two attempts each other's invocation when they are crossed and it makes neither fit worse than before.
func (p *pool) exchange(a, b *candidate) bool {
	if p.invocations[a.invocation].Start <= p.invocations[b.invocation].Start {
		return false
	}
	worst := max(a.fit, b.fit)
	forA, forB := p.candidate(a.attempt, b.invocation), p.candidate(b.attempt, a.invocation)
	if forA.fit > worst || forB.fit > worst {
		return false
	}
	*a, *b = forA, forB
	return true
}
