package corpus_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/cmd/bench/corpus"
	"github.com/steptrace/steptrace/spanid/semconv"
)

var from = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func TestTheSameSeedGivesTheSameData(t *testing.T) {
	var encoded [3][]byte
	for n, seed := range []uint64{1, 1, 2} {
		traces, _ := corpus.New(seed, from, time.Second).Batch(1000)
		raw, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(traces)
		require.NoError(t, err)
		encoded[n] = raw
	}
	require.Equal(t, encoded[0], encoded[1])
	require.NotEqual(t, encoded[1], encoded[2])
}

func TestEveryKindOfSpanIsThere(t *testing.T) {
	traces, logs := corpus.New(1, from, time.Second).Batch(20_000)
	require.Greater(t, logs.LogRecordCount(), 20_000)
	kinds, failed := map[string]int{}, map[string]int{}
	for _, rs := range traces.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				kind, _ := s.Attributes().Get(semconv.Kind)
				kinds[kind.Str()]++
				if s.Status().Code() == ptrace.StatusCodeError {
					failed[kind.Str()]++
				}
			}
		}
	}
	for _, kind := range []string{"trigger", "execution", "state", "attempt", "branch", "iteration", "invocation", "call"} {
		require.Positive(t, kinds[kind], kind)
	}
	for _, kind := range []string{"execution", "state", "attempt", "branch", "invocation"} {
		require.Positive(t, failed[kind], kind)
	}
}
