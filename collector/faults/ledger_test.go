package faults

import (
	"math/rand/v2"
	"sync"
)

// ledger knows the numbers that were sent of one signal. What was acknowledged is never sent again; what was not is,
// together with other numbers than before, as after a crash of the sender.
type ledger struct {
	mu           sync.Mutex
	random       *rand.Rand
	next         int
	open         []int
	acknowledged int
	refused      int // requests
}

func newLedger(seed uint64) *ledger {
	return &ledger{random: rand.New(rand.NewPCG(seed, seed))}
}

// take is some numbers to send: old ones that are open, and new ones unless it shall be drained.
func (l *ledger) take(draining bool) []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.random.Shuffle(len(l.open), func(i, j int) { l.open[i], l.open[j] = l.open[j], l.open[i] })
	old := min(len(l.open), 1+l.random.IntN(200))
	numbers := append([]int(nil), l.open[:old]...)
	l.open = append(l.open[:0], l.open[old:]...)
	if !draining {
		for range 1 + l.random.IntN(20) {
			numbers = append(numbers, l.next)
			l.next++
		}
	}
	return numbers
}

func (l *ledger) settle(numbers []int, acknowledged bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if acknowledged {
		l.acknowledged += len(numbers)
		return
	}
	l.refused++
	l.open = append(l.open, numbers...)
}

func (l *ledger) progress() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acknowledged
}

// sent is how many numbers there are, from 0 on.
func (l *ledger) sent() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}
