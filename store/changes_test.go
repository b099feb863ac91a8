package store_test

import (
	"maps"
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

// An invocation that did not know the execution has a trace of its own; its spans may come minutes after the attempt
// that it is joined to.
func TestCountsChangeWhenALambdaOfTheTraceComes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.record(world, failing.event(1, "ExecutionStarted", 0, semconv.KindExecution, 1, "", "{}"))
	attempt := failing.attempt("Fetch", 2, 3, 0, 0, 1000, "")
	attempt.attrs[semconv.LambdaInvokedARN] = storeARN
	attempt.attrs[semconv.AWSRequestID] = "request-1"
	other := failing.attempt("Store", 7, 8, 0, 2000, 3000, "")
	other.attrs[semconv.LambdaInvokedARN], other.attrs[semconv.PayloadFingerprint] = storeARN, "payload-2"
	r.write(attempt, other)
	spans := func() uint64 {
		counts, err := r.db.TraceCounts(t.Context(), failing.trace())
		require.NoError(t, err)
		return counts.Spans
	}
	require.Equal(t, uint64(2), spans())
	invoked := func(n int, more attrs) span {
		s := worldLambdas()[0]
		s.trace, s.id, s.attrs = tid(700+n), sid(700+n), attrs{semconv.LambdaInvokedARN: storeARN}
		maps.Copy(s.attrs, more)
		return s
	}
	r.write(invoked(1, attrs{semconv.FaaSInvocationID: "request-9", semconv.PayloadFingerprint: "payload-9"}))
	require.Equal(t, uint64(2), spans(), "somebody else's")
	r.write(invoked(2, attrs{semconv.FaaSInvocationID: "request-1"}))
	require.Equal(t, uint64(3), spans())
	both := invoked(3, attrs{semconv.FaaSInvocationID: "request-3", semconv.PayloadFingerprint: "payload-2"})
	r.write(both, both)
	require.Equal(t, uint64(4), spans())
	own := invoked(4, attrs{semconv.FaaSInvocationID: "request-1"})
	own.trace = failing.trace()
	r.write(own)
	require.Equal(t, uint64(5), spans(), "in the trace itself it counts once")
}
