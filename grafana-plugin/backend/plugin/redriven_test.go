package plugin

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history"
)

// row is one execution of a table by its name.
func (s *stored) row(name string, fields ...string) []any {
	s.t.Helper()
	f := s.ask(`{"queryType":"executions","name":":` + name + `"}`).Frames[0]
	require.Equal(s.t, 1, f.Rows(), name)
	var values []any
	for _, field := range fields {
		column, _ := f.FieldByName(field)
		value, known := column.ConcreteAt(0)
		if !known {
			value = nil
		}
		values = append(values, value)
	}
	return values
}

// A redrive goes on with the state that failed: what is told of it changes from attempt to attempt.
func TestARedrivenExecution(t *testing.T) {
	s := newStored(t)
	told := func() []any { return s.row("again", "status", "failed_state", "redrive_count", "error", "duration_ms") }
	failures := func() int { return s.ask(`{"queryType":"failures","kind":"state"}`).Frames[0].Rows() }
	e := of("orders", "again").starts(0).enters(0, "Fetch").invokes(0, 2, "").exits(2, "Fetch").
		enters(2, "Store").invokes(2, 4, "Boom").ends(4, "Failed", "Boom")
	s.store(e.Execution, e.events...)
	require.Equal(t, []any{"FAILED", "Store", int64(0), "Boom", 4000.0}, told())
	require.Equal(t, 1, failures())

	e.then(100, "ExecutionRedriven", redriveOne)
	s.store(e.Execution, e.events...)
	require.Equal(t, []any{"RUNNING", "", int64(1), "", 600_000.0}, told(), "until now")

	e.invokes(100, 102, "").exits(102, "Store").enters(102, "Last").invokes(102, 103, "Odd").ends(104, "Failed", "Odd")
	s.store(e.Execution, e.events...)
	require.Equal(t, []any{"FAILED", "Last", int64(1), "Odd", 104_000.0}, told(), "Store has succeeded by now")
	require.Equal(t, 1, failures())

	two := int64(2)
	e.then(200, "ExecutionRedriven", history.Details{RedriveCount: &two}).
		invokes(200, 201, "").exits(201, "Last").ends(201, "Succeeded", "")
	s.store(e.Execution, e.events...)
	require.Equal(t, []any{"SUCCEEDED", "", int64(2), "", 201_000.0}, told())
	require.Zero(t, failures())
	require.Equal(t, 1, s.ask(`{"queryType":"executions"}`).Frames[0].Rows())
}

// What began an execution is not what failed in it: an Express workflow, a Map Run's child, one without any state.
func TestFailedStatesOfAllKinds(t *testing.T) {
	s := newStored(t)
	fails := func(e *tale) *tale {
		return e.starts(1).enters(1, "Störung").invokes(1, 2, "Boom").ends(2, "Failed", "Boom")
	}
	express, child, bare := of("", ""), of("orders/Each", "child"), of("orders", "bare").starts(1).ends(2, "Failed", "Boom")
	express.ARN, child.MapRunARN = account+"express:express:x:id", mapRun
	timedOut := of("orders", "late").starts(1).enters(1, "Fetch").ends(2, "TimedOut", "States.Timeout")
	for _, e := range []*tale{fails(express), fails(child), bare, timedOut} {
		s.store(e.Execution, e.events...)
	}
	for name, want := range map[string]string{"x:id": "Störung", "child": "Störung", "bare": "", "late": "Fetch"} {
		require.Equal(t, []any{want}, s.row(name, "failed_state"), name)
	}
}
