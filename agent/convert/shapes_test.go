package convert_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

// maker writes a history event by event.
type maker struct{ events []history.Event }

func (m *maker) add(previous int64, typ string, d history.Details) int64 {
	id := int64(len(m.events) + 1)
	m.events = append(m.events, history.Event{
		ID: id, PreviousID: previous, Type: typ, Details: d, Time: historytest.Epoch.Add(time.Duration(id) * time.Millisecond),
	})
	return id
}

func named(name string) history.Details { return history.Details{Name: name} }

func iteration(i int) history.Details {
	index := int64(i)
	return history.Details{Name: "Each", Index: &index}
}

// shapes are histories of about n events each, of the kinds whose cost could grow with what is open or was before.
var shapes = map[string]func(n int) []history.Event{
	"states after one another": func(n int) []history.Event {
		var m maker
		m.add(0, "ExecutionStarted", history.Details{})
		last := int64(0)
		for i := range n / 2 {
			name := named("S" + strconv.Itoa(i))
			last = m.add(m.add(last, "PassStateEntered", name), "PassStateExited", name)
		}
		m.add(last, "ExecutionSucceeded", history.Details{})
		return m.events
	},
	"iterations at once": func(n int) []history.Event {
		m, work := openIterations(n / 4)
		for i, last := range work {
			m.add(m.add(last, "TaskStateExited", named("Work")), "MapIterationSucceeded", iteration(i))
		}
		return m.events
	},
	"iterations after one another": func(n int) []history.Event {
		var m maker
		m.add(0, "ExecutionStarted", history.Details{})
		last := m.add(m.add(0, "MapStateEntered", named("Each")), "MapStateStarted", history.Details{})
		for i := range n / 4 {
			last = m.add(last, "MapIterationStarted", iteration(i))
			last = m.add(m.add(last, "PassStateEntered", named("Work")), "PassStateExited", named("Work"))
			m.add(last, "MapIterationSucceeded", iteration(i))
		}
		return m.events
	},
	"nested deep": func(n int) []history.Event {
		var m maker
		m.add(0, "ExecutionStarted", history.Details{})
		last := int64(0)
		for range n / (40 * 4) {
			for level := range 40 {
				name := named("P" + strconv.Itoa(level))
				last = m.add(m.add(last, "ParallelStateEntered", name), "ParallelStateStarted", history.Details{})
			}
			for level := 39; level >= 0; level-- {
				name := named("P" + strconv.Itoa(level))
				m.add(last, "ParallelStateSucceeded", history.Details{})
				last = m.add(last, "ParallelStateExited", name)
			}
		}
		return m.events
	},
	"all aborted": func(n int) []history.Event {
		m, work := openIterations(n / 3)
		failed := m.add(work[0], "TaskFailed", history.Details{Error: "E"})
		for range work[1:] {
			m.add(failed, "TaskStateAborted", history.Details{})
		}
		m.add(failed, "MapStateFailed", history.Details{})
		m.add(failed, "ExecutionFailed", history.Details{Error: "E"})
		return m.events
	},
	"aborted although nothing was left": func(n int) []history.Event {
		m, work := openIterations(n / 3)
		for range work {
			m.add(0, "WaitStateAborted", history.Details{})
		}
		return m.events
	},
	"all redriven": func(n int) []history.Event {
		m, work := openIterations(n / 5)
		failed := m.add(work[0], "MapStateFailed", history.Details{})
		m.add(failed, "ExecutionFailed", history.Details{Error: "E"})
		redriven := m.add(failed, "ExecutionRedriven", history.Details{})
		for range work {
			m.add(redriven, "LambdaFunctionScheduled", history.Details{Resource: "f"})
		}
		for i := range work {
			m.add(0, "TaskStateExited", named("Work"))
			m.add(0, "MapIterationSucceeded", iteration(i))
		}
		return m.events
	},
	"expressions that fail at once": func(n int) []history.Event {
		m, work := openIterations(n / 3)
		for i := range work {
			m.add(int64(4+i), "EvaluationFailed", history.Details{State: "Work", Error: "E"})
		}
		return m.events
	},
	"links that are lost": func(n int) []history.Event {
		m, work := openIterations(n / 5)
		for i := range work {
			m.add(0, "LambdaFunctionScheduled", history.Details{Resource: "f"})
			m.add(0, "TaskStateExited", named("Work"))
			m.add(0, "MapIterationSucceeded", iteration(i))
		}
		return m.events
	},
}

// openIterations is a Map that has entered a Task in each of its iterations; work is by iteration the last event.
func openIterations(iterations int) (m *maker, work []int64) {
	m = new(maker)
	m.add(0, "ExecutionStarted", history.Details{})
	started := m.add(m.add(0, "MapStateEntered", named("Each")), "MapStateStarted", history.Details{})
	for i := range iterations {
		work = append(work, m.add(started, "MapIterationStarted", iteration(i)))
	}
	for i := range work {
		work[i] = m.add(work[i], "TaskStateEntered", named("Work"))
	}
	return m, work
}

// TestShapesAreSound has each shape, small, hold the invariants.
func TestShapesAreSound(t *testing.T) {
	for name, shape := range shapes {
		for _, n := range []int{200, 331} {
			require.Empty(t, violations(shape(n), nil), fmt.Sprint(name, n))
		}
	}
}
