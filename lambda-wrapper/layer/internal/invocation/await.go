package invocation

import (
	"context"
	"slices"
)

// Die notes that the runtime is gone.
func (l *Log) Die() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.died = true
	l.change()
}

// Await blocks until the request, the only one there is now, has been answered, or the runtime wants the next one
// without an answer. It is false if the runtime is gone before, or ctx ends.
func (l *Log) Await(ctx context.Context, requestID string) (over bool) {
	l.mu.Lock()
	l.supersede(func(i *Invocation) bool { return i.requestID != requestID })
	l.mu.Unlock()
	for {
		l.mu.Lock()
		over, died, changed := l.isOver(requestID), l.died, l.changed
		l.mu.Unlock()
		if over || died {
			return over
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// isOver is called with the lock held.
func (l *Log) isOver(requestID string) bool {
	if l.last == requestID {
		l.last = ""
		return true
	}
	return slices.ContainsFunc(l.open, func(i *Invocation) bool { return i.requestID == requestID && !i.left.IsZero() })
}
