package plugin

import (
	"context"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

func TestAnErrorOfOneQueryLeavesTheOthers(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	response, err := s.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{
		queryOf("A", `{"queryType":"machines"}`),
		queryOf("B", `{"queryType":"machines","format":"numeric"}`),
		queryOf("C", `{"queryType":"executions","statuses":["LOST"]}`),
		queryOf("D", `not JSON`),
		queryOf("E", `{"queryType":"failures"}`),
	}})
	require.NoError(t, err)
	require.Len(t, response.Responses, 5)
	for refID, want := range map[string]string{
		"B": `format "numeric" is none that machines have`, "C": `Status: not a usable argument: "LOST" is not one of RUNNING`,
		"D": "invalid character",
	} {
		require.ErrorContains(t, response.Responses[refID].Error, want)
		require.Equal(t, backend.StatusBadRequest, response.Responses[refID].Status)
	}
	require.Equal(t, 2, response.Responses["A"].Frames[0].Rows())
	require.Equal(t, "E", response.Responses["E"].Frames[0].RefID)
}

func TestADeadlineEndsEveryType(t *testing.T) {
	s := newStored(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, queryType := range []string{
		"executions", "states", "failures", "calls", "functions", "map_runs", "cost", "machines",
	} {
		response, err := s.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{
			queryOf("A", `{"queryType":"`+queryType+`"}`),
		}})
		require.NoError(t, err)
		require.ErrorContains(t, response.Responses["A"].Error, "did not answer within", queryType)
		require.Empty(t, response.Responses["A"].Frames)
	}
}

func TestRefusedQueries(t *testing.T) {
	s := newStored(t)
	for query, want := range map[string]string{
		`{"queryType":"executions","minDuration":"soon"}`:                    `minDuration: "soon" is not a duration`,
		`{"queryType":"executions","maxDuration":5}`:                         "maxDuration: a duration is text such as 90s",
		`{"queryType":"executions","minDuration":"2s","maxDuration":"1s"}`:   "minDuration is longer than maxDuration",
		`{"queryType":"executions","limit":-1}`:                              "limit -1 is less than 0",
		`{"queryType":"executions","limit":"many"}`:                          "limit",
		`{"queryType":"executions","stateMachines":"orders"}`:                "stateMachines",
		`{"queryType":"executions","format":"time_series","metric":"stuck"}`: `metric "stuck" is not one of count, ended`,
		`{"queryType":"failures","kind":"either"}`:                           `kind "either" is not one of state, execution`,
		`{"queryType":"cost","by":"hour"}`:                                   `by "hour" is not one of machine, state, execution`,
		`{"queryType":"cost","architecture":"sparc"}`:                        `architecture "sparc" is not one of x86_64, arm64`,
		`{"queryType":"cost","by":"execution","format":"time_series"}`:       "by: costs over time are by machine or state",
	} {
		answer := s.ask(query)
		require.ErrorContains(t, answer.Error, want, query)
		require.Equal(t, backend.StatusBadRequest, answer.Status, query)
	}
}

func TestAFieldThatMeansNothingIsTold(t *testing.T) {
	s := newStored(t)
	for query, want := range map[string]string{
		`{"queryType":"executions","colour":"red"}`:                                             `Queries have no field "colour", so that it was left out: correct its name, or remove it.`,
		`{"queryType":"failures","format":"numeric","a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}`: `Queries have no field "a", "b", "c", "d", "e", 2 more, so that it was left out: correct its name, or remove it.`,
	} {
		answer := s.ask(query)
		require.NoError(t, answer.Error, query)
		require.Equal(t, []data.Notice{{Severity: data.NoticeSeverityWarning, Text: want}}, answer.Frames[0].Meta.Notices)
	}
	for _, query := range []string{`{"queryType":"executions"}`, `{"queryType":"executions","queryCachingTTL":60000}`} {
		require.Empty(t, s.ask(query).Frames[0].Meta.Notices, query)
	}
}

// A fault in the plugin's own code, here an instance without a store, is told and does not end the process, which
// answers everybody else.
func TestAFaultEndsOneQueryOnly(t *testing.T) {
	broken := &Instance{clock: quartz.NewMock(t)}
	response, err := broken.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{
		queryOf("A", `{"queryType":"machines"}`), queryOf("B", `{"queryType":"nothing"}`),
	}})
	require.NoError(t, err)
	require.Equal(t, backend.StatusInternal, response.Responses["A"].Status)
	require.ErrorContains(t, response.Responses["A"].Error, "Grafana's log has the details")
	require.Equal(t, backend.StatusBadRequest, response.Responses["B"].Status)
}
