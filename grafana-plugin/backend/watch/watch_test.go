package watch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/grafana-plugin/backend/watch"
	"github.com/steptrace/steptrace/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// watching is a watch of which a test moves the clock and is the store.
type watching struct {
	t      *testing.T
	clock  *quartz.Mock
	asked  chan time.Time
	answer chan answer
	sent   chan store.Counts
	fail   error
	ended  chan error
}

type answer struct {
	counts store.Counts
	err    error
}

func start(ctx context.Context, t *testing.T, sliding bool) *watching {
	t.Helper()
	w := &watching{
		t: t, clock: quartz.NewMock(t), asked: make(chan time.Time), answer: make(chan answer),
		sent: make(chan store.Counts, 10), ended: make(chan error, 1),
	}
	watched := watch.Watch{Clock: w.clock, Sliding: sliding, Logger: log.NewNullLogger()}
	watched.Count = func(_ context.Context, since time.Time) (store.Counts, error) {
		w.asked <- since
		a := <-w.answer
		return a.counts, a.err
	}
	trap := w.clock.Trap().NewTicker("watch")
	defer trap.Close()
	go func() {
		w.ended <- watched.Run(ctx, func(_ time.Time, c store.Counts) error {
			w.sent <- c
			return w.fail
		})
	}()
	trap.MustWait(t.Context()).MustRelease(t.Context())
	return w
}

// says answers the next question and returns since when it counts.
func (w *watching) says(spans uint64, err error) time.Time {
	since := <-w.asked
	w.answer <- answer{store.Counts{Spans: spans}, err}
	return since
}

func (w *watching) pass(d time.Duration) { w.clock.Advance(d).MustWait(w.t.Context()) }

func (w *watching) sends(spans uint64) {
	w.t.Helper()
	require.Equal(w.t, store.Counts{Spans: spans}, <-w.sent)
}

func TestOnlyChangesAreSent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := start(ctx, t, false)
	require.Zero(t, w.says(0, nil))
	w.sends(0)
	for _, spans := range []uint64{0, 0, 3} {
		w.pass(watch.Interval)
		w.says(spans, nil)
	}
	w.sends(3)
	w.pass(watch.Interval)
	w.says(3, nil)
	cancel()
	require.ErrorIs(t, <-w.ended, context.Canceled)
	require.Empty(t, w.sent)
}

func TestItGoesOnWhileTheStoreIsAway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := start(ctx, t, false)
	w.says(7, nil)
	w.sends(7)
	for range 3 {
		w.pass(watch.Interval)
		w.says(0, errors.New("away"))
	}
	w.pass(watch.Interval)
	w.says(7, nil) // nothing came meanwhile
	w.pass(watch.Interval)
	w.says(8, nil)
	w.sends(8)
	cancel()
	require.ErrorIs(t, <-w.ended, context.Canceled)
	require.Empty(t, w.sent)
}

func TestItEndsWhenNobodyListens(t *testing.T) {
	w := start(t.Context(), t, false)
	w.fail = errors.New("gone")
	w.says(1, nil)
	require.EqualError(t, <-w.ended, "gone")
}

func TestTheWindowMovesOnWithoutLosingAChange(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := start(ctx, t, true)
	first := w.says(10, nil)
	require.Equal(t, w.clock.Now().Add(-watch.Window), first)
	w.sends(10)
	for w.clock.Now().Add(watch.Interval).Sub(first) < 2*watch.Window {
		w.pass(watch.Interval)
		require.Equal(t, first, w.says(10, nil))
	}
	w.pass(watch.Interval)
	moved := w.says(4, nil) // of the new window
	require.Equal(t, w.clock.Now().Add(-watch.Window), moved)
	require.Equal(t, first, w.says(10, nil)) // the old one: nothing new
	w.pass(watch.Interval)
	require.Equal(t, moved, w.says(5, nil))
	w.sends(5)

	for w.clock.Now().Add(watch.Interval).Sub(moved) < 2*watch.Window {
		w.pass(watch.Interval)
		w.says(5, nil)
	}
	w.pass(watch.Interval)
	w.says(0, nil)                          // of the new window, which something comes into just then
	require.Equal(t, moved, w.says(6, nil)) // so that the old one tells
	w.sends(0)
	w.pass(watch.Interval)
	w.says(1, nil)
	w.sends(1)
	cancel()
	require.ErrorIs(t, <-w.ended, context.Canceled)
}
