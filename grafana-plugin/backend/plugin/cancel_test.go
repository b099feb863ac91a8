package plugin

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

const endless = "SELECT sum(sipHash64(number)) AS endless FROM system.numbers"

// running is how many of the endless queries the store runs.
func (s *stored) running() string {
	s.t.Helper()
	const count = "SELECT count() FROM system.processes WHERE position(query, 'AS endless') > 0 " +
		"AND position(query, 'system.processes') = 0"
	return shown(s.table(count).Fields[0], 0, nil)
}

// Whoever closes a tab of Explore or leaves a dashboard leaves no query behind in the store.
func TestAQueryEndsWithTheOneWhoAsked(t *testing.T) {
	s := newStored(t)
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	asking.Go(func() {
		response, err := s.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{
			queryOf("A", `{"queryType":"sql","rawSql":"`+endless+`"}`),
			queryOf("B", `{"queryType":"sql","rawSql":"`+endless+`"}`),
		}})
		require.NoError(t, err)
		require.Error(t, response.Responses["A"].Error)
	})
	require.Eventually(t, func() bool { return s.running() == "2" }, 20*time.Second, 10*time.Millisecond)
	cancel()
	asking.Wait()
	require.Eventually(t, func() bool { return s.running() == "0" }, 20*time.Second, 10*time.Millisecond)
}
