package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

// A history of which each event has as much as AWS allows is read page by page, though all of it is more than a query
// may have of the embedded engine's memory.
func TestAHistoryOfTheLargestPayloads(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "large")
	payload := `{"input":"` + strings.Repeat("x", 256<<10) + `"}`
	const events, batch = 600, 50
	for begin := 0; begin < events; begin += batch {
		var page []event
		for id := int64(begin + 1); id <= int64(begin+batch); id++ {
			page = append(page, event{arn: arn, trace: traceID(arn), kind: "PassStateEntered", id: id, ms: id, body: payload})
		}
		r.record("images", page...)
	}
	var last int64
	for range events / 200 {
		found, err := r.db.History(t.Context(), store.HistoryFilter{Execution: arn, After: last})
		require.NoError(t, err)
		require.Len(t, found, 200)
		require.Equal(t, last+1, found[0].ID)
		require.Len(t, found[199].Payload, len(payload))
		last = found[199].ID
	}
	require.Equal(t, int64(events), last)
}
