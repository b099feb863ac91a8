package agent_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"

	"github.com/steptrace/steptrace/agent/history/historytest"
)

// Each revision is said once in the life of a process, before the first event of an execution that uses it, and by the
// next process in the same words.
func TestADefinitionIsSaidBeforeTheEventsOfTheFirstExecutionThatUsesIt(t *testing.T) {
	w := newWorld(t)
	created, updated := historytest.Epoch.Add(-time.Hour), historytest.Epoch.Add(10*time.Second)
	first, second := forked("First", "Second"), forked("Second", "First")
	m := w.api.AddStateMachine("m", first)
	a, s := w.agent()
	for i, name := range []string{"1", "2"} {
		w.api.Start(m, name, historytest.Epoch.Add(time.Duration(i)*time.Second)).Append(t, forkedHistory)
		require.NoError(t, a.Poll(t.Context()))
	}
	w.api.Redefine(m, second, updated)
	w.api.Start(m, "3", updated.Add(20*time.Second)).Append(t, forkedHistory)
	require.NoError(t, a.Poll(t.Context()))
	now := w.clock.Now().UTC()
	want := []defined{
		{"m", m, "", "STANDARD", first, created, now, 0},
		{"m", m, "revision of " + updated.String(), "STANDARD", second, updated, now, 20},
	}
	require.Equal(t, want, s.defined)

	again, s := w.agent()
	w.api.Start(m, "4", updated.Add(25*time.Second)).Append(t, forkedHistory)
	require.NoError(t, again.Poll(t.Context()))
	want[1].after = 0
	require.Equal(t, want[1:], s.defined)
}

func TestTheDefinitionOfAVersionIsThatOfItsStateMachine(t *testing.T) {
	w := newWorld(t)
	text := forked("First", "Second")
	m := w.api.AddStateMachine("m", text)
	version := w.api.AddVersion(m, "1", text)
	other := w.api.AddVersion(m, "2", forked("Second", "First"))
	a, s := w.agent()
	w.api.Start(m, "1", historytest.Epoch).Append(t, forkedHistory)
	require.NoError(t, a.Poll(t.Context()))
	for i, v := range []string{version, other} {
		w.api.Start(m, v, historytest.Epoch.Add(time.Duration(i+1)*time.Second)).Of(v).Append(t, forkedHistory)
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Len(t, s.defined, 2, "what version 1 has was said")
	require.Equal(t, m, s.defined[1].machine)
	require.Equal(t, historytest.Epoch, s.defined[1].since)
}

func TestOfMapRunsChildrenNoDefinitionIsSaid(t *testing.T) {
	w := newWorld(t)
	m := w.api.AddStateMachine("m", forked("First", "Second"))
	w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins)
	child(w, m, "child", time.Second, forkedHistory)
	a, s := w.agent()
	for range 3 {
		require.NoError(t, a.Poll(t.Context()))
		w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	}
	require.Equal(t, ids(1, 10), s.ids("child"))
	require.Len(t, s.defined, 1)
}

// Executions do not wait for a definition that the consumer does not take.
func TestARefusedDefinitionIsSaidLater(t *testing.T) {
	for name, c := range map[string]struct {
		refusal error
		said    int
		logged  string
	}{
		"for now":  {errors.New("busy"), 1, "kept until the consumer takes it"},
		"for good": {consumererror.NewPermanent(errors.New("too large")), 0, "a definition is dropped"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.api.AddStateMachine("m", forked("First", "Second"))
			w.api.Start(m, "1", historytest.Epoch).Append(t, forkedHistory)
			a, s := w.agent()
			s.refuseDefinitions = c.refusal
			require.NoError(t, a.Poll(t.Context()))
			require.Equal(t, ids(1, 10), s.ids("1"))
			require.True(t, allFinished(w, 1))
			require.Contains(t, w.log.String(), c.logged)
			s.refuseDefinitions = nil
			require.NoError(t, a.Poll(t.Context()))
			require.Empty(t, s.defined, "it is left alone for a while")
			w.clock.Advance(2 * w.config.PollInterval).MustWait(t.Context())
			require.NoError(t, a.Poll(t.Context()))
			require.Len(t, s.defined, c.said)
		})
	}
}

func TestDefinitionsMayStayUnsaid(t *testing.T) {
	w := newWorld(t)
	w.config.Definitions = false
	m := w.api.AddStateMachine("m", forked("First", "Second"))
	w.api.Start(m, "1", historytest.Epoch).Append(t, forkedHistory)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 10), s.ids("1"))
	require.Equal(t, "branch 0", s.firstBranch())
	require.Empty(t, s.defined)
}
