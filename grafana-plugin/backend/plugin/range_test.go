package plugin

import (
	"math"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

var strangeRanges = map[string]backend.TimeRange{
	"inverted":          {From: now, To: day},
	"no time at all":    {From: day, To: day},
	"without ends":      {},
	"since 1970":        {From: time.Unix(0, 0), To: now},
	"since 1800":        {From: time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC), To: now},
	"until 9999":        {From: day, To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)},
	"later than stores": {From: time.Date(2350, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC)},
	"all of Grafana's":  {From: time.UnixMilli(math.MinInt64), To: time.UnixMilli(math.MaxInt64)},
	"a year":            {From: now.AddDate(-1, 0, 0), To: now},
	"in the future":     {From: now.AddDate(3, 0, 0), To: now.AddDate(4, 0, 0)},
	"half a second":     {From: day.Add(100 * time.Millisecond), To: day.Add(600 * time.Millisecond)},
}

// A range is answered whatever it is, and with no more points than a panel draws.
func TestStrangeRanges(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	for name, asked := range strangeRanges {
		for queryType, of := range everyMetric {
			s.requireAnswer(t, name, asked, `{"queryType":"`+queryType+`"}`)
			s.requireAnswer(t, name, asked, `{"queryType":"`+queryType+`","format":"numeric"}`)
			if len(of.series) > 0 {
				s.requireAnswer(t, name, asked, `{"queryType":"`+queryType+`","format":"time_series","step":"1s"}`)
			}
		}
		for _, query := range []string{
			`{"queryType":"functions"}`, `{"queryType":"machines"}`, `{"queryType":"sql","rawSql":"SELECT $__fromTime, $__toTime"}`,
			`{"queryType":"workflow","aggregate":true,"stateMachines":["orders"]}`,
			`{"queryType":"sql","rawSql":"SELECT count() FROM sfn_executions WHERE $__timeFilter(Start)"}`,
		} {
			s.requireAnswer(t, name, asked, query)
		}
	}
}

func (s *stored) requireAnswer(t *testing.T, name string, asked backend.TimeRange, query string) {
	t.Helper()
	q := queryOf("A", query)
	q.TimeRange = asked
	response, err := s.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{q}})
	require.NoError(t, err)
	answer := response.Responses["A"]
	require.NoError(t, answer.Error, "%s: %s", name, query)
	for _, f := range answer.Frames {
		require.LessOrEqual(t, f.Rows(), 2001, "%s: %s", name, query)
	}
}
