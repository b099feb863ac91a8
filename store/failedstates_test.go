package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// visits are those of one execution, which starts at 0 and ends at its latest.
func (r *rig) visits(name, endEvent string, visits ...span) {
	end := int64(1)
	for _, v := range visits {
		end = max(end, v.end)
	}
	r.lifecycle("nested", name, 0, endEvent, end, attrs{semconv.Error: "Boom"})
	r.write(visits...)
}

func container(typ string, s span) span {
	s.attrs[semconv.StateType] = typ
	return s
}

func aborted(s span) span {
	s.attrs[semconv.Aborted] = "true"
	return s
}

func TestFailedStates(t *testing.T) {
	r := newRig(t)
	of := func(name string) run { return run{machine: "nested", name: name} }
	plain, inner, caught, empty, late := of("plain"), of("inner"), of("caught"), of("empty"), of("late")
	redriven, timedOut, recovered := of("redriven"), of("timed out"), of("recovered")
	stopped, between, beside := of("stopped"), of("stopped between"), of("beside")
	r.visits("plain", "ExecutionFailed", plain.state("Fetch", 2, 0, 100, ""), plain.state("Store", 4, 100, 300, "Boom"))
	r.visits("inner", "ExecutionFailed", // the states around it end some milliseconds later
		container("Parallel", inner.state("Both", 2, 0, 320, "Boom")), container("Map", inner.state("Each", 3, 0, 310, "Boom")),
		inner.state("Deep", 4, 10, 300, "Boom"), inner.state("Left", 5, 10, 200, ""))
	caughtBoth := container("Parallel", caught.state("Both", 2, 0, 100, ""))
	caughtBoth.attrs[semconv.CaughtError] = "Boom"
	r.visits("caught", "ExecutionFailed", caughtBoth, caught.state("Left", 3, 0, 90, "Boom"),
		container("Map", caught.state("Runs", 5, 100, 400, "States.ExceedToleratedFailureThreshold")))
	r.visits("empty", "ExecutionFailed", empty.state("Fetch", 2, 0, 100, ""))
	r.visits("late", "ExecutionFailed", // one that failed at once in a branch, beside one that failed before and was caught
		container("Parallel", late.state("Both", 2, 0, 500, "Boom")), late.state("Slow", 3, 0, 500, "Boom"),
		late.state("Quick", 4, 100, 200, "Boom"))
	r.visits("redriven", "ExecutionFailed", redriven.state("First", 2, 0, 100, "Boom"), redriven.state("Last", 9, 200, 300, "Boom"))
	r.write(redriven.state("First", 2, 0, 200, "")) // the redrive went on with it
	r.visits("timed out", "ExecutionTimedOut",      // in both branches, of which Right had come to a second state
		aborted(container("Parallel", timedOut.state("Both", 2, 0, 400, ""))), aborted(timedOut.state("Left", 3, 0, 400, "")),
		timedOut.state("Early", 4, 0, 90, ""), aborted(timedOut.state("Right", 6, 90, 400, "")),
		timedOut.state("Tried", 5, 0, 80, "Boom"))
	r.visits("stopped", "ExecutionAborted", stopped.state("Fetch", 2, 0, 90, ""), aborted(stopped.state("Rest", 4, 90, 200, "")))
	r.visits("stopped between", "ExecutionAborted", between.state("Fetch", 2, 0, 90, ""))
	r.visits("beside", "ExecutionFailed", // what failed elsewhere breaks off what runs beside it
		container("Parallel", beside.state("Both", 2, 0, 210, "Boom")), beside.state("Left", 3, 0, 200, "Boom"),
		aborted(beside.state("Right", 4, 10, 205, "")))
	r.visits("recovered", "ExecutionSucceeded", recovered.state("Left", 3, 0, 90, "Boom"))

	all, err := r.db.Executions(t.Context(), store.ExecutionFilter{})
	require.NoError(t, err)
	require.Len(t, all, 11)
	states, err := r.db.FailedStates(t.Context(), all)
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		plain.arn(): "Store", inner.arn(): "Deep", caught.arn(): "Runs", late.arn(): "Slow", redriven.arn(): "Last",
		timedOut.arn(): "Right", stopped.arn(): "Rest", beside.arn(): "Left",
	}, states)

	for state, want := range map[string]string{ // what failed elsewhere breaks off Right, but nobody looks for that
		"Right": timedOut.arn(), "Rest": stopped.arn(), "Deep": inner.arn(),
	} {
		found, err := r.db.Executions(t.Context(), store.ExecutionFilter{FailedState: state})
		require.NoError(t, err)
		require.Len(t, found, 1, state)
		require.Equal(t, want, found[0].ExecutionARN)
	}

	none, err := r.db.FailedStates(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestFailedStatesOfMoreExecutionsThanOneQuestionTakes(t *testing.T) {
	r := newRig(t)
	r.visits("plain", "ExecutionFailed", run{machine: "nested", name: "plain"}.state("Store", 4, 100, 300, "Boom"))
	found, err := r.db.Executions(t.Context(), store.ExecutionFilter{})
	require.NoError(t, err)
	var all []store.Execution
	for range 400 {
		all = append(all, store.Execution{
			Status: "FAILED", TraceID: tid(1), StateMachineARN: machineARN + "none", Start: at(0), End: at(1),
		})
	}
	states, err := r.db.FailedStates(t.Context(), append(all, found...))
	require.NoError(t, err)
	require.Equal(t, map[string]string{found[0].ExecutionARN: "Store"}, states)
}
