// Package beside does what many ask for while they go on.
package beside

import "sync"

// Task is done by one goroutine at a time. The zero value is ready.
type Task struct {
	mu             sync.Mutex
	running, again bool
}

// Go has the task done and does not wait for it. While it is being done, it is done once more after that, however often
// it is asked for; then it is what the first had asked for.
func (t *Task) Go(do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running {
		t.again = true
		return
	}
	t.running = true
	go func() {
		for more := true; more; more = t.next() {
			do()
		}
	}()
}

func (t *Task) next() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running, t.again = t.again, false
	return t.running
}
