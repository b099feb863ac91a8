package intake

import (
	"sync"
	"time"
)

// Sparsely bounds how often something is said that anybody can cause.
type Sparsely struct {
	mu     sync.Mutex
	last   time.Time
	unsaid int
}

const sayInterval = 10 * time.Second

// Say counts and, for the first time and then at most once an interval, tells how many there were since.
func (s *Sparsely) Say(now time.Time, more int) (count int, say bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaid += more
	if s.unsaid == 0 || !s.last.IsZero() && now.Sub(s.last) < sayInterval {
		return 0, false
	}
	count, s.unsaid, s.last = s.unsaid, 0, now
	return count, true
}

func (in *Intake) complain(now time.Time, bad []error) {
	in.stats.Bad += int64(len(bad))
	if len(bad) == 0 {
		return
	}
	if count, say := in.bad.Say(now, len(bad)); say {
		in.parts.Logger.Warn("log events that are no lines of Step Functions are passed over; read, or subscribe to, only "+
			"log groups that state machines log to", "count", count, "one", bad[0])
	}
}
