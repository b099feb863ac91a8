package adopt

import (
	"math"
	"time"
)

// clockSlack is how far the clocks of languages that count in milliseconds may be off.
const clockSlack = 10 * time.Millisecond

// invocationOf is the one that a span began in. Where several go on at a time only X-Ray's header can tell, which
// several may share: a repeated one, or all of an execution whose trace X-Ray does not sample.
func (f *Family) invocationOf(s span) *Invocation {
	var named []*Invocation
	for _, i := range f.recent {
		if i.continuesXRay(s) {
			named = append(named, i)
		}
	}
	if len(named) > 0 {
		return nearest(named, s.start, anyTime)
	}
	return nearest(f.recent, s.start, clockSlack)
}

// anyTime is no limit for nearest.
const anyTime = time.Duration(math.MaxInt64 - 1)

// nearest is the invocation that went on at a time, or the one that was the least off, up to a limit. It is nil if
// several went on.
func nearest(invocations []*Invocation, at time.Time, limit time.Duration) (found *Invocation) {
	least := limit + 1
	for _, i := range invocations {
		switch off := i.off(at); {
		case off == 0 && least == 0:
			return nil
		case off <= least: // the later of two: a clock that counts in milliseconds is behind
			least, found = off, i
		}
	}
	if least > limit {
		return nil
	}
	return found
}
