// Package pause waits by a clock that tests can hold.
package pause

import (
	"context"
	"time"

	"github.com/coder/quartz"
)

// For waits, or until the context ends, whose error it returns. Tests find the timer by the tags.
func For(ctx context.Context, clock quartz.Clock, d time.Duration, tags ...string) error {
	timer := clock.NewTimer(d, tags...)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
