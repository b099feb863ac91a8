package interpreter

import (
	"context"
	"fmt"
	"sync"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// mapChild is one child execution of a Map Run.
type mapChild struct {
	input     dataflow.Value
	items     int
	execution *Execution // nil until it starts
	exported  bool       // its result has been written into a file
}

// run starts children, as many at once as allowed, until all have ended or too many have failed. When the context is
// done it aborts those that run.
func (m *MapRun) run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		for c := m.take(ctx); c != nil; c = m.take(ctx) {
			begun := m.begin(c)
			running.Go(func() {
				if begun {
					m.interpreter.Run(m.background, c.execution)
				}
				m.ended(c)
			})
		}
		if m.done() {
			return nil
		}
		select {
		case <-m.wake:
		case <-ctx.Done():
			m.abort()
			return context.Cause(ctx)
		}
	}
}

// take is the next child to start; nil when none may start now.
func (m *MapRun) take(ctx context.Context) *mapChild {
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := m.limits.MaxConcurrency
	if limit <= 0 || limit > maxConcurrency {
		limit = maxConcurrency
	}
	if ctx.Err() != nil || m.exceeded || len(m.pending) == 0 || int64(m.running) >= limit {
		return nil
	}
	c := m.pending[0]
	m.pending = m.pending[1:]
	m.running++
	return c
}

// begin starts a child, or redrives it; false when it cannot be.
func (m *MapRun) begin(c *mapChild) bool {
	if c.execution != nil {
		return m.reopen(c)
	}
	m.start(c)
	return true
}

// start gives a child its execution.
func (m *MapRun) start(c *mapChild) {
	x := m.execution(c)
	if m.interpreter.BeginChild != nil {
		m.interpreter.BeginChild(x)
	} else {
		m.interpreter.Begin(x)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c.execution = x
	m.judge() // it may have been over meanwhile
}

func (m *MapRun) execution(c *mapChild) *Execution {
	x := &Execution{
		Name:            m.interpreter.NewUUID(),
		StateMachineARN: m.MachineARN(), StateMachineName: rootMachine(m.Parent.StateMachineName),
		RoleARN:    m.Parent.RoleARN,
		Definition: m.Processor, Input: c.input, InputText: jsonvalue.Text(c.input), TraceHeader: m.Parent.TraceHeader,
		MapRun: m, Items: c.items,
	}
	if c.execution != nil { // an Express child that is redriven
		x.Name, x.ARN, x.Restarts = c.execution.Name, c.execution.ARN, c.execution.Restarts+1
		return x
	}
	kind, suffix := "execution", ""
	if m.Express() {
		kind, suffix = "express", ":"+m.interpreter.NewUUID()
	}
	x.ARN = fmt.Sprintf("arn:aws:states:%s:%s:%s:%s:%s%s",
		m.interpreter.Region, m.interpreter.AccountID, kind, m.labelled(), x.Name, suffix)
	return x
}

// ended takes note of how a child has ended. One that has not, because the service closes, stays as it is.
func (m *MapRun) ended(c *mapChild) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running--
	if outcome := c.execution.History.Outcome(); outcome != nil && outcome.Status != StatusSucceeded && !m.exceeded {
		m.failed += c.items
		m.judge()
	}
	m.notify()
}
