// Package quota throttles API calls as AWS does: one token bucket for each action of an account and region. It also
// counts the calls.
package quota

import (
	"maps"
	"net/http"
	"sync"

	"github.com/coder/quartz"
	"golang.org/x/time/rate"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Rate is a token bucket: what it holds, and how many tokens come back in a second.
type Rate struct {
	Bucket int
	Refill float64
}

// Rates are buckets by action, named as in IAM policies ("states:ListExecutions"). Actions without one are not
// throttled.
type Rates map[string]Rate

// maxActions bounds how many actions are counted apart: callers can make up names.
const maxActions = 1000

// Other is what the calls beyond that are counted as.
const Other = "other"

// Meter counts and throttles calls. It is safe for concurrent use.
type Meter struct {
	clock   quartz.Clock
	buckets map[string]*rate.Limiter

	mu        sync.Mutex
	calls     map[string]int64
	throttled map[string]int64
}

// NewMeter makes a meter with full buckets.
func NewMeter(clock quartz.Clock, rates Rates) *Meter {
	m := &Meter{
		clock: clock, buckets: map[string]*rate.Limiter{}, calls: map[string]int64{}, throttled: map[string]int64{},
	}
	for action, r := range rates {
		m.buckets[action] = rate.NewLimiter(rate.Limit(r.Refill), r.Bucket)
	}
	return m
}

// Admit counts a call and takes a token for it; without one left the error is a ThrottlingException.
func (m *Meter) Admit(action string) error {
	bucket := m.buckets[action]
	admitted := bucket == nil || bucket.AllowN(m.clock.Now(), 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	count(m.calls, action)
	if admitted {
		return nil
	}
	count(m.throttled, action)
	return awswire.Errorf("ThrottlingException", "Rate exceeded")
}

func count(counts map[string]int64, action string) {
	if _, known := counts[action]; !known && len(counts) >= maxActions {
		action = Other
	}
	counts[action]++
}

// Calls are the calls so far by action, throttled ones included.
func (m *Meter) Calls() map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.calls)
}

// Throttled are the calls by action that were answered with a ThrottlingException.
func (m *Meter) Throttled() map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.throttled)
}

// Handler puts the meter in front of a service with an AWS JSON protocol, where it is used without the sandbox. prefix
// is that of its actions, like "states".
func (m *Meter) Handler(prefix, protocol string, service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation := awswire.Target(r)
		if err := m.Admit(prefix + ":" + operation); err != nil {
			awswire.WriteError(w, protocol, err)
			return
		}
		service.ServeHTTP(w, r)
	})
}
