package agent

import (
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// rest is how long an execution or a state machine that cannot be read is left alone. It grows with each failure in a
// row, while the others go on at the usual pace.
type rest struct {
	failures uint // in a row
	pause    time.Duration
	until    time.Time
	err      error // the latest failure
}

func (r *rest) lasts(now time.Time) bool { return now.Before(r.until) }

// longer is the pause after one more failure.
func (a *Agent) longer(pause time.Duration) time.Duration {
	return max(min(2*max(pause, a.cfg.PollInterval), maxPause), a.cfg.PollInterval)
}

// try is how reading one execution or state machine went.
type try struct {
	rest *rest
	err  error
}

// judge lets those rest that cannot be read themselves and says why, and returns what concerns all.
func (a *Agent) judge(what string, tries []try) error {
	var common, own []error
	for _, t := range tries {
		switch {
		case t.err == nil:
			*t.rest = rest{}
		case concernsAll(t.err):
			common = append(common, t.err)
		case a.lay(t.rest, t.err):
			own = append(own, t.err)
		}
	}
	for _, err := range first(own, what) {
		a.parts.Logger.Error(what+" cannot be read; the others go on, it is tried again after growing pauses", "error", err)
	}
	return errors.Join(first(common, what)...)
}

func concernsAll(err error) bool {
	return !stepfunctions.ConcernsOne(err) && !errors.Is(err, errGap)
}

// lay makes the rest begin. It is true when that is worth saying: at the 1st, 2nd, 4th, 8th … failure in a row.
func (a *Agent) lay(r *rest, err error) bool {
	r.failures, r.err = r.failures+1, err
	r.pause = a.longer(r.pause)
	r.until = a.parts.Clock.Now().Add(r.pause)
	return bits.OnesCount(r.failures) == 1
}

// first keeps the first errors and counts the others.
func first(errs []error, what string) []error {
	const most = 3
	if len(errs) <= most {
		return errs
	}
	return append(errs[:most:most], fmt.Errorf("and %d %ss more", len(errs)-most, what))
}
