package interpreter

import (
	"context"
	"errors"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// MaxRedrivable is how many events a history may have to be redriven: there must be room for two more.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
const MaxRedrivable = MaxEvents - 2

// ErrNotRedrivable says that an execution runs, has succeeded or has too long a history.
var ErrNotRedrivable = errors.New("the execution cannot be redriven")

// redrive is the latest redrive of an execution; the zero value when there was none.
type redrive struct {
	count int
	event Event // ExecutionRedriven
}

// Redrive opens an execution again that has ended without success: Run then goes on with the states that have not been
// left. It returns the time of the ExecutionRedriven event. It waits until what the execution did before has come to
// rest, but no longer than the context.
func (i *Interpreter) Redrive(ctx context.Context, x *Execution) (time.Time, error) {
	x.redriving.Lock()
	defer x.redriving.Unlock()
	if outcome := x.History.Outcome(); outcome == nil || outcome.Status == StatusSucceeded {
		return time.Time{}, ErrNotRedrivable
	}
	select {
	case <-x.finished:
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
	event, ok := x.History.reopen()
	if !ok {
		return time.Time{}, ErrNotRedrivable
	}
	x.finished = make(chan struct{})
	return event.Time, nil
}

// reopen adds an ExecutionRedriven event to a history that has ended without success, which no longer has ended then.
func (h *History) reopen() (Event, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.outcome == nil || h.outcome.Status == StatusSucceeded || len(h.events) > MaxRedrivable {
		return Event{}, false
	}
	h.outcome, h.ended = nil, make(chan struct{})
	event := h.add(int64(len(h.events)), "ExecutionRedriven", &Details{RedriveCount: len(h.redrives) + 1})
	h.redrives = append(h.redrives, event)
	return event, true
}

func (h *History) lastRedrive() redrive {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.redrives) == 0 {
		return redrive{}
	}
	return redrive{count: len(h.redrives), event: h.redrives[len(h.redrives)-1]}
}

// Standing is how an execution stood at some time.
type Standing struct {
	Outcome      *Outcome // nil: it was running
	RedriveCount int
	RedriveDate  time.Time // of the latest; zero when there was none
}

// Status is the execution's status then.
func (s Standing) Status() string {
	if s.Outcome == nil {
		return StatusRunning
	}
	return s.Outcome.Status
}

// StopTime is when the execution last ended; zero when it never has.
func (h *History) StopTime() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.ends) == 0 {
		return time.Time{}
	}
	return h.ends[len(h.ends)-1].StopTime
}

// Current is how the execution stands now.
func (h *History) Current() Standing { return h.Standing(time.Unix(1<<40, 0)) } // later than any event

// Standing is how the execution stood, as far as the events up to that time tell.
func (h *History) Standing(asOf time.Time) Standing {
	h.mu.Lock()
	defer h.mu.Unlock()
	var s Standing
	for _, event := range h.redrives {
		if event.Time.After(asOf) {
			break
		}
		s.RedriveCount++
		s.RedriveDate = event.Time
	}
	if len(h.ends) > s.RedriveCount && !h.ends[s.RedriveCount].StopTime.After(asOf) {
		outcome := h.ends[s.RedriveCount]
		s.Outcome = &outcome
	}
	return s
}

// resume goes on with the visit that the end of the execution cut off. What comes next follows from the state's
// beginning; only how a Fail state ends follows from the redrive itself.
func (f *flow) resume(v *visit) {
	v.redriven, v.closed, v.branchFailed, v.retries = true, false, false, 0
	f.last = v.entered
	if v.state.Type == asl.FailType {
		f.last = f.redrive.event.ID
	}
}

// beginning is the time from which a Wait state waits.
func (f *flow) beginning(v *visit) time.Time {
	if v.redriven {
		return f.redrive.event.Time
	}
	return v.time
}

// goesOn tells once whether a Parallel or Map state has branches, iterations or a Map Run with which a redrive goes on.
func (v *visit) goesOn() bool {
	redriven := v.redriven
	v.redriven = false
	return redriven && (v.iterations != nil || len(v.branches) > 0 || v.mapRun != nil)
}

// forget drops what the branches or iterations of a state have done when it is their results that are too large: a
// redrive runs them all again.
func (v *visit) forget(e *stateError) {
	if e.name() == dataflow.ErrDataLimitExceeded && !v.branchFailed {
		v.branches, v.iterations, v.mapRun = nil, nil, nil
	}
}
