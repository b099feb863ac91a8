package agent_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

// TestHowAPollEnds says for each end what the checkpoint must be, and that another process goes on exactly there.
func TestHowAPollEnds(t *testing.T) {
	busy := errors.New("busy")
	cases := []struct {
		name     string
		before   func(*world, *sink)
		err      string  // what the poll fails with
		log      string  // what is said instead about the one execution
		accepted int64   // what the checkpoint has
		finished bool    // what the checkpoint has
		same     []int64 // what the same agent's next poll sends
		other    []int64 // what another process sends instead
	}{
		{
			name:   "the source fails",
			before: func(w *world, _ *sink) { w.api.Fail("GetExecutionHistory", 0, 1, "AccessDeniedException", 400) },
			log:    "AccessDeniedException", same: ids(1, 7), other: ids(1, 7),
		},
		{
			name: "the second page fails",
			before: func(w *world, _ *sink) {
				w.api.LimitPages(3)
				w.api.Fail("GetExecutionHistory", 1, 1, "AccessDeniedException", 400)
			},
			log: "AccessDeniedException", accepted: 3, same: ids(4, 7), other: ids(4, 7),
		},
		{
			name:   "the listing fails",
			before: func(w *world, _ *sink) { w.api.Fail("ListExecutions", 0, 1, "AccessDeniedException", 400) },
			log:    "AccessDeniedException", same: ids(1, 7), other: ids(1, 7),
		},
		{
			name:   "the consumer refuses log records",
			before: func(_ *world, s *sink) { s.refuseLogs = busy },
			err:    "busy", same: ids(1, 7), other: ids(1, 7),
		},
		{
			name:   "the consumer refuses spans after it took the log records",
			before: func(_ *world, s *sink) { s.refuseSpans = busy },
			err:    "busy", same: nil, other: ids(1, 7),
		},
		{
			name:     "the consumer refuses for good",
			before:   func(_ *world, s *sink) { s.refuseLogs = consumererror.NewPermanent(busy) },
			accepted: 7, finished: true,
		},
		{
			name:     "accepted",
			before:   func(*world, *sink) {},
			accepted: 7, finished: true,
		},
	}
	for _, c := range cases {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", c.name, restart), func(t *testing.T) {
				w := newWorld(t)
				e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
				e.Append(t, firstHalf+secondHalf)
				a, s := w.agent()
				c.before(w, s)
				if err := a.Poll(t.Context()); c.err == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, c.err)
				}
				require.Contains(t, w.log.String(), c.log)
				require.Equal(t, c.accepted, w.checkpoint().Executions[e.ARN].LastEvent)
				require.Equal(t, c.finished, w.checkpoint().Executions[e.ARN].Finished)

				want := c.same
				if restart {
					a, s = w.agent()
					want = c.other
				}
				s.events, s.refuseLogs, s.refuseSpans = nil, nil, nil
				w.clock.Advance(2 * w.config.PollInterval).MustWait(t.Context())
				require.NoError(t, a.Poll(t.Context()))
				require.Equal(t, want, s.ids("run"))
				require.True(t, w.checkpoint().Executions[e.ARN].Finished)
				if len(want) > 0 || c.err == "busy" {
					require.Equal(t, allSpans, s.names())
				}
			})
		}
	}
}

func ids(from, to int64) (ids []int64) {
	for id := from; id <= to; id++ {
		ids = append(ids, id)
	}
	return ids
}

func TestAnEmptyPollRemembersWhereItBegan(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "before the initial history", historytest.Epoch.Add(-2*time.Hour)).Append(t, firstHalf+secondHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.events)
	require.Empty(t, w.checkpoint().Executions)
	require.Contains(t, w.checkpoint().StateMachines, m)
}

func TestARunningExecutionIsTailed(t *testing.T) {
	w := newWorld(t)
	e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, firstHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 4), s.ids("run"))
	require.Empty(t, s.spans, "nothing has ended")
	w.api.Calls("GetExecutionHistory")

	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 4), s.ids("run"))
	e.Append(t, secondHalf)
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 7), s.ids("run"))
	require.Equal(t, allSpans, s.names())
	require.Equal(t, 2, w.api.Calls("GetExecutionHistory"), "one call a poll")
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 0, w.api.Calls("GetExecutionHistory"), "what has finished is not read again")
}

func TestARestartInTheMiddleLosesAndDoublesNothing(t *testing.T) {
	w := newWorld(t)
	e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, firstHalf)
	first, before := w.agent()
	require.NoError(t, first.Poll(t.Context()))
	e.Append(t, secondHalf)
	second, after := w.agent()
	require.NoError(t, second.Poll(t.Context()))
	require.Equal(t, ids(1, 7), append(before.ids("run"), after.ids("run")...))
	require.Equal(t, allSpans, after.names())

	uninterrupted := newWorld(t)
	e = uninterrupted.api.Start(uninterrupted.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, firstHalf+secondHalf)
	a, whole := uninterrupted.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.ElementsMatch(t, whole.spans, append(before.spans, after.spans...), "the same span ids")
}

func TestExecutionsListedLateAreFound(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	late := w.api.Start(m, "late", historytest.Epoch)
	late.Append(t, firstHalf+secondHalf)
	late.Hide()
	w.api.Start(m, "newer", historytest.Epoch.Add(50*time.Second)).Append(t, firstHalf+secondHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.ids("late"))
	late.Show()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 7), s.ids("late"))
	require.Equal(t, ids(1, 7), s.ids("newer"), "not read twice")
}

func TestTheCheckpointForgetsWhatNoListingLooksBackTo(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	old := w.api.Start(m, "old", historytest.Epoch)
	old.Append(t, firstHalf+secondHalf)
	running := w.api.Start(m, "running", historytest.Epoch)
	running.Append(t, firstHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	w.api.Start(m, "new", historytest.Epoch.Add(5*time.Minute)).Append(t, firstHalf+secondHalf)
	require.NoError(t, a.Poll(t.Context()))
	require.NotContains(t, w.checkpoint().Executions, old.ARN)
	require.Contains(t, w.checkpoint().Executions, running.ARN)
	running.Append(t, secondHalf)
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 7), s.ids("running"), "followed however old it is")
	require.Equal(t, ids(1, 7), s.ids("old"))
}

func TestStateMachinesAreFiltered(t *testing.T) {
	cases := []struct {
		name    string
		filters []string
		want    []string
		listed  int
	}{
		{"all", nil, []string{"image-a", "image-b", "order"}, 1},
		{"by pattern", []string{"image-*"}, []string{"image-a", "image-b"}, 1},
		{"by name and ARN", []string{"order", arn("image-b")}, []string{"image-b", "order"}, 1},
		{"by ARN alone nothing is listed", []string{arn("order")}, []string{"order"}, 0},
		{"one that does not exist", []string{arn("none"), arn("order")}, []string{"order"}, 0},
		{"an express one", []string{arn("express"), arn("order")}, []string{"order"}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.config.StateMachines = c.filters
			w.api.AddExpress("express")
			for _, name := range []string{"image-a", "image-b", "order"} {
				w.api.Start(w.api.AddStateMachine(name, "{}"), name, historytest.Epoch).Append(t, firstHalf)
			}
			a, s := w.agent()
			require.NoError(t, a.Poll(t.Context()))
			found := make([]string, 0, len(s.events))
			for _, e := range s.events {
				found = append(found, e.execution)
			}
			slices.Sort(found)
			require.Equal(t, c.want, slices.Compact(found))
			require.Equal(t, c.listed, w.api.Calls("ListStateMachines"))
			w.clock.Advance(w.config.DiscoveryInterval).MustWait(t.Context())
			require.NoError(t, a.Poll(t.Context()))
			require.LessOrEqual(t, strings.Count(w.log.String(), "passed over"), 1, "said once")
		})
	}
}

func arn(machine string) string {
	return "arn:aws:states:eu-west-1:123456789012:stateMachine:" + machine
}

func TestNewStateMachinesArePickedUp(t *testing.T) {
	w := newWorld(t)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch).Append(t, firstHalf)
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.events, "it has just looked")
	w.clock.Advance(w.config.DiscoveryInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 4), s.ids("run"))
}

func TestDefinitionsAreReadOncePerRevision(t *testing.T) {
	parallel := func(branch string) string {
		return fmt.Sprintf(`{"States":{"P":{"Type":"Parallel","Branches":[{"States":{"X":{"Type":"Pass"}}},
			{"States":{%q:{"Type":"Pass"}}}]}}}`, branch)
	}
	history := func(branch string) string {
		return fmt.Sprintf(`
1 <- 0 +0 ExecutionStarted
2 <- 0 +0 ParallelStateEntered name=P
3 <- 2 +0 ParallelStateStarted
4 <- 3 +0 PassStateEntered name=%[1]s
5 <- 4 +0 PassStateExited name=%[1]s
6 <- 5 +0 ParallelStateSucceeded
7 <- 5 +0 ParallelStateExited name=P
8 <- 7 +0 ExecutionSucceeded`, branch)
	}
	w := newWorld(t)
	m := w.api.AddStateMachine("m", parallel("A"))
	for i := range 10 {
		w.api.Start(m, fmt.Sprint(i), historytest.Epoch.Add(time.Duration(i)*time.Second)).Append(t, history("A"))
	}
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, w.api.Calls("DescribeStateMachineForExecution"))
	w.api.Redefine(m, parallel("B"), historytest.Epoch.Add(20*time.Second))
	w.api.Start(m, "b1", historytest.Epoch.Add(21*time.Second)).Append(t, history("B"))
	w.api.Start(m, "b2", historytest.Epoch.Add(22*time.Second)).Append(t, history("B"))
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, w.api.Calls("DescribeStateMachineForExecution"))
	branches := 0
	for _, name := range s.names() {
		if name == "branch branch 1" {
			branches++
		}
	}
	require.Equal(t, 12, branches, "every branch has the index of its own definition: %v", s.names())
}

func TestWithoutADefinitionConversionGoesOn(t *testing.T) {
	w := newWorld(t)
	w.api.Fail("DescribeStateMachineForExecution", 0, 100, "AccessDeniedException", 400)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "a", historytest.Epoch).Append(t, firstHalf+secondHalf)
	w.api.Start(m, "b", historytest.Epoch).Append(t, firstHalf+secondHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 7), s.ids("a"))
	require.Equal(t, ids(1, 7), s.ids("b"))
	require.Equal(t, 1, w.api.Calls("DescribeStateMachineForExecution"))
	require.Contains(t, w.log.String(), "states:DescribeStateMachineForExecution")
	w.api.Start(w.api.AddStateMachine("other", "{}"), "c", historytest.Epoch).Append(t, firstHalf)
	w.clock.Advance(w.config.DiscoveryInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, w.api.Calls("DescribeStateMachineForExecution"), "another state machine may be allowed")
}

func TestADeletedExecutionIsLetGo(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	gone := w.api.Start(m, "gone", historytest.Epoch)
	gone.Append(t, firstHalf)
	w.api.Start(m, "other", historytest.Epoch).Append(t, firstHalf)
	a, _ := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	gone.Delete()
	require.NoError(t, a.Poll(t.Context()))
	require.Contains(t, w.log.String(), "ExecutionDoesNotExist")
	require.False(t, w.checkpoint().Executions[gone.ARN].Finished, "it may only just have started")
	w.clock.Advance(w.config.Lookback).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.True(t, w.checkpoint().Executions[gone.ARN].Finished)
	require.Contains(t, w.log.String(), gone.ARN)
	w.api.Calls("GetExecutionHistory")
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, w.api.Calls("GetExecutionHistory"), "only the other one is followed")
}

func TestARedriveIsReadOn(t *testing.T) {
	w := newWorld(t)
	e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, firstHalf+`
5 <- 4 +50 TaskFailed resourceType=dynamodb resource=putItem error=E
6 <- 5 +60 ExecutionFailed error=E`)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	e.Append(t, `
7 <- 6 +1000 ExecutionRedriven redriveCount=1
8 <- 7 +1010 TaskScheduled resourceType=dynamodb resource=putItem`)
	require.NoError(t, a.Poll(t.Context()))
	e.Append(t, `
9 <- 8 +1050 TaskSucceeded resourceType=dynamodb resource=putItem
10 <- 9 +1050 TaskStateExited name=Store
11 <- 10 +1060 ExecutionSucceeded`)
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 11), s.ids("run"))
	require.Equal(t, []string{
		"attempt dynamodb putItem", "attempt dynamodb putItem", "execution m", "execution m", "state Store", "state Store",
	}, s.names(), "what was reopened comes out again")
	require.Equal(t, 1, w.checkpoint().Executions[e.ARN].RedriveCount)
}

func TestAGapInAHistoryIsReadAgain(t *testing.T) {
	w := newWorld(t)
	e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, firstHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	e.Append(t, `6 <- 5 +50 TaskStateExited name=Store`)
	require.NoError(t, a.Poll(t.Context()))
	require.Contains(t, w.log.String(), "event 6 after 4")
	w.clock.Advance(2 * w.config.PollInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, append(ids(1, 4), 6), s.ids("run"))
}

func TestOneBrokenExecutionDoesNotStopTheOthers(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	for i := range 10 {
		w.api.Start(m, fmt.Sprint(i), historytest.Epoch).Append(t, firstHalf+secondHalf)
	}
	w.api.Fail("GetExecutionHistory", 2, 5, "AccessDeniedException", 400)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Contains(t, w.log.String(), "and 2 executions more")
	require.Len(t, s.events, 5*7)
	w.clock.Advance(2 * w.config.PollInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Len(t, s.events, 10*7)
}

func TestACorruptCheckpointStopsTheStart(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.WriteFile(w.config.Checkpoint, []byte("{"), 0o600))
	_, err := agent.New(w.config, agent.Parts{})
	require.ErrorContains(t, err, w.config.Checkpoint)
	w.config.StateMachines = []string{"[a-"}
	_, err = agent.New(w.config, agent.Parts{})
	require.ErrorContains(t, err, `"[a-"`)
}

func TestACheckpointThatCannotBeWrittenStopsTheStart(t *testing.T) {
	w := newWorld(t)
	w.config.Checkpoint = filepath.Join(t.TempDir(), "checkpoint.json")
	require.NoError(t, os.Mkdir(w.config.Checkpoint+".next", 0o700))
	_, err := agent.New(w.config, agent.Parts{})
	require.ErrorContains(t, err, "write checkpoint "+w.config.Checkpoint)
	require.ErrorContains(t, err, "or name another file as checkpoint")
}

// A disk can fill up later. That is said once a poll, and written down as soon as it can be.
func TestACheckpointThatCannotBeWrittenAnyMoreLosesNothing(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	for i := range 5 {
		w.api.Start(m, fmt.Sprint(i), historytest.Epoch).Append(t, firstHalf+secondHalf)
	}
	a, s := w.agent()
	obstacle := w.config.Checkpoint + ".next"
	require.NoError(t, os.Mkdir(obstacle, 0o700))
	err := a.Poll(t.Context())
	require.ErrorContains(t, err, w.config.Checkpoint)
	require.Equal(t, 1, strings.Count(err.Error(), "write checkpoint"))
	require.Len(t, s.events, 5*7)
	require.NoError(t, os.Remove(obstacle))
	require.NoError(t, a.Poll(t.Context()))
	require.Len(t, s.events, 5*7)
	require.Len(t, w.checkpoint().Executions, 5)
}

func TestRunPausesLongerAfterFailedCalls(t *testing.T) {
	w := newWorld(t)
	w.api.Fail("ListStateMachines", 0, 3, "ExpiredTokenException", 400)
	a, _ := w.agent()
	w.pauses(a, 2*time.Second, 4*time.Second, 8*time.Second, time.Second)
	require.Contains(t, w.log.String(), "renew the AWS credentials")
}

// pauses runs the agent through polls that the pauses follow.
func (w *world) pauses(a *agent.Agent, pauses ...time.Duration) {
	w.t.Helper()
	trap := w.clock.Trap().NewTimer("agent", "poll")
	defer trap.Close()
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(w.t.Context())
	go func() {
		defer close(done)
		a.Run(ctx)
	}()
	for _, pause := range pauses {
		timer := trap.MustWait(w.t.Context())
		require.Equal(w.t, pause, timer.Duration)
		timer.MustRelease(w.t.Context())
		w.clock.Advance(pause).MustWait(w.t.Context())
	}
	trap.MustWait(w.t.Context()).MustRelease(w.t.Context())
	cancel()
	<-done
}

// AWS can add event types and members at any time: they are log records with all that was sent.
func TestWhatNobodyKnowsYetArrivesWhole(t *testing.T) {
	w := newWorld(t)
	e := w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch)
	e.Append(t, "1 <- 0 +0 ExecutionStarted input={}")
	e.AppendJSON(
		`{"id":2,"previousEventId":1,"type":"QuantumStateEntered","timestamp":1795680000.5,
			"quantumStateEnteredEventDetails":{"spin":"up"}}`,
		`{"id":3,"previousEventId":2,"type":"QuantumLeap","timestamp":1795680000.6,
			"quantumLeapEventDetails":{"foo":"bar","goo":{"n":1}}}`,
		`{"id":4,"previousEventId":3,"type":"QuantumStateExited","timestamp":1795680000.7,
			"quantumStateExitedEventDetails":{"spin":"down"}}`,
	)
	e.Append(t, "5 <- 4 +800 ExecutionSucceeded output={}")
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	bodies := make([]string, 0, len(s.events))
	for _, event := range s.events {
		bodies = append(bodies, event.body)
	}
	require.Equal(t, []string{
		`{"input":"{}"}`, `{"spin":"up"}`, `{"foo":"bar","goo":{"n":1}}`, `{"spin":"down"}`, `{"output":"{}"}`,
	}, bodies)
	require.Equal(t, []string{"execution m", "state QuantumStateEntered"}, s.names())
}

func TestAMalformedHistoryRestsAlone(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "good", historytest.Epoch).Append(t, firstHalf+secondHalf)
	bad := w.api.Start(m, "bad", historytest.Epoch)
	bad.AppendJSON(`{"id":1,"type":"ExecutionStarted","timestamp":"noon"}`)
	a, s := w.agent()
	w.pauses(a, w.config.PollInterval, w.config.PollInterval, w.config.PollInterval, w.config.PollInterval)
	require.Equal(t, ids(1, 7), s.ids("good"))
	require.Equal(t, 2, strings.Count(w.log.String(), "event 1 (id 1): timestamp: want epoch seconds"))
	require.Contains(t, w.log.String(), bad.ARN)
}
