package interpreter

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

// errSibling stops the other branches or iterations when one has failed.
var errSibling = errors.New("another branch has failed")

// region is the concurrent part of a Parallel or Map state: the flows of its branches or iterations, of which the
// first to fail stops the others.
type region struct {
	history *History
	ctx     context.Context
	cancel  context.CancelCauseFunc
	flows   sync.WaitGroup

	mu     sync.Mutex
	err    error // the first one
	failed *flow // whose error it is
}

func newRegion(ctx context.Context, h *History) *region {
	ctx, cancel := context.WithCancelCause(ctx)
	return &region{history: h, ctx: ctx, cancel: cancel}
}

// fail records the first error of a flow and stops the others.
func (r *region) fail(f *flow, err error) {
	r.history.atomically(func() { r.cancel(errSibling) })
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil || (asStateError(r.err) == nil && asStateError(err) != nil) {
		r.err, r.failed = err, f
	}
}

// wait waits for all flows and returns the error of the one that failed first, if any.
func (r *region) wait() error {
	r.flows.Wait()
	r.cancel(nil)
	return r.err
}

// branch is a flow within a state, starting at its last event, with its own copy of the variables.
func (f *flow) branch() *flow {
	return &flow{run: f.run, last: f.last, variables: maps.Clone(f.variables), item: f.item}
}

// aborts are the events about what was still open when a flow failed, all pointing to the failure. What has its event
// is marked, as closing can be cut short when a flow further out fails, which then closes the rest.
type aborts struct {
	history *History
	ctx     context.Context
	cause   int64
	failed  *flow
}

// branches closes the branches or iterations of a state in their order.
func (a aborts) branches(v *visit) error {
	for _, branch := range v.branches {
		if err := a.iteration(v, branch); err != nil {
			return err
		}
		if err := a.flow(branch); err != nil {
			return err
		}
	}
	return nil
}

// iteration closes an iteration of a Map state that has not succeeded.
func (a aborts) iteration(v *visit, f *flow) error {
	if f.iteration == nil || f.closed {
		return nil
	}
	eventType := "MapIterationAborted"
	if f == a.failed {
		eventType = "MapIterationFailed"
	}
	err := a.emit(eventType, &Details{Name: v.state.Name, Index: f.iteration})
	f.closed = err == nil
	return err
}

// flow closes the state in which a flow is, and what is within. States that take no time have no event for it.
func (a aborts) flow(f *flow) error {
	v := f.open
	if v == nil {
		return nil
	}
	if err := a.visit(v); err != nil {
		return err
	}
	if err := a.mapRun(v.mapRun); err != nil {
		return err
	}
	return a.branches(v)
}

// mapRun writes that the Map Run of a state has been aborted.
func (a aborts) mapRun(r *visitedRun) error {
	if r == nil || !r.open {
		return nil
	}
	err := a.history.abortMapRun(a.ctx, a.cause, r.started)
	r.open = err != nil
	return err
}

// visit writes that a state has been aborted.
func (a aborts) visit(v *visit) error {
	if v.closed {
		return nil
	}
	switch v.state.Type {
	case asl.TaskType, asl.WaitType, asl.ParallelType, asl.MapType:
		err := a.emit(string(v.state.Type)+"StateAborted", nil)
		v.closed = err == nil
		return err
	default:
		return nil
	}
}

func (a aborts) emit(eventType string, details *Details) error {
	_, err := a.history.append(a.ctx, a.cause, eventType, details)
	return err
}

// abort closes what is open in a state of which one branch has failed, and returns that branch's error.
func (f *flow) abort(ctx context.Context, v *visit, r *region, err error) error {
	e := asStateError(err)
	if e == nil {
		return err
	}
	a := aborts{history: f.History, ctx: ctx, cause: e.event, failed: r.failed}
	if err := a.branches(v); err != nil {
		return err
	}
	v.branchFailed = true
	f.last = e.event
	return e
}
