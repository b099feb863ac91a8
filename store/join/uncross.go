package join

import (
	"cmp"
	"slices"
)

// uncross exchanges invocations between attempts with the same payload where they fit better, or where who began first
// was not invoked first. Nearest start alone crosses them: the delay until the function runs is longer than the time
// between such attempts. It exchanges neighbours in a bounded number of passes; attempts that cross are near each
// other.
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

// exchange gives two attempts, the earlier one first, each other's invocation when that fits better, or as well and
// they are crossed.
func (p *pool) exchange(a, b *candidate) bool {
	forA, forB := p.candidate(a.attempt, b.invocation), p.candidate(b.attempt, a.invocation)
	crossed := p.invocations[a.invocation].Start > p.invocations[b.invocation].Start
	better := cmp.Or(
		cmp.Compare(max(forA.fit, forB.fit), max(a.fit, b.fit)),
		cmp.Compare(forA.fit+forB.fit, a.fit+b.fit),
	)
	if better > 0 || better == 0 && !crossed || forA.fit == apart || forB.fit == apart {
		return false
	}
	*a, *b = forA, forB
	return true
}
