package plugin

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// textFields are the query's fields that hold text, by the types that ask with it; filters find nothing by a text that
// does not exist.
var textFields = map[string][]string{
	"stateMachines": {"executions", "states", "failures", "calls", "functions", "map_runs", "cost", "machines"},
	"states":        {"states", "failures"},
	"statuses":      {"executions"},
	"errors":        {"executions", "failures"},
	"name":          {"executions"},
	"text":          {"executions"},
	"failedState":   {"executions"},
	"mapRun":        {"executions", "map_runs"},
	"kind":          {"failures"},
	"services":      {"calls"},
	"operations":    {"calls"},
	"callers":       {"calls"},
	"resource":      {"calls"},
	"by":            {"cost"},
	"architecture":  {"cost"},
	"minDuration":   {"executions"},
	"maxDuration":   {"executions"},
	"step":          {"executions", "states", "failures", "calls", "cost"},
	"metric":        {"executions", "states", "failures", "calls", "map_runs", "cost"},
	"format":        {"executions", "states", "failures", "calls", "functions", "map_runs", "cost", "machines"},
	"queryType":     {"executions"},
}

var lists = []string{"stateMachines", "states", "statuses", "errors", "services", "operations", "callers"}

var hostileTexts = []string{
	`' OR 1=1 --`, `\`, `\'); DROP TABLE otel_traces; --`, "NUL\x00, \xff\xfe, line\nfeed\ttab\r",
	`{x:String}{limit:UInt32}{where}{texts}"]['a']%_*?🙈`, `${__data}$__timeFilter(x)`, strings.Repeat("x", 4000),
	strings.Repeat("y", 1<<20),
}

func TestTextsInQueriesOnlyEverAreValues(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	for field, queryTypes := range textFields {
		for _, queryType := range queryTypes {
			t.Run(field+" of "+queryType, func(t *testing.T) {
				formats := []string{"table"}
				if len(everyMetric[queryType].numeric) > 0 {
					formats = append(formats, "numeric")
				}
				if len(everyMetric[queryType].series) > 0 {
					formats = append(formats, "time_series")
				}
				for _, format := range formats {
					for _, text := range hostileTexts {
						s.requireNothing(t, hostileQuery(t, queryType, format, field, text))
					}
				}
			})
		}
	}
	require.Equal(t, 11, s.ask(`{"queryType":"executions"}`).Frames[0].Rows(), "nothing was harmed")
}

func hostileQuery(t *testing.T, queryType, format, field, text string) string {
	t.Helper()
	query := map[string]any{"queryType": queryType, "format": format, field: text}
	if field == "text" {
		query[field] = "zzz " + text
	}
	if slices.Contains(lists, field) {
		query[field] = []string{text}
	}
	body, err := json.Marshal(query)
	require.NoError(t, err)
	return string(body)
}

// requireNothing requires a refusal or an answer without a row. A metric counts only where there is one.
func (s *stored) requireNothing(t *testing.T, query string) {
	t.Helper()
	answer := s.ask(query)
	if answer.Error != nil {
		require.Equal(t, backend.StatusBadRequest, answer.Status, "%.300s: %v", query, answer.Error)
		require.Less(t, len(answer.Error.Error()), 5000)
		return
	}
	if strings.Contains(query, `"format":"table","metric"`) {
		return // a table has none
	}
	for _, f := range answer.Frames {
		require.Zero(t, f.Rows(), "%.300s", query)
	}
}

// Errors are sent as texts of the protocol, which takes valid UTF-8 only and fails all queries of a request otherwise.
func TestErrorsAreValidText(t *testing.T) {
	s := newStored(t)
	for _, query := range []string{
		`{"queryType":"sql","rawSql":"SELECT throwIf(1, unhex('ff41fe'))"}`,
		`{"queryType":"sql","rawSql":"SELECT toUInt8(unhex('ff41fe'))"}`,
		`{"queryType":"sql","rawSql":"SELECT JSONExtract(unhex('ff'), unhex('fe'))"}`,
		"{\"queryType\":\"\xff\"}", "{\"queryType\":\"trace\",\"execution\":\"\xff\xfe\"}", "\xff",
		"{\"queryType\":\"trace\",\"execution\":\"arn:" + strings.Repeat("\xe6\x97\xa5", 3000) + "\"}",
	} {
		answer := s.ask(query)
		require.Error(t, answer.Error, query)
		require.True(t, utf8.ValidString(answer.Error.Error()), "%q", answer.Error)
		require.NotContains(t, answer.Error.Error(), "\x00", query)
	}
}
