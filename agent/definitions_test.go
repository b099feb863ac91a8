package agent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history/historytest"
)

// forked is a definition whose only state has the two branches First and Second, in either order.
func forked(first, second string) string {
	branch := `{"StartAt": %[1]q, "States": {%[1]q: {"Type": "Pass", "End": true}}}`
	return fmt.Sprintf(`{"StartAt": "Fork", "States": {"Fork": {"Type": "Parallel", "End": true, "Branches": [%s, %s]}}}`,
		fmt.Sprintf(branch, first), fmt.Sprintf(branch, second))
}

const forkedHistory = `
1 <- 0 +0 ExecutionStarted input={}
2 <- 0 +10 ParallelStateEntered name=Fork
3 <- 2 +10 ParallelStateStarted
4 <- 3 +10 PassStateEntered name=First
5 <- 4 +10 PassStateExited name=First
6 <- 3 +10 PassStateEntered name=Second
7 <- 6 +10 PassStateExited name=Second
8 <- 7 +20 ParallelStateSucceeded
9 <- 7 +20 ParallelStateExited name=Fork
10 <- 9 +20 ExecutionSucceeded
`

// firstBranch is the branch of the state First, which tells which definition an execution was converted with.
func (s *sink) firstBranch() string {
	for i, state := range s.spans {
		if state.kind == "state" && state.name == "First" {
			for _, branch := range s.spans[i:] {
				if branch.id == state.parent {
					return branch.name
				}
			}
		}
	}
	return "none"
}

func (w *world) definitionCalls() string {
	return fmt.Sprint(w.api.Calls("DescribeStateMachineForExecution"), " slow, ", w.api.Calls("DescribeStateMachine"), " quick")
}

func TestARevisionIsAskedForOnce(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", forked("First", "Second"))
	a, s := w.agent()
	run := func(name string, after time.Duration) {
		s.spans = nil
		w.api.Start(m, name, historytest.Epoch.Add(after)).Append(t, forkedHistory)
		require.NoError(t, a.Poll(t.Context()))
	}
	run("1", 0)
	require.Equal(t, "1 slow, 0 quick", w.definitionCalls())
	for i := range 3 {
		run(fmt.Sprint("more ", i), time.Duration(i+1)*time.Second)
		require.Equal(t, "branch 0", s.firstBranch())
	}
	require.Equal(t, "0 slow, 3 quick", w.definitionCalls())
	w.api.Redefine(m, forked("Second", "First"), historytest.Epoch.Add(10*time.Second))
	run("updated", 30*time.Second)
	require.Equal(t, "branch 1", s.firstBranch())
	require.Equal(t, "1 slow, 1 quick", w.definitionCalls())
	run("before the update, seen late", 2500*time.Millisecond)
	require.Equal(t, "branch 0", s.firstBranch(), "it lies between two that had the first definition")
	require.Equal(t, "0 slow, 0 quick", w.definitionCalls())
}

func TestAVersionNeverChanges(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", forked("First", "Second"))
	version := w.api.AddVersion(m, "1", forked("Second", "First"))
	a, s := w.agent()
	for i := range 3 {
		s.spans = nil
		w.api.Start(m, fmt.Sprint(i), historytest.Epoch.Add(time.Duration(i)*time.Second)).Of(version).Append(t, forkedHistory)
		require.NoError(t, a.Poll(t.Context()))
		require.Equal(t, "branch 1", s.firstBranch())
	}
	require.Equal(t, "0 slow, 1 quick", w.definitionCalls())
	require.Equal(t, version, w.checkpoint().Executions[strings.Replace(m, ":stateMachine:", ":execution:", 1)+":2"].Version)
}

func TestWithoutTheQuickAPIDefinitionsAreReadSlowly(t *testing.T) {
	w := newWorld(t)
	w.api.Fail("DescribeStateMachine", 0, 100, "AccessDeniedException", 400)
	m := w.api.AddStateMachine("m", forked("First", "Second"))
	a, s := w.agent()
	for i := range 3 {
		s.spans = nil
		w.api.Start(m, fmt.Sprint(i), historytest.Epoch.Add(time.Duration(i)*time.Second)).Append(t, forkedHistory)
		require.NoError(t, a.Poll(t.Context()))
		require.Equal(t, "branch 0", s.firstBranch())
	}
	require.Equal(t, "3 slow, 1 quick", w.definitionCalls())
	require.Contains(t, w.log.String(), "allow states:DescribeStateMachine")
}
