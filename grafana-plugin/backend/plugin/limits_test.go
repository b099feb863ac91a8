package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// What is told of one execution is found by values, too: a text that names none finds nothing.
func TestTextsOfOneExecutionOnlyEverAreValues(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	arn := of("orders", "b").ARN
	for _, text := range hostileTexts {
		for _, query := range []map[string]any{
			{"queryType": "trace", "execution": text},
			{"queryType": "trace", "execution": "arn:" + text},
			{"queryType": "workflow", "execution": text},
			{"queryType": "workflow", "execution": "arn:" + text},
			{"queryType": "workflow", "aggregate": true, "stateMachines": []string{text}},
			{"queryType": "workflow", "aggregate": true, "stateMachines": []string{"arn:" + text}},
			{"queryType": "events", "execution": text},
			{"queryType": "events", "execution": "arn:" + text},
			{"queryType": "events", "execution": arn, "state": text},
			{"queryType": "events", "execution": arn, "eventTypes": []string{text, text}},
			{"queryType": "sql", "rawSql": "SELECT 1 WHERE $__in('x', " + quoted(t, text) + ")"},
			{"queryType": "sql", "rawSql": "SELECT 1 FROM sfn_executions WHERE $__in(ExecutionArn, [" + quoted(t, text) + "])"},
		} {
			body, err := json.Marshal(query)
			require.NoError(t, err)
			answer := s.ask(string(body))
			if answer.Error == nil {
				require.Zero(t, answer.Frames[0].Rows(), "%.300s", body)
				continue
			}
			require.Contains(t, []backend.Status{backend.StatusBadRequest, backend.StatusNotFound}, answer.Status,
				"%.300s: %.300s", body, answer.Error)
			require.Less(t, len(answer.Error.Error()), 8000)
		}
	}
	require.Equal(t, "11", shown(s.table("SELECT count() FROM sfn_executions FINAL").Fields[0], 0, nil), "nothing was harmed")
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	require.NoError(t, err)
	return string(raw)
}

// Whatever somebody writes as SQL is answered or refused, and changes nothing.
func TestHostileSQL(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	for _, text := range append([]string{
		"SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", "SELECT * FROM remote('127.0.0.1', system.one)",
		"SELECT * FROM file('/etc/passwd', 'LineAsString', 'a String')", "SELECT * FROM executable('id', 'TSV', 'a String')",
		"WITH x AS (SELECT 1) INSERT INTO otel_logs SELECT * FROM x", "EXPLAIN SYNTAX DROP TABLE otel_logs",
		"SELECT 1 SETTINGS max_execution_time = 0", "SELECT 1 SETTINGS allow_ddl = 1", "SHOW CREATE TABLE otel_traces; DROP TABLE otel_traces",
		"SELECT * FROM sfn_executions INTO OUTFILE '/tmp/x'", "DESC (DROP TABLE otel_traces)", "SELECT sleep(0.001) FORMAT Null",
		"SELECT throwIf(1, 'boom')", "SELECT * FROM system.users", "SELECT currentUser(), hostName()",
	}, hostileTexts...) {
		for _, format := range []string{"table", "time_series", "numeric"} {
			for _, sql := range []string{text, "SELECT " + text, "SELECT '" + text + "'", "SELECT 1 -- " + text, "SELECT $__timeFilter(" + text + ")"} {
				answer := s.sqlOf(sql, format)
				if answer.Error != nil {
					require.Contains(t, []backend.Status{backend.StatusBadRequest, backend.StatusBadGateway}, answer.Status)
				}
			}
		}
	}
	require.Equal(t, "11", shown(s.table("SELECT count() FROM sfn_executions FINAL").Fields[0], 0, nil))
	require.Positive(t, s.table("SELECT count() FROM otel_traces").Rows())
}

func TestADeadlineEndsEveryQuestion(t *testing.T) {
	s := newStored(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	response, err := s.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{
		queryOf("A", `{"queryType":"sql","rawSql":"SELECT sum(cityHash64(number)) FROM system.numbers"}`),
		queryOf("B", `{"queryType":"sql","rawSql":"SELECT number FROM system.numbers WHERE cityHash64(number) = 1"}`),
	}})
	require.NoError(t, err)
	for _, refID := range []string{"A", "B"} {
		require.Error(t, response.Responses[refID].Error)
		require.Equal(t, backend.ErrorSourceDownstream, response.Responses[refID].ErrorSource)
	}
	require.Less(t, time.Since(begin), 20*time.Second)
	for _, query := range []string{
		`{"queryType":"trace","execution":"latest"}`, `{"queryType":"workflow","execution":"latest"}`,
		`{"queryType":"events","execution":"latest"}`, `{"queryType":"workflow","aggregate":true,"stateMachines":["x"]}`,
		`{"queryType":"sql","rawSql":"SELECT 1"}`,
	} {
		response, err := s.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{queryOf("A", query)}})
		require.NoError(t, err)
		require.ErrorContains(t, response.Responses["A"].Error, "did not answer within", query)
	}
}

// JSON of any kind is a query or an error.
func FuzzQuery(f *testing.F) {
	for _, queryType := range []string{"trace", "workflow", "events", "sql", "executions", "states"} {
		f.Add(fmt.Sprintf(`{"queryType":%q,"execution":"latest","rawSql":"SELECT $__fromTime","limit":1,"state":"x"}`, queryType))
	}
	f.Add(`{"queryType":"sql","format":"numeric","metric":"","limit":-9223372036854775808,"step":"1ns"}`)
	f.Add(`[{}]`)
	i, err := New(f.Context(), settings("http://127.0.0.1:1", ""))
	require.NoError(f, err)
	f.Cleanup(i.(*Instance).Dispose)
	f.Fuzz(func(t *testing.T, query string) {
		response, err := i.(*Instance).QueryData(t.Context(), &backend.QueryDataRequest{
			Queries: []backend.DataQuery{queryOf("A", query)},
		})
		require.NoError(t, err)
		require.Error(t, response.Responses["A"].Error, "there is no store")
	})
}
