package agent_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
)

// TestNothingIsLostWhateverStopsTheAgent lets executions go on while the agent is killed and started again, calls fail
// and the consumer refuses, in any order. In the end each event has arrived, and what arrived twice is the same span.
func TestNothingIsLostWhateverStopsTheAgent(t *testing.T) {
	whole := strings.Split(strings.TrimSpace(firstHalf+secondHalf), "\n")
	whole = slices.DeleteFunc(whole, func(line string) bool { return line == "" })
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.config.InitialHistory = 100 * time.Hour
		w.api.LimitPages(rapid.IntRange(1, 5).Draw(rt, "page"))
		machine := w.api.AddStateMachine("m", "{}")
		var executions []*stepfunctionstest.Execution
		happened := make(map[*stepfunctionstest.Execution]int)
		total := &sink{}
		a, s := w.agent()
		keep := func() {
			total.events = append(total.events, s.events...)
			total.spans = append(total.spans, s.spans...)
			s.events, s.spans = nil, nil
		}
		rt.Repeat(map[string]func(*rapid.T){
			"start": func(*rapid.T) {
				n := len(executions)
				e := w.api.Start(machine, fmt.Sprint(n), historytest.Epoch.Add(time.Duration(n)*time.Second))
				executions = append(executions, e)
			},
			"happen": func(rt *rapid.T) {
				if len(executions) == 0 {
					return
				}
				e := rapid.SampledFrom(executions).Draw(rt, "execution")
				if n := happened[e]; n < len(whole) {
					e.Append(t, whole[n])
					happened[e]++
				}
			},
			"call fails": func(rt *rapid.T) {
				operation := rapid.SampledFrom([]string{
					"ListStateMachines", "ListExecutions", "GetExecutionHistory", "DescribeStateMachineForExecution",
				}).Draw(rt, "operation")
				w.api.Fail(operation, rapid.IntRange(0, 3).Draw(rt, "after"), 1, "ValidationException", 400)
			},
			"consumer refuses logs":  func(*rapid.T) { s.refuseLogs = errors.New("busy") },
			"consumer refuses spans": func(*rapid.T) { s.refuseSpans = errors.New("busy") },
			"consumer accepts":       func(*rapid.T) { s.refuseLogs, s.refuseSpans = nil, nil },
			"poll":                   func(*rapid.T) { _ = a.Poll(t.Context()); keep() },
			"kill": func(*rapid.T) {
				w.clock.Advance(time.Minute)
				a, s = w.agent()
			},
		})
		for _, e := range executions {
			if happened[e] < len(whole) {
				e.Append(t, strings.Join(whole[happened[e]:], "\n"))
			}
		}
		s.refuseLogs, s.refuseSpans = nil, nil
		require.Eventually(rt, func() bool {
			w.clock.Advance(time.Minute)
			err := a.Poll(t.Context())
			keep()
			return err == nil && allFinished(w, len(executions))
		}, 5*time.Second, time.Millisecond, "faults wear off")
		for i := range executions {
			got := total.ids(fmt.Sprint(i))
			slices.Sort(got)
			require.Equal(rt, ids(1, 7), slices.Compact(got), "events of execution %d", i)
		}
		byID := make(map[string]span)
		for _, sp := range total.spans {
			if known, ok := byID[sp.id]; ok {
				require.Equal(rt, known, sp)
			}
			byID[sp.id] = sp
		}
		require.Len(rt, byID, 3*len(executions))
	})
}

func allFinished(w *world, executions int) bool {
	known := w.checkpoint().Executions
	for _, e := range known {
		if !e.Finished {
			return false
		}
	}
	return len(known) == executions
}
