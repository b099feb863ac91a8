package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/price"
)

// Ends of ranges that ClickHouse's types do not reach are the nearest that they do.
func TestRangesBeyondClickHouses(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	for _, since := range []time.Time{time.Unix(0, 0), time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)} {
		until := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		states, err := r.db.StateStatistics(t.Context(), store.StatisticsFilter{Since: since, Until: until, Whole: true})
		require.NoError(t, err)
		require.Len(t, states.Points, 2)
		found, err := r.db.Executions(t.Context(), store.ExecutionFilter{Since: since, Until: until})
		require.NoError(t, err)
		require.Len(t, found, 3)
		costs, err := r.db.Costs(t.Context(), store.CostFilter{By: store.ByMachine, Since: since, Until: until}, price.Default())
		require.NoError(t, err)
		require.Len(t, costs, 1)
	}
}
