package agent_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

// TestABackfillIsTheSameWhateverStopsIt kills backfills between polls and in the midst of them, before the checkpoint
// has what a poll did, while calls fail and the consumer refuses. In the end all has arrived, and the counts are those of
// a backfill that nothing has stopped.
func TestABackfillIsTheSameWhateverStopsIt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newPast(t)
		w.api.LimitPages(rapid.IntRange(1, 10).Draw(rt, "page"))
		executions := rapid.IntRange(1, 12).Draw(rt, "executions")
		wanted := crowd(w, executions)
		total := &sink{}
		b, s := w.backfill()
		done := false
		keep := func() {
			total.events = append(total.events, s.events...)
			s.events = nil
		}
		poll := func() {
			if !done {
				done, _ = b.Poll(t.Context())
				keep()
				w.clock.Advance(time.Second)
			}
		}
		restart := func() {
			w.clock.Advance(time.Minute)
			b, s = w.backfill()
			done = false
		}
		rt.Repeat(map[string]func(*rapid.T){
			"poll": func(*rapid.T) { poll() },
			"call fails": func(rt *rapid.T) {
				operation := rapid.SampledFrom([]string{
					"ListStateMachines", "ListExecutions", "GetExecutionHistory", "DescribeExecution",
				}).Draw(rt, "operation")
				w.api.Fail(operation, rapid.IntRange(0, 3).Draw(rt, "after"), 1, "ValidationException", 400)
			},
			"consumer refuses logs":  func(*rapid.T) { s.refuseLogs = errors.New("busy") },
			"consumer refuses spans": func(*rapid.T) { s.refuseSpans = errors.New("busy") },
			"consumer accepts":       func(*rapid.T) { s.refuseLogs, s.refuseSpans = nil, nil },
			"kill":                   func(*rapid.T) { restart() },
			"kill before it is saved": func(*rapid.T) {
				saved, err := os.ReadFile(w.config.Checkpoint)
				require.NoError(rt, err)
				poll()
				require.NoError(rt, os.WriteFile(w.config.Checkpoint, saved, 0o600))
				restart()
			},
		})
		s.refuseLogs, s.refuseSpans = nil, nil
		p := finished(rt, w, b, keep)
		for name, events := range wanted {
			got := total.ids(name)
			slices.Sort(got)
			require.Equal(rt, ids(1, events), slices.Compact(got), "events of %s", name)
		}
		require.Equal(rt, len(wanted), p.Done)
		require.Equal(rt, len(wanted), p.Read)
		require.Equal(rt, 2, p.Nested)
		require.True(rt, p.Complete)
	})
}

// crowd makes so many executions, and one with children of a Map Run. It returns how many events each has, by name.
func crowd(w *world, executions int) map[string]int64 {
	wanted := map[string]int64{"parent": 7, "first": 7, "second": 6}
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "parent", historytest.Epoch.Add(3*time.Second)).Append(w.t, mapBegins+mapFails)
	child(w, m, "first", 4*time.Second, firstHalf+secondHalf)
	child(w, m, "second", 5*time.Second, failedChild)
	machines := []string{m, w.api.AddStateMachine("n", "{}")}
	for i := range executions {
		name := fmt.Sprint(i)
		w.api.Start(machines[i%2], name, historytest.Epoch.Add(time.Duration(i)*time.Second)).
			Append(w.t, firstHalf+secondHalf)
		wanted[name] = 7
	}
	return wanted
}

// finished lets the backfill come to its end, with new starts where it gave up something.
func finished(rt *rapid.T, w *world, b *agent.Backfill, keep func()) agent.Progress {
	for range 500 {
		done, _ := b.Poll(w.t.Context())
		keep()
		if p := b.Progress(); done && p.Complete {
			return p
		}
		w.clock.Advance(time.Minute)
	}
	rt.Fatalf("it does not end: %+v", b.Progress())
	return agent.Progress{}
}
