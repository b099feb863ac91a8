package stepfunctions

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// However often an execution fails on its way, redriving brings it to its end, and no state or iteration that has
// succeeded runs again.
func TestRedrivesBringAnyMachineToItsEnd(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		definition, err := json.Marshal((&machines{lucky: true}).draw(rt, 2))
		require.NoError(rt, err)
		events := redriveToTheEnd(t, rt, string(definition))
		checkLinks(rt, events)
		checkDoneOnce(rt, events)
	})
}

// redriveToTheEnd runs a machine whose bad functions succeed every third time, until it succeeds.
func redriveToTheEnd(t *testing.T, rt *rapid.T, definition string) []interpreter.Event {
	var calls atomic.Int64
	bad := func() error {
		if calls.Add(1)%3 == 0 {
			return nil
		}
		return awswire.Errorf("ServiceException", "bad")
	}
	return runMachine(t, rt, definition, bad, func(ctx context.Context, s *Service, x *execution) {
		redriveUntilSuccess(ctx, rt, s, x)
	})
}

func redriveUntilSuccess(ctx context.Context, t *rapid.T, s *Service, x *execution) {
	for {
		select {
		case <-x.History.Ended():
		case <-ctx.Done():
			t.Errorf("the execution has not ended")
			return
		}
		if x.History.Current().Status() == interpreter.StatusSucceeded {
			return
		}
		_, err := s.redriveExecution(ctx, redriveExecutionInput{ExecutionARN: x.ARN})
		require.NoError(t, err)
	}
}

// checkLinks tells whether ids count up and every event follows from an earlier one.
func checkLinks(t require.TestingT, events []interpreter.Event) {
	for n, e := range events {
		require.EqualValues(t, n+1, e.ID)
		require.Less(t, e.PreviousID, e.ID)
	}
}

// checkDoneOnce tells whether everything that was begun was begun once and has succeeded once.
func checkDoneOnce(t *rapid.T, events []interpreter.Event) {
	counts := map[string]int{}
	exited := map[int64]bool{} // the events that a state's exit follows: of tasks their success
	for _, e := range events {
		counts[e.Type]++
		if e.Type == "TaskStateExited" {
			require.False(t, exited[e.PreviousID], "%+v", e)
			exited[e.PreviousID] = true
		}
	}
	for _, kind := range []string{"Pass", "Wait", "Task", "Parallel", "Map"} {
		require.Equal(t, counts[kind+"StateEntered"], counts[kind+"StateExited"], kind)
	}
	require.Equal(t, counts["ParallelStateEntered"], counts["ParallelStateStarted"])
	require.Equal(t, counts["ParallelStateStarted"], counts["ParallelStateSucceeded"])
	require.Equal(t, counts["MapStateStarted"], counts["MapStateSucceeded"])
	require.Equal(t, counts["MapIterationStarted"], counts["MapIterationSucceeded"])
}
