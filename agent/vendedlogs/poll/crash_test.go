package poll_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/vendedlogs/poll"
	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
)

// TestNothingIsLostWhateverStopsThePoller lets lines appear late and out of order while the poller is killed and started
// again, calls fail and the consumer refuses. In the end each event has arrived, and the spans are those of the whole
// histories.
func TestNothingIsLostWhateverStopsThePoller(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.api.LimitPages(rapid.IntRange(1, 5).Draw(rt, "page"))
		p := w.poller()
		var unseen []vendedlogstest.Line // logged, and not to be seen yet
		executions, failures := 0, 0
		show := func(i int) {
			w.put(group, unseen[i])
			unseen = append(unseen[:i], unseen[i+1:]...)
		}
		// overdue shows what has been withheld as long as the overlap allows.
		overdue := func() {
			for i := len(unseen) - 1; i >= 0; i-- {
				if w.now().Sub(unseen[i].At) > 15*time.Second {
					show(i)
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"run": func(*rapid.T) {
				unseen = append(unseen, vendedlogstest.Lines(t, fmt.Sprint(arn, executions), vendedlogstest.Simple, w.now())...)
				executions++
			},
			"appear": func(rt *rapid.T) {
				if len(unseen) > 0 {
					show(rapid.IntRange(0, len(unseen)-1).Draw(rt, "line"))
				}
			},
			"call fails": func(rt *rapid.T) {
				if failures++; failures > 4 {
					return // it rests for 10, 20, 40, 60 s
				}
				w.api.Fail("FilterLogEvents", rapid.IntRange(0, 2).Draw(rt, "after"), 1, "InvalidOperationException", 400)
			},
			"consumer refuses": func(*rapid.T) { w.sink.Refuse(true) },
			"consumer accepts": func(*rapid.T) { w.sink.Refuse(false) },
			"kill":             func(*rapid.T) { p = w.poller() },
			"poll": func(*rapid.T) {
				_ = p.Poll(t.Context()) // what failed is tried again
			},
			"time": func(rt *rapid.T) {
				w.advance(time.Duration(rapid.IntRange(1, 8).Draw(rt, "seconds")) * time.Second)
				overdue()
			},
		})
		for len(unseen) > 0 {
			show(0)
		}
		w.sink.Refuse(false)
		w.settle(p)
		require.Len(rt, w.sink.Records(), 4*executions)
		requireWhole(rt, w.sink, executions)
	})
}

// settle polls until nothing is held any more, also after failures that are still scripted.
func (w *world) settle(p *poll.Poller) {
	for i := 0; i < 20 || i < 100 && w.in.Stats().Executions > 0; i++ {
		_ = p.Poll(w.t.(*testing.T).Context()) // what failed is tried again
		w.advance(10 * time.Second)
	}
}

func requireWhole(t require.TestingT, s *vendedlogstest.Sink, executions int) {
	roots := 0
	for _, span := range s.Spans() {
		require.NotContains(t, span, "open")
		require.NotContains(t, span, "missing")
		if strings.HasPrefix(span, "execution ") {
			require.Equal(t, "execution resize 20", span)
			roots++
		}
	}
	require.Equal(t, executions, roots)
	require.Len(t, s.Spans(), 2*executions)
}

func TestARestartDoesNotBeginEndedExecutionsAnew(t *testing.T) {
	w := newWorld(t)
	p := w.poller()
	long := vendedlogstest.Lines(t, arn+"long", vendedlogstest.Simple, epoch)
	w.put(group, long[:2]...)
	w.advance(time.Minute)
	require.NoError(t, p.Poll(t.Context()))
	for i := range 20 {
		w.put(group, vendedlogstest.Lines(t, fmt.Sprint(arn, i), vendedlogstest.Simple, w.now())...)
		w.advance(5 * time.Second)
		require.NoError(t, p.Poll(t.Context()))
	}
	before := w.sink.Spans()
	require.Len(t, before, 40)
	for range 3 {
		p = w.poller()
		w.settle(p)
	}
	require.Subset(t, w.sink.Spans(), before, "spans of executions that have ended are as they were")
	w.put(group, long[2:]...)
}

// A Standard execution may last a year: the checkpoint does not wait for it longer than max_replay.
func TestTheCheckpointGoesOnWithoutAnExecutionThatLasts(t *testing.T) {
	w := newWorld(t)
	w.cfg.MaxReplay = time.Minute
	standard := "arn:aws:states:eu-west-1:123456789012:execution:resize:long"
	long := vendedlogstest.Lines(t, standard, vendedlogstest.Simple, epoch)
	w.put(group, long[:2]...)
	p := w.poller()
	for range 60 {
		require.NoError(t, p.Poll(t.Context()))
		w.advance(time.Minute)
	}
	require.Contains(t, checkpoint(t, w), `"from":"2026-11-23T08:52:30Z"`, "of now, 5 minutes are for late lines")
	p = w.poller()
	for i, l := range long[2:] {
		l.At = w.now().Add(time.Duration(i) * time.Millisecond)
		w.put(group, l)
	}
	w.settle(p)
	require.Equal(t, map[string]int{standard + " 1": 1, standard + " 2": 1, standard + " 3": 1, standard + " 4": 1},
		w.sink.Records())
	require.Contains(t, spans(w.sink), "execution resize 20 missing 2")
}
