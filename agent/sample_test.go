package agent_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/selector"
)

// sampled is a world in which only failures of state machine m are kept, and what lasts ten minutes.
func sampled(t *testing.T) *world {
	w := newWorld(t)
	w.config.Sampling = sampling.Rules{{Machines: selector.Machines{"m"}, LongerThan: 10 * time.Minute}}
	return w
}

func TestWhatSamplingLeavesOutCostsNoCalls(t *testing.T) {
	w := sampled(t)
	e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, firstHalf+secondHalf)
	a, s := w.agent()
	for range 2 {
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Empty(t, s.events)
	require.Zero(t, w.api.Calls("GetExecutionHistory"))
	require.Zero(t, w.api.Calls("DescribeExecution"))
	require.True(t, w.checkpoint().Executions[e.ARN].Finished)
}

func TestAFailureIsReadWholeAtItsEnd(t *testing.T) {
	w := sampled(t)
	e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, firstHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.events)
	a, s = w.agent() // another process knows what is not decided
	e.Append(t, "5 <- 4 +50 TaskFailed error=E\n6 <- 5 +50 ExecutionFailed error=E\n")
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 6), s.ids("run"))
	require.True(t, w.checkpoint().Executions[e.ARN].Finished)
}

func TestTheEndIsAskedForWhenNothingTellsIt(t *testing.T) {
	w := sampled(t)
	w.config.SweepInterval = time.Hour
	e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, firstHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	e.Append(t, "5 <- 4 +50 TaskFailed error=E\n6 <- 5 +50 ExecutionFailed error=E\n")
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.events)
	w.clock.Advance(30 * time.Second).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, w.api.Calls("DescribeExecution"))
	require.Equal(t, ids(1, 6), s.ids("run"))
}

func TestWhatLastsLongIsFollowedFromThen(t *testing.T) {
	w := sampled(t)
	w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch).Append(t, firstHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.events)
	w.clock.Advance(10 * time.Minute).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 4), s.ids("run"))
}

func TestWhatBelongsToAFollowedExecutionIsKept(t *testing.T) {
	w := sampled(t)
	child := w.api.Start(w.api.AddStateMachine("m", "{}"), "inner", historytest.Epoch)
	child.Append(t, firstHalf+secondHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.events)
	w.api.Start(w.api.AddStateMachine("parent", "{}"), "outer", historytest.Epoch).Append(t, nesting(child.ARN))
	w.clock.Advance(w.config.DiscoveryInterval).MustWait(t.Context())
	for range 2 {
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Equal(t, ids(1, 7), s.ids("inner"), "it had been left out before its parent was read")
}
