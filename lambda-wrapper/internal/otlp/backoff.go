package otlp

import (
	"context"
	"time"
)

// firstPause and maxPause bound how long a collector that failed is left alone, so that it does not cost every
// invocation the export timeout.
const (
	firstPause = time.Second
	maxPause   = time.Minute
)

// deadlineReserve is the part of an invocation's time that sending leaves untouched: outliving the deadline would make
// Lambda kill the environment.
const deadlineReserve = 50 * time.Millisecond

// Backoff leaves a collector alone after failures, for longer each time. The zero value is a collector that is well.
type Backoff struct {
	pause time.Duration
	until time.Time
}

// Resting tells whether the collector is to be left alone now.
func (b *Backoff) Resting() bool { return time.Now().Before(b.until) }

// Failed begins a pause. It is true for the first failure.
func (b *Backoff) Failed() bool {
	first := b.pause == 0
	b.pause = min(max(2*b.pause, firstPause), maxPause)
	b.until = time.Now().Add(b.pause)
	return first
}

// Recovered ends the pauses. It is true if there was one.
func (b *Backoff) Recovered() bool {
	was := b.pause > 0
	*b = Backoff{}
	return was
}

// Resume allows one attempt now.
func (b *Backoff) Resume() { b.until = time.Time{} }

// Bound gives an export its deadline, but not the cancellation of the invocation that it comes from.
func Bound(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	deadline := time.Now().Add(timeout)
	if d, ok := ctx.Deadline(); ok && d.Add(-deadlineReserve).Before(deadline) {
		deadline = d.Add(-deadlineReserve)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}
