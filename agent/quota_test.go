package agent_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/selector"
)

// metrics are an agent's, by name: sums of counters and values of gauges.
func (w *world) metrics() map[string]float64 {
	w.t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(w.t, w.reader.Collect(context.Background(), &all))
	values := make(map[string]float64)
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					values[m.Name] += float64(p.Value)
				}
			case metricdata.Gauge[int64]:
				values[m.Name] = float64(data.DataPoints[0].Value)
			case metricdata.Gauge[float64]:
				values[m.Name] = data.DataPoints[0].Value
			}
		}
	}
	return values
}

// A share of 0.01 is 4 calls of GetExecutionHistory at once, and one in 5 s.
func TestAPollDoesNotWaitForTheQuota(t *testing.T) {
	w := newWorld(t)
	w.share = 0.01
	w.measured()
	w.config.Watch, w.config.SweepInterval = selector.Machines{"watched"}, time.Hour
	for _, name := range []string{"busy", "watched"} {
		m := w.api.AddStateMachine(name, "{}")
		for i := range 4 {
			w.api.Start(m, fmt.Sprint(name, i), historytest.Epoch).Append(t, firstHalf+secondHalf)
		}
	}
	failed := w.api.AddStateMachine("failing", "{}")
	w.api.Start(failed, "failed", historytest.Epoch).Append(t, failedChild)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context())) // lists two state machines, for want of quota
	require.NoError(t, a.Poll(t.Context()))
	for range 40 {
		w.clock.Advance(5 * time.Second).MustWait(t.Context())
		require.NoError(t, a.Poll(t.Context()))
	}
	require.Equal(t, ids(1, 6), s.ids("failed"))
	for i := range 4 {
		require.Equal(t, ids(1, 7), s.ids(fmt.Sprint("busy", i)))
		require.Equal(t, ids(1, 7), s.ids(fmt.Sprint("watched", i)))
	}
	require.Zero(t, w.metrics()["steptrace.agent.backlog"])
	require.Equal(t, 9.0, w.metrics()["steptrace.agent.finished"])
}

func TestTheAgentTellsHowItFares(t *testing.T) {
	w := newWorld(t)
	w.measured()
	w.share = 0.0025 // one call of GetExecutionHistory at once, and one in 20 s
	m := w.api.AddStateMachine("m", "{}")
	for i := range 3 {
		w.api.Start(m, fmt.Sprint(i), historytest.Epoch.Add(time.Duration(i)*time.Second)).Append(t, firstHalf)
	}
	w.api.Fail("ListStateMachines", 0, 1, "ThrottlingException", 400)
	a, _ := w.agent()
	poll := func() {
		done := make(chan error)
		go func() { done <- a.Poll(t.Context()) }()
		for {
			select {
			case err := <-done:
				require.NoError(t, err)
				return
			default:
				if d, ok := w.clock.Peek(); ok {
					w.clock.Advance(d).MustWait(t.Context())
				}
			}
		}
	}
	poll()
	got := w.metrics()
	require.Equal(t, 3.0, got["steptrace.agent.running"])
	require.Equal(t, 2.0, got["steptrace.agent.backlog"])
	require.Equal(t, 4.0, got["steptrace.agent.events"])
	require.Equal(t, 1.0, got["steptrace.agent.api.throttles"])
	require.GreaterOrEqual(t, got["steptrace.agent.oldest_unread"], 60.0)
	w.clock.Advance(5 * time.Second).MustWait(t.Context())
	poll()
	require.GreaterOrEqual(t, w.metrics()["steptrace.agent.lag"], 4.0, "due a second after they were found")
}

// Nothing is read while the consumer refuses, or holds a poll up: that is a lag too.
func TestTheLagGrowsWhileTheConsumerRefuses(t *testing.T) {
	w := newWorld(t)
	w.measured()
	w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch).Append(t, firstHalf)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Zero(t, w.metrics()["steptrace.agent.lag"])
	w.clock.Advance(time.Minute).MustWait(t.Context())
	require.Equal(t, 59.0, w.metrics()["steptrace.agent.lag"], "no poll since")

	s.refuseLogs = errors.New("away")
	w.api.Start(w.api.AddStateMachine("n", "{}"), "other", historytest.Epoch.Add(time.Minute)).Append(t, firstHalf+secondHalf)
	for range 2 {
		require.Error(t, a.Poll(t.Context()))
		w.clock.Advance(time.Minute).MustWait(t.Context())
	}
	require.GreaterOrEqual(t, w.metrics()["steptrace.agent.lag"], 59.0+60)
	w.api.Calls("GetExecutionHistory")
	s.refuseLogs = nil
	require.NoError(t, a.Poll(t.Context()))
	require.Zero(t, w.metrics()["steptrace.agent.lag"])
	require.Equal(t, ids(1, 7), s.ids("other"))
	require.Equal(t, 1, w.api.Calls("GetExecutionHistory"), "of the one that runs; the end of the other had been read")
}
