package otlp

import "context"

// Lane lets one export at a time through to a collector. NewLane makes one.
type Lane chan struct{}

// NewLane returns one that is free.
func NewLane() Lane { return make(Lane, 1) }

// Enter waits for its turn, but not longer than ctx: the export before may hang, and the invocation has to end in time.
// When there is no time at all it is false, for the collector is not to be blamed for that.
func (l Lane) Enter(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case l <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// Leave lets the next one through.
func (l Lane) Leave() { <-l }
