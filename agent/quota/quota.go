// Package quota keeps the calls of an AWS API within a share of the token bucket that AWS grants an account in a
// region.
package quota

import (
	"context"
	"sync"
	"time"

	"github.com/coder/quartz"
	"golang.org/x/time/rate"

	"github.com/steptrace/steptrace/agent/pause"
)

// Quota is a token bucket: so many calls at once, refilled by so many a second.
type Quota struct {
	Bucket int
	Refill float64
}

// How the rate follows throttling: others use the account's quota too, so what AWS throttles is asked for less often.
const (
	leastFactor = 1.0 / 16        // of the share
	recovery    = 2 * time.Minute // from nothing to the whole share
	settling    = time.Second     // calls throttled together count once
	restart     = 5 * time.Second // that processes need to restart
	timerTag    = "quota"         // of the timers on the clock
)

// Bucket hands out calls. It is safe for concurrent use.
type Bucket struct {
	clock quartz.Clock
	full  rate.Limit // calls a second when nothing is throttled

	mu        sync.Mutex
	limiter   *rate.Limiter
	factor    float64 // of full, in force now
	adjusted  time.Time
	throttled time.Time
}

// NewBucket starts with the bucket's share full. share is above 0 and at most 1.
func NewBucket(q Quota, share float64, clock quartz.Clock) *Bucket {
	full := rate.Limit(q.Refill * share)
	return &Bucket{
		clock: clock, full: full, factor: 1, adjusted: clock.Now(),
		limiter: rate.NewLimiter(full, max(1, int(float64(q.Bucket)*share))),
	}
}

// Resume takes the bucket for one that was used up when a former process was last heard of: it has refilled since then,
// for a restart's time at least. So processes that end again and again do not each begin with a full one.
func (b *Bucket) Resume(last time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.recovered()
	refilled := int(float64(b.full) * max(now.Sub(last), restart).Seconds())
	if excess := int(b.limiter.TokensAt(now)) - max(1, refilled); excess > 0 {
		b.limiter.AllowN(now, excess)
	}
}

// Take waits until a call may be made.
func (b *Bucket) Take(ctx context.Context) error {
	delay := b.reserve()
	if delay == 0 {
		return ctx.Err()
	}
	return pause.For(ctx, b.clock, delay, timerTag)
}

func (b *Bucket) reserve() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.recovered()
	return b.limiter.ReserveN(now, 1).DelayFrom(now)
}

// Available is how many calls may be made without waiting.
func (b *Bucket) Available() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, int(b.limiter.TokensAt(b.recovered())))
}

// Throttled tells that AWS has refused a call: the bucket there is empty, so this one is emptied and refills at half
// the rate, which grows again while nothing is throttled.
func (b *Bucket) Throttled() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.recovered()
	if !b.throttled.IsZero() && now.Sub(b.throttled) < settling {
		return
	}
	b.throttled = now
	b.factor = max(b.factor/2, leastFactor)
	b.limiter.SetLimitAt(now, b.full*rate.Limit(b.factor))
	if tokens := int(b.limiter.TokensAt(now)); tokens > 0 {
		b.limiter.AllowN(now, tokens)
	}
}

// recovered raises the rate by the time that has passed since it was last looked at, and returns the time.
func (b *Bucket) recovered() time.Time {
	now := b.clock.Now()
	if b.factor < 1 {
		b.factor = min(1, b.factor+float64(now.Sub(b.adjusted))/float64(recovery))
		b.limiter.SetLimitAt(now, b.full*rate.Limit(b.factor))
	}
	b.adjusted = now
	return now
}
