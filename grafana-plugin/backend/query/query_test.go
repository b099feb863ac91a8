package query_test

import (
	"math"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
)

// ClickHouse's DateTime ends in 2106, and counting steps to the end of Grafana's milliseconds ends with the memory.
func TestTheRangeIsWithinTheStores(t *testing.T) {
	first, last := time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2106, 1, 1, 0, 0, 0, 0, time.UTC)
	inside := time.Date(2026, 7, 1, 12, 0, 0, 5, time.UTC)
	for _, c := range []struct{ sent, want time.Time }{
		{time.Time{}, first},
		{time.Unix(0, 0), first},
		{time.UnixMilli(math.MinInt64), first},
		{inside, inside},
		{time.UnixMilli(math.MaxInt64), last},
	} {
		for _, r := range []backend.TimeRange{{From: c.sent, To: inside}, {From: inside, To: c.sent}} {
			q, err := query.Decode(backend.DataQuery{JSON: []byte(`{"queryType":"states"}`), TimeRange: r})
			require.NoError(t, err)
			if r.To.Equal(inside) {
				require.True(t, q.Since.Equal(c.want), "%s", q.Since)
			} else {
				require.True(t, q.Until.Equal(c.want), "%s", q.Until)
			}
		}
	}
}
