package invocation

import (
	"sync"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
)

// event is what is kept of an invocation's event: all of it, unless it is larger than what Step Functions sends.
type event struct {
	mu    sync.Mutex
	kept  []byte
	over  bool
	whole bool // there is no more of it
}

// Write implements io.Writer and never fails.
func (e *event) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over || len(e.kept)+len(p) > faas.MaxFingerprinted {
		e.kept, e.over = nil, true
		return len(p), nil
	}
	e.kept = append(e.kept, p...)
	return len(p), nil
}

// Close implements io.Closer and never fails.
func (e *event) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.whole = true
	return nil
}

func (e *event) isWhole() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.whole
}

func (e *event) drop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept, e.over = nil, true
}

// bytes is nothing for an event that is too large.
func (e *event) bytes() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept
}
