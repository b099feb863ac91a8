package interpreter

import (
	"context"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// maxMapRedrives is how often a Map Run can be redriven.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
const maxMapRedrives = 1000

// StatusPendingRedrive is that of a child that a redriven Map Run has not started again.
const StatusPendingRedrive = "PENDING_REDRIVE"

// redriveMapRun goes on with the Map Run of a visit that the end of the execution cut off. One that has succeeded by
// then is not run again.
func (f *flow) redriveMapRun(ctx context.Context, v *visit) (dataflow.Value, error) {
	r := v.mapRun
	if r.result != nil {
		f.last = r.started
		return r.result, nil
	}
	if r.redriveCount() >= maxMapRedrives {
		failure := failuref(dataflow.ErrRuntime, "The Map Run cannot be redriven more than %d times.", maxMapRedrives)
		return nil, &stateError{failure: failure, event: f.last}
	}
	details := &Details{MapRunARN: r.ARN, RedriveCount: r.redriveCount() + 1}
	event, err := f.History.append(ctx, r.before, "MapRunRedriven", details)
	if err != nil {
		return nil, err
	}
	f.last, r.started, r.open = event.ID, event.ID, true
	r.redrive(event.Time)
	return f.runChildren(ctx, v)
}

// redrive opens a Map Run again that has ended: run then runs the children that have not succeeded.
func (m *MapRun) redrive(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.redrives++
	m.redriven, m.stopTime, m.status = at, time.Time{}, StatusRunning
	m.stopped = make(chan struct{})
	m.failed, m.exceeded, m.written = 0, false, false
	var again, first []*mapChild
	for _, c := range m.children {
		switch {
		case c.execution == nil:
			first = append(first, c)
		case c.status() != StatusSucceeded:
			c.execution.pendingRedrive.Store(true)
			again = append(again, c)
		}
	}
	m.pending = append(again, first...)
}

func (m *MapRun) redriveCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.redrives
}

// reopen redrives a child. One that cannot be redriven stays as it ended. An Express child starts again from its
// beginning, under the same ARN.
func (m *MapRun) reopen(c *mapChild) (redriven bool) {
	c.execution.pendingRedrive.Store(false)
	if m.Express() {
		m.start(c)
		return true
	}
	_, err := m.interpreter.Redrive(m.background, c.execution)
	return err == nil
}

// settle gives those children their status back that nobody has redriven. The caller holds the lock.
func (m *MapRun) settle() {
	for _, c := range m.children {
		if c.execution != nil {
			c.execution.pendingRedrive.Store(false)
		}
	}
}

// PendingRedrive tells whether the execution is a child that waits to be redriven by its Map Run.
func (x *Execution) PendingRedrive() bool { return x.pendingRedrive.Load() }
