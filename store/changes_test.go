package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

func TestCountsChangeWhenSomethingNewComes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	counts := func() (ofTrace, recent store.Counts) {
		ofTrace, err := r.db.TraceCounts(t.Context(), failing.trace())
		require.NoError(t, err)
		recent, err = r.db.RecentCounts(t.Context(), at(0))
		require.NoError(t, err)
		return ofTrace, recent
	}
	ofTrace, recent := counts()
	require.Zero(t, ofTrace)
	require.Zero(t, recent)

	started := failing.event(1, "ExecutionStarted", 0, semconv.KindExecution, 1, "", "{}")
	entered := failing.event(2, "TaskStateEntered", 100, semconv.KindState, 2, "Fetch", "{}")
	r.record(world, started)
	ofTrace, recent = counts()
	require.Equal(t, store.Counts{Executions: 1, Events: 1}, ofTrace)
	require.Equal(t, store.Counts{Executions: 1, Events: 1}, recent)

	r.record(world, started, entered) // the first comes again
	r.write(failing.state("Fetch", 2, 0, 1000, ""), happy.state("Fetch", 2, 500, 600, ""))
	ofTrace, recent = counts()
	require.Equal(t, store.Counts{Executions: 1, Events: 2, Spans: 1}, ofTrace)
	require.Equal(t, uint64(1), recent.Executions)
	require.Equal(t, uint64(2), recent.Spans)

	later, err := r.db.RecentCounts(t.Context(), at(100))
	require.NoError(t, err)
	require.Equal(t, store.Counts{Events: 1, Spans: 1}, later)
}

func TestCountsOfWhatIsNoTraceID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, id := range []string{"", "all", "latest", failing.arn(), failing.trace() + "0"} {
		_, err := r.db.TraceCounts(t.Context(), id)
		require.ErrorIs(t, err, store.ErrArgument, id)
	}
}
