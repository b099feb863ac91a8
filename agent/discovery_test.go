package agent_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

func TestOnlyTheTaggedAreFollowed(t *testing.T) {
	w := newWorld(t)
	w.config.Tags = map[string]string{"team": "images"}
	for name, team := range map[string]string{"theirs": "orders", "ours": "images"} {
		m := w.api.AddStateMachine(name, "{}")
		w.api.Tag(m, "team", team)
		w.api.Start(m, "run of "+name, historytest.Epoch).Append(t, firstHalf)
	}
	w.api.Start(w.api.AddStateMachine("untagged", "{}"), "run of untagged", historytest.Epoch).Append(t, firstHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 4), s.ids("run of ours"))
	require.Len(t, s.events, 4)
	require.Equal(t, 3, w.api.Calls("ListTagsForResource"))
	w.clock.Advance(w.config.DiscoveryInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Zero(t, w.api.Calls("ListTagsForResource"), "tags are read once")
}

// Somebody may not read the tags of one: the others are followed all the same.
func TestAStateMachineWhoseTagsCannotBeReadRestsAlone(t *testing.T) {
	w := newWorld(t)
	w.config.Tags = map[string]string{"team": "images"}
	for _, name := range []string{"a", "b"} {
		m := w.api.AddStateMachine(name, "{}")
		w.api.Tag(m, "team", "images")
		w.api.Start(m, "run of "+name, historytest.Epoch).Append(t, firstHalf)
	}
	w.api.Fail("ListTagsForResource", 0, 1, "AccessDeniedException", 400)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.ids("run of a"))
	require.Equal(t, ids(1, 4), s.ids("run of b"))
	require.Contains(t, w.log.String(), "allow states:ListTagsForResource")
	w.clock.Advance(2 * w.config.PollInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 4), s.ids("run of a"))
}

// Events about a Map Run's child name its state machine with the Map's label, of which there are no tags.
func TestAFailedChildIsHeardOfByTheTagsOfItsStateMachine(t *testing.T) {
	w := newWorld(t)
	w.config.Tags, w.config.SweepInterval = map[string]string{"team": "images"}, time.Hour
	m := w.api.AddStateMachine("m", "{}")
	w.api.Tag(m, "team", "images")
	failed := child(w, m, "failed", time.Second, failedChild)
	a, s := w.agent()
	done := 0
	a.Notify(notice(failed.ARN, m+"/Each", "FAILED", historytest.Epoch, &done))
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, done)
	require.Equal(t, ids(1, 6), s.ids("failed"))
}

// A state machine that is made anew under the same name is another one, with tags of its own.
func TestTagsAreReadAnewOfAStateMachineMadeAnew(t *testing.T) {
	w := newWorld(t)
	w.config.Tags = map[string]string{"team": "images"}
	m := w.api.AddStateMachine("m", "{}")
	a, s := w.agent()
	look := func() {
		w.clock.Advance(w.config.DiscoveryInterval).MustWait(t.Context())
		require.NoError(t, a.Poll(t.Context()))
	}
	look()
	w.api.RemoveStateMachine(m)
	look()
	w.api.Tag(w.api.AddStateMachine("m", "{}"), "team", "images")
	w.api.Start(m, "run", historytest.Epoch).Append(t, firstHalf)
	look()
	require.Equal(t, ids(1, 4), s.ids("run"))
}

func TestTheCheckpointForgetsStateMachinesThatAreLongGone(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "run", historytest.Epoch).Append(t, firstHalf+secondHalf)
	quiet := w.api.AddStateMachine("quiet", "{}")
	w.api.Start(quiet, "run of quiet", historytest.Epoch).Append(t, firstHalf+secondHalf)
	a, _ := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	w.api.RemoveStateMachine(m)
	w.clock.Advance(89 * 24 * time.Hour).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Contains(t, w.checkpoint().StateMachines, m)
	w.clock.Advance(2 * 24 * time.Hour).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.NotContains(t, w.checkpoint().StateMachines, m)
	require.Len(t, w.checkpoint().Executions, 1, "of the one that is still there")
	require.Contains(t, w.checkpoint().StateMachines, quiet)
}

// Listings look back to the newest execution, less the lookback. What runs is found however old it is.
func TestWhatRunsIsFoundHoweverOldItIs(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "running", historytest.Epoch.Add(-48*time.Hour)).Append(t, firstHalf)
	ended := w.api.Start(m, "ended", historytest.Epoch.Add(-48*time.Hour))
	ended.Append(t, firstHalf+secondHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 4), s.ids("running"))
	require.Empty(t, s.ids("ended"))

	ended.Append(t, "8 <- 7 +100 ExecutionRedriven redriveCount=1\n9 <- 8 +100 TaskScheduled resourceType=dynamodb resource=putItem")
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.ids("ended"), "not looked for each time")
	w.clock.Advance(w.config.RunningInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 9), s.ids("ended"), "a redrive made it run again")
}

func TestNestedExecutionsAreFollowedByTheirARN(t *testing.T) {
	w := newWorld(t)
	w.config.StateMachines = selector.Machines{"parent"}
	parent := w.api.Start(w.api.AddStateMachine("parent", "{}"), "outer", historytest.Epoch)
	child := w.api.Start(w.api.AddStateMachine("child", "{}"), "inner", historytest.Epoch.Add(20*time.Millisecond))
	child.Append(t, firstHalf+secondHalf)
	parent.Append(t, nesting(child.ARN))
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Empty(t, s.ids("inner"))
	require.Contains(t, w.checkpoint().Executions, child.ARN, "remembered with the event that named it")
	a, s = w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 7), s.ids("inner"))
	require.Equal(t, 1, w.api.Calls("DescribeExecution"), "for the version that it may have been started by")
	require.True(t, w.checkpoint().Executions[child.ARN].Finished)
}

func nesting(child string) string {
	return fmt.Sprintf(`
1 <- 0 +0 ExecutionStarted input={}
2 <- 0 +10 TaskStateEntered name=Nest
3 <- 2 +10 TaskScheduled resourceType=states resource=startExecution.sync:2
4 <- 3 +20 TaskStarted resourceType=states resource=startExecution.sync:2
5 <- 4 +30 TaskSubmitted resourceType=states resource=startExecution.sync:2 output=%s
`, "`"+`{"ExecutionArn":"`+child+`"}`+"`")
}

// notice makes one of an execution, and counts how often it is done with.
func notice(arn, machine, status string, started time.Time, done *int) agent.Notice {
	return agent.Notice{
		Execution: stepfunctions.Execution{ARN: arn, StateMachine: machine, Started: started, Status: status},
		Done: func(handled bool) {
			if handled {
				*done++
			}
		},
	}
}

func TestANoticeIsDoneWithOnceTheCheckpointHasIt(t *testing.T) {
	w := newWorld(t)
	w.config.SweepInterval = time.Hour
	m := w.api.AddStateMachine("m", "{}")
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	e := w.api.Start(m, "run", historytest.Epoch)
	e.Append(t, firstHalf)
	done := 0
	require.True(t, a.Notify(notice(e.ARN, m, "RUNNING", historytest.Epoch, &done)))
	require.NoError(t, os.Mkdir(w.config.Checkpoint+".next", 0o700))
	require.ErrorContains(t, a.Poll(t.Context()), "write checkpoint")
	require.Zero(t, done)
	require.NoError(t, os.Remove(w.config.Checkpoint+".next"))
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, done)
	require.Equal(t, ids(1, 4), s.ids("run"))
	require.Contains(t, w.checkpoint().Executions, e.ARN)
}

func TestNoticesOfOthersAreDoneWith(t *testing.T) {
	w := newWorld(t)
	w.config.StateMachines, w.config.SweepInterval = selector.Machines{"mine"}, time.Hour
	theirs := w.api.AddStateMachine("theirs", "{}")
	e := w.api.Start(theirs, "run", historytest.Epoch)
	e.Append(t, firstHalf)
	a, s := w.agent()
	done := 0
	a.Notify(notice(e.ARN, theirs, "RUNNING", historytest.Epoch, &done))
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, done)
	require.Empty(t, s.events)
}

// The queue tells it again.
func TestANoticeThatCannotBeJudgedIsNotDoneWith(t *testing.T) {
	w := newWorld(t)
	w.config.Tags, w.config.SweepInterval = map[string]string{"team": "images"}, time.Hour
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	m := w.api.AddStateMachine("m", "{}")
	w.api.Tag(m, "team", "images")
	e := w.api.Start(m, "run", historytest.Epoch)
	e.Append(t, firstHalf)
	w.api.Fail("ListTagsForResource", 0, 1, "AccessDeniedException", 400)
	done := 0
	a.Notify(notice(e.ARN, m, "RUNNING", historytest.Epoch, &done))
	require.NoError(t, a.Poll(t.Context()))
	require.Contains(t, w.log.String(), "allow states:ListTagsForResource")
	w.clock.Advance(2 * w.config.PollInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Zero(t, done)
	a.Notify(notice(e.ARN, m, "RUNNING", historytest.Epoch, &done))
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, done)
	require.Equal(t, ids(1, 4), s.ids("run"))
}

func TestARedriveIsHeardOf(t *testing.T) {
	w := newWorld(t)
	w.config.SweepInterval = time.Hour
	m := w.api.AddStateMachine("m", "{}")
	e := w.api.Start(m, "run", historytest.Epoch)
	e.Append(t, firstHalf+"5 <- 4 +50 TaskFailed error=E\n6 <- 5 +50 ExecutionFailed error=E\n")
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 6), s.ids("run"))
	w.clock.Advance(w.config.RunningInterval - time.Second).MustWait(t.Context())
	e.Append(t, "7 <- 6 +60 ExecutionRedriven redriveCount=1\n8 <- 7 +60 TaskScheduled resourceType=dynamodb resource=putItem\n")
	done := 0
	n := notice(e.ARN, m, "RUNNING", historytest.Epoch, &done)
	n.Execution.RedriveCount = 1
	a.Notify(n)
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 8), s.ids("run"))
	require.False(t, w.checkpoint().Executions[e.ARN].Finished)
	e.Append(t, "9 <- 8 +70 TaskSucceeded\n10 <- 9 +70 TaskStateExited name=Store\n11 <- 10 +80 ExecutionSucceeded\n")
	require.NoError(t, a.Poll(t.Context()))
	a.Notify(n) // told again
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 11), s.ids("run"))
	require.True(t, w.checkpoint().Executions[e.ARN].Finished)
}

// An execution of which only the ARN was known may have been redriven before: its history shows that, and a listing that
// says so later makes nobody wait for another redrive.
func TestARedriveThatWasReadIsNotAwaited(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", "{}")
	e := w.api.Start(m, "run", historytest.Epoch)
	e.Append(t, firstHalf+"5 <- 4 +50 TaskFailed error=E\n6 <- 5 +50 ExecutionFailed error=E\n"+
		"7 <- 6 +60 ExecutionRedriven redriveCount=1\n8 <- 7 +60 ExecutionSucceeded\n")
	e.Hide()
	a, s := w.agent()
	done := 0
	a.Notify(notice(e.ARN, m, "FAILED", historytest.Epoch, &done)) // the event before the redrive
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 8), s.ids("run"))
	require.True(t, w.checkpoint().Executions[e.ARN].Finished)
	e.Show()
	w.api.Calls("GetExecutionHistory")
	for range 3 {
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Zero(t, w.api.Calls("GetExecutionHistory"))
}

func TestTooManyNoticesAreRefused(t *testing.T) {
	w := newWorld(t)
	a, _ := w.agent()
	done := 0
	for range 10_000 {
		require.True(t, a.Notify(notice("arn", "arn", "RUNNING", historytest.Epoch, &done)))
	}
	require.False(t, a.Notify(notice("arn", "arn", "RUNNING", historytest.Epoch, &done)))
}

func TestBadRulesFailTheStart(t *testing.T) {
	w := newWorld(t)
	w.config.Watch = selector.Machines{"["}
	_, err := agent.New(w.config, agent.Parts{Clock: w.clock, Logger: discard})
	require.ErrorContains(t, err, `watch: 0: "["`)
}
