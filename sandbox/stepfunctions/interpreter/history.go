package interpreter

import (
	"context"
	"errors"
	"sync"

	"github.com/coder/quartz"
)

// MaxEvents is the quota of a Standard execution's history.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const MaxEvents = 25000

// errClosed says that the history has its last event, so that whatever still runs has nothing more to say.
var errClosed = errors.New("the execution has ended")

// History is the event history of one execution. It is safe for concurrent use and accepts nothing after its last
// event (ExecutionSucceeded, ExecutionFailed, ExecutionAborted or ExecutionTimedOut) but a redrive.
type History struct {
	clock   quartz.Clock
	observe func(Event) // of Execution.Observe

	mu       sync.Mutex
	events   []Event
	mapRuns  []int64  // the MapRunStarted events of the Map Runs that are open
	outcome  *Outcome // nil while it runs
	ended    chan struct{}
	ends     []Outcome // all there have been: one more than redrives, or as many while it runs
	redrives []Event   // ExecutionRedriven
}

// newHistory is an empty history whose events take their times from the clock.
func newHistory(clock quartz.Clock) *History {
	return &History{clock: clock, ended: make(chan struct{})}
}

// Ended is closed when the history has its last event. After a redrive it is another channel.
func (h *History) Ended() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended
}

// Outcome is how the execution ended; nil as long as it runs.
func (h *History) Outcome() *Outcome {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.outcome
}

// Events are the events so far, in order. The slice must not be changed.
func (h *History) Events() []Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.events[:len(h.events):len(h.events)]
}

// append adds an event and returns it, or fails when the history has ended or the context is done. As
// cancelling happens under the same lock (see atomically), nothing of a cancelled branch comes after its end.
func (h *History) append(ctx context.Context, previous int64, eventType string, details *Details) (Event, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tryAdd(ctx, previous, eventType, details)
}

// tryAdd is append for callers that hold the lock.
func (h *History) tryAdd(ctx context.Context, previous int64, eventType string, details *Details) (Event, error) {
	if err := ctx.Err(); err != nil {
		return Event{}, context.Cause(ctx)
	}
	if h.outcome != nil {
		return Event{}, errClosed
	}
	if len(h.events) == MaxEvents-1 {
		h.close(0, "ExecutionFailed", Outcome{Status: StatusFailed, Failure: tooManyEvents()})
		return Event{}, errClosed
	}
	return h.add(previous, eventType, details), nil
}

// atomically runs f while no event can be added.
func (h *History) atomically(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

// End writes the last event and reports whether it was this call that ended the execution.
func (h *History) End(previous int64, eventType string, outcome Outcome) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.outcome != nil {
		return false
	}
	h.close(previous, eventType, outcome)
	return true
}

func (h *History) close(previous int64, eventType string, outcome Outcome) {
	h.abortMapRuns()
	outcome.StopTime = h.add(previous, eventType, outcome.details()).Time
	h.outcome = &outcome
	h.ends = append(h.ends, outcome)
	close(h.ended)
}

func (h *History) add(previous int64, eventType string, details *Details) Event {
	id := int64(len(h.events)) + 1
	event := Event{ID: id, PreviousID: previous, Type: eventType, Time: Milliseconds(h.clock.Now()), Details: details}
	h.events = append(h.events, event)
	h.noteMapRun(event)
	if h.observe != nil {
		h.observe(event)
	}
	return event
}
