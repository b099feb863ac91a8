package agent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
)

const mapRun = "arn:aws:states:eu-west-1:123456789012:mapRun:m/Each:7f1d"

// The events of an execution with a distributed Map.
const (
	mapBegins = `
1 <- 0 +0 ExecutionStarted input={}
2 <- 0 +10 MapStateEntered name=Each
3 <- 2 +10 MapStateStarted length=3
4 <- 3 +20 MapRunStarted mapRunArn=` + mapRun + `
`
	mapFails = `
5 <- 4 +90000 MapRunFailed error=States.ExceedToleratedFailureThreshold
6 <- 5 +90000 MapStateFailed
7 <- 6 +90000 ExecutionFailed error=States.ExceedToleratedFailureThreshold
`
	mapRedriven = `
8 <- 7 +180000 ExecutionRedriven redriveCount=1
9 <- 8 +180010 MapRunRedriven mapRunArn=` + mapRun + ` redriveCount=1
`
	failedChild = firstHalf + "5 <- 4 +50 TaskFailed error=E\n6 <- 5 +50 ExecutionFailed error=E\n"
)

func child(w *world, machine, name string, at time.Duration, events string) *stepfunctionstest.Execution {
	e := w.api.StartChild(machine, "Each", mapRun, name, historytest.Epoch.Add(at))
	e.Append(w.t, events)
	return e
}

func TestTheChildrenOfAMapRunAreFollowed(t *testing.T) {
	w := newWorld(t)
	w.config.StateMachines = selector.Machines{"m"}
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins)
	child(w, m, "first", time.Second, firstHalf+secondHalf)
	a, _ := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Contains(t, w.checkpoint().MapRuns, mapRun, "remembered with the event that named it")
	another, s := w.agent()
	require.NoError(t, another.Poll(t.Context()))
	require.Equal(t, ids(1, 7), s.ids("first"))
	child(w, m, "second", 2*time.Second, firstHalf)
	w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	require.NoError(t, another.Poll(t.Context()))
	require.Equal(t, ids(1, 4), s.ids("second"))
	require.Equal(t, 3, w.api.Calls("DescribeStateMachineForExecution"),
		"by each process for the parent, once for what the children share")
}

func TestBeyondTheLimitOnlyFailedChildrenAreFollowed(t *testing.T) {
	w := newWorld(t)
	w.config.MapRunChildren = 2
	m := w.api.AddStateMachine("m", "{}")
	parent := w.api.Start(m, "parent", historytest.Epoch)
	parent.Append(t, mapBegins)
	var late *stepfunctionstest.Execution
	for i := range 6 {
		e := child(w, m, fmt.Sprint("c", i), time.Duration(i)*time.Second, firstHalf)
		if i == 0 {
			late = e
		}
	}
	child(w, m, "failed", 7*time.Second, failedChild)
	a, s := w.agent()
	for range 2 {
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Equal(t, ids(1, 6), s.ids("failed"))
	require.Len(t, s.events, 4+6+4, "the parent's, the failed one's and those of one child more")

	late.Append(t, "5 <- 4 +50 TaskFailed error=E\n6 <- 5 +50 ExecutionFailed error=E\n")
	parent.Append(t, mapFails)
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.ids("c0"), "it is no news to a listing of what is new")
	for range 2 {
		w.clock.Advance(w.config.Lookback + time.Second).MustWait(t.Context())
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Equal(t, ids(1, 6), s.ids("c0"), "all that failed are listed at the end")
	require.Empty(t, w.checkpoint().MapRuns)
}

func TestAMapRunThatIsOverIsListedNoMore(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins+mapFails)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	child(w, m, "late to be seen", time.Second, failedChild)
	w.clock.Advance(w.config.Lookback).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 6), s.ids("late to be seen"))
	w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	w.api.Calls("ListExecutions")
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, w.api.Calls("ListExecutions"), "of the state machine: there is no hurry any more")
	w.clock.Advance(30 * time.Second).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, w.checkpoint().MapRuns)
	w.api.Calls("ListExecutions")
	w.clock.Advance(2 * time.Second).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, w.api.Calls("ListExecutions"), "of the state machine")
}

func TestARedrivenMapRunsChildrenAreReadOn(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	parent := w.api.Start(m, "parent", historytest.Epoch)
	parent.Append(t, mapBegins+mapFails)
	failed := child(w, m, "failed", time.Second, failedChild)
	a, s := w.agent()
	for range 3 {
		require.NoError(t, a.Poll(t.Context()))
		w.clock.Advance(w.config.Lookback + time.Second).MustWait(t.Context())
	}
	require.Equal(t, ids(1, 6), s.ids("failed"))
	require.Empty(t, w.checkpoint().MapRuns)
	parent.Append(t, mapRedriven)
	failed.Append(t, "7 <- 6 +180020 ExecutionRedriven redriveCount=1\n"+
		"8 <- 7 +180020 TaskScheduled resourceType=dynamodb resource=putItem\n")
	for range 2 {
		w.clock.Advance(w.config.RunningInterval).MustWait(t.Context())
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Equal(t, ids(1, 9), s.ids("parent"))
	require.Equal(t, int64(8), s.ids("failed")[len(s.ids("failed"))-1])
}

func TestExpressChildrenHaveNoHistoryToRead(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins)
	express := child(w, m, "express", time.Second, failedChild)
	express.ARN = strings.Replace(express.ARN, ":execution:", ":express:", 1)
	a, _ := w.agent()
	for range 2 {
		require.NoError(t, a.Poll(t.Context()))
		w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	}
	require.Equal(t, 2, w.api.Calls("GetExecutionHistory"), "the parent's")
	require.NotContains(t, w.checkpoint().Executions, express.ARN)
}

func TestAMapRunThatCannotBeListedIsPassedOver(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins)
	a, _ := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	w.api.Fail("ListExecutions", 0, 1, "StateMachineTypeNotSupported", 400)
	w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, w.checkpoint().MapRuns)
	require.Equal(t, 1, strings.Count(w.log.String(), "passed over"))
}

// A listing that broke off has not seen the older children, so the next one looks back to them again.
func TestAListingOfChildrenThatBreaksOffIsRepeatedWhole(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins)
	child(w, m, "old", time.Second, firstHalf+secondHalf)
	child(w, m, "new", time.Second+2*w.config.Lookback, firstHalf+secondHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	w.api.LimitPages(1)
	w.api.Fail("ListExecutions", 1, 1, "AccessDeniedException", 400) // the second page of the Map Run's listing
	w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()), "the failure is the listing's own")
	for range 3 {
		w.clock.Advance(w.config.RunningInterval).MustWait(t.Context())
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Equal(t, ids(1, 7), s.ids("new"))
	require.Equal(t, ids(1, 7), s.ids("old"))
}

// Children are redriven one by one, as the Map's concurrency allows. They are as old as before.
func TestChildrenThatWaitForTheirRedriveAreReadOn(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins+mapFails+mapRedriven)
	waiting := child(w, m, "waiting", time.Second, failedChild)
	waiting.Become("PENDING_REDRIVE")
	child(w, m, "younger", time.Second+2*w.config.Lookback, firstHalf)
	a, s := w.agent()
	for range 2 {
		require.NoError(t, a.Poll(t.Context()))
		w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	}
	waiting.Append(t, "7 <- 6 +180020 ExecutionRedriven redriveCount=1\n"+
		"8 <- 7 +180030 ExecutionSucceeded output={}\n")
	for range 2 {
		require.NoError(t, a.Poll(t.Context()))
		w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	}
	require.Equal(t, ids(1, 8), s.ids("waiting"))
}

// One that has just begun may be unknown for a moment; one that was deleted is never known again.
func TestAMapRunThatIsUnknownIsAskedForUntilTheLookbackIsOver(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins)
	a, _ := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	w.api.FailMapRuns("ResourceNotFound")
	for range 3 {
		w.clock.Advance(w.config.Lookback / 3).MustWait(t.Context())
		require.NoError(t, a.Poll(t.Context()))
		require.Contains(t, w.checkpoint().MapRuns, mapRun)
	}
	w.clock.Advance(w.config.Lookback).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, w.checkpoint().MapRuns)
}
