package wrapper

import (
	"context"
	"sync"
	"time"
)

// turn is the handshake of one invocation between its handler and the extension, which learn of it in either order:
// the handler begins and ends, the extension awaits the end. Several wrapped handlers may be nested in it.
type turn struct {
	requestID string
	begun     chan struct{}
	released  chan struct{}

	mu        sync.Mutex
	handlers  int
	over      bool // released is closed
	abandoned bool // the extension does not wait any more
}

func newTurn(requestID string) *turn {
	return &turn{requestID: requestID, begun: make(chan struct{}), released: make(chan struct{})}
}

// begin reports whether the extension will take this invocation.
func (t *turn) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.abandoned || t.over {
		return false
	}
	if t.handlers++; t.handlers == 1 {
		close(t.begun)
	}
	return true
}

// end reports whether the extension takes over from here; if not, the caller has to send. A nil turn does not.
func (t *turn) end() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.handlers--
	if t.abandoned {
		return false
	}
	if t.handlers == 0 && !t.over {
		t.over = true
		close(t.released)
	}
	return true
}

// await is the extension's side: true once the invocation is released, false if it gave up, when ctx ended or the
// handler had not begun in time.
func (t *turn) await(ctx context.Context, beginWait time.Duration) bool {
	timer := time.NewTimer(beginWait)
	defer timer.Stop()
	select {
	case <-t.begun:
	case <-timer.C:
		return !t.abandon()
	case <-ctx.Done():
		return !t.abandon()
	}
	select {
	case <-t.released:
		return true
	case <-ctx.Done():
		return !t.abandon()
	}
}

// abandon is false when it is too late: the invocation has been released to the extension.
func (t *turn) abandon() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.abandoned = true
	}
	return t.abandoned
}
