package query_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
)

func decode(text string) (query.Query, error) {
	return query.Decode(backend.DataQuery{RefID: "A", JSON: []byte(text), Interval: 90 * time.Second})
}

func TestDefaultsOfAQuery(t *testing.T) {
	for text, want := range map[string]struct {
		format query.Format
		metric string
		step   time.Duration
	}{
		`{"queryType":"machines"}`:                                        {query.Table, "", 90 * time.Second},
		`{"queryType":"executions","format":"numeric"}`:                   {query.Numeric, "count", 90 * time.Second},
		`{"queryType":"states","format":"time_series"}`:                   {query.TimeSeries, "visits", 90 * time.Second},
		`{"queryType":"map_runs","format":"numeric","metric":""}`:         {query.Numeric, "failed_share", 90 * time.Second},
		`{"queryType":"cost","format":"numeric","step":"1h30m"}`:          {query.Numeric, "total", 90 * time.Minute},
		`{"queryType":"calls","format":"time_series","step":"1999ms"}`:    {query.TimeSeries, "calls", time.Second},
		`{"queryType":"calls","format":"time_series","step":"1ns"}`:       {query.TimeSeries, "calls", time.Second},
		`{"queryType":"sql","format":"numeric","step":""}`:                {query.Numeric, "", 90 * time.Second},
		`{"queryType":"executions","format":"","metric":"no such thing"}`: {query.Table, "no such thing", 90 * time.Second},
	} {
		q, err := decode(text)
		require.NoError(t, err, text)
		require.Equal(t, want.format, q.Format, text)
		require.Equal(t, want.metric, q.Metric, text)
		require.Equal(t, want.step, time.Duration(q.Step), text)
	}
}

// A variable without a value is an empty text: it chooses nothing, and so everything.
func TestEmptyElementsAreDropped(t *testing.T) {
	q, err := decode(`{"queryType":"calls","stateMachines":["","a",""],"states":[""],"services":null,"callers":["",""],"kind":""}`)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, q.StateMachines)
	for _, list := range [][]string{q.States, q.Services, q.Callers} {
		require.Empty(t, list)
	}
}

func TestQueriesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		``:                           "unexpected end of JSON",
		`null`:                       `queryType "" is not one of executions, trace`,
		`[]`:                         "cannot unmarshal array",
		`{}{}`:                       "after top-level value",
		`{"queryType":7}`:            "cannot unmarshal number",
		`{"queryType":"Executions"}`: `queryType "Executions" is not one of`,
		`{"queryType":"trace","format":"numeric"}`:                         `format "numeric" is none that trace have`,
		`{"queryType":"map_runs","format":"time_series"}`:                  `format "time_series" is none that map_runs have`,
		`{"queryType":"failures","format":"time_series","metric":"each"}`:  `metric "each" is not one of count, executions`,
		`{"queryType":"calls","limit":-1}`:                                 "limit -1 is less than 0",
		`{"queryType":"calls","limit":1.5}`:                                "number 1.5",
		`{"queryType":"calls","limit":1e30}`:                               "number 1e30",
		`{"queryType":"calls","step":"soon"}`:                              `step: "soon" is not a duration`,
		`{"queryType":"calls","step":"-1m"}`:                               `step: "-1m" is not a duration`,
		`{"queryType":"executions","minDuration":"2s","maxDuration":"1s"}`: "minDuration is longer than maxDuration",
		`{"queryType":"cost","by":"BY"}`:                                   `by "BY" is not one of machine, state, execution`,
	} {
		_, err := decode(text)
		require.ErrorIs(t, err, query.ErrInvalid, text)
		require.ErrorContains(t, err, want, text)
	}
}

// Whatever is sent is a query within its bounds or refused, in words that Grafana can show.
func FuzzDecode(f *testing.F) {
	for _, text := range sentByGrafana {
		f.Add(text)
	}
	for _, text := range []string{
		`{"queryType":"states","step":"9223372036854775807ns","limit":9223372036854775807,"-":1}`, `{"QUERYTYPE":"sql","rawſql":"x"}`,
		`{"queryType":"executions","minDuration":null,"maxDuration":{},"stateMachines":["\ud800"]}`, `{"queryType":"\u0000"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := decode(text)
		if err != nil {
			require.ErrorIs(t, err, query.ErrInvalid)
			require.True(t, utf8.ValidString(err.Error()))
			require.Less(t, len(err.Error()), 2000+2*len(text))
			return
		}
		require.NotEmpty(t, q.Type)
		require.GreaterOrEqual(t, time.Duration(q.Step), time.Second)
		require.Zero(t, time.Duration(q.Step)%time.Second)
		require.GreaterOrEqual(t, q.Limit, 0)
		require.GreaterOrEqual(t, time.Duration(q.MinDuration), time.Duration(0))
		for _, list := range [][]string{q.StateMachines, q.States, q.Statuses, q.Errors, q.EventTypes, q.Services} {
			require.NotContains(t, list, "")
		}
	})
}
