package agent

import (
	"cmp"
	"slices"
	"time"

	"github.com/steptrace/steptrace/agent/sampling"
)

// The classes in which executions are read when the quota does not suffice for all.
const (
	classFirst   = iota // those that failed, and those that have waited too long
	classWatched        // those of the state machines that somebody watches
	classOther
)

// tooLong is after how many intervals without a look an execution goes first whatever it is.
const tooLong = 12

// schedule orders the executions to read: by class, then one of each state machine in turn, then those first whose turn
// is most overdue. It is pure.
func schedule(trackers []*tracker, now time.Time, interval time.Duration) []*tracker {
	type turn struct {
		*tracker
		class, rank int
		overdue     float64
	}
	turns := make([]turn, len(trackers))
	for i, t := range trackers {
		turns[i] = turn{tracker: t, class: t.class(now, interval), overdue: t.overdue(now, interval)}
	}
	slices.SortFunc(turns, func(x, y turn) int {
		return cmp.Or(cmp.Compare(y.overdue, x.overdue), x.execution.Started.Compare(y.execution.Started),
			cmp.Compare(x.execution.ARN, y.execution.ARN))
	})
	type queue struct {
		class   int
		machine string
	}
	length := make(map[queue]int)
	for i := range turns {
		q := queue{turns[i].class, turns[i].execution.StateMachineARN}
		turns[i].rank = length[q]
		length[q]++
	}
	slices.SortStableFunc(turns, func(x, y turn) int {
		return cmp.Or(cmp.Compare(x.class, y.class), cmp.Compare(x.rank, y.rank))
	})
	ordered := make([]*tracker, len(turns))
	for i := range turns {
		ordered[i] = turns[i].tracker
	}
	return ordered
}

func (t *tracker) class(now time.Time, interval time.Duration) int {
	switch {
	case sampling.Failed(t.status), now.Sub(t.looked) > tooLong*interval:
		return classFirst
	case t.watched:
		return classWatched
	}
	return classOther
}

// overdue is the time since the last look, in the time in which something new is to be expected: for a running
// execution that is the longer the longer nothing has happened in it.
func (t *tracker) overdue(now time.Time, interval time.Duration) float64 {
	expected := interval
	if sampling.Running(t.status) && !t.happened.IsZero() {
		expected = max(interval, now.Sub(t.happened))
	}
	return float64(now.Sub(t.looked)) / float64(max(expected, 1))
}
