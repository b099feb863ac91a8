package plugin

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/codes"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/telemetry"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// recorded is what is known of the recorded histories without a store.
type recorded struct {
	statuses map[string]float64 // executions
	failed   map[string]float64 // states, caught or not, by name
	errors   map[string]float64 // executions that failed or timed out, by error
}

// storeRecordings stores all recorded histories as executions of one state machine that began at the day's begin.
func (s *stored) storeRecordings() recorded {
	s.t.Helper()
	known := recorded{map[string]float64{}, map[string]float64{}, map[string]float64{}}
	traces, logs := ptrace.NewTraces(), plog.NewLogs()
	for n, file := range historytest.Histories(s.t) {
		name := strings.TrimSuffix(filepath.Base(file), ".history.json")
		e := convert.Execution{ARN: fmt.Sprintf("%sexecution:recorded:%d-%.60s", account, n, name)}
		events := historytest.Events(s.t, file)
		shift(events)
		out := convert.New(e, historytest.Definition(s.t, file)).Feed(events...)
		telemetry.AppendTraces(traces, e, out.Spans)
		telemetry.AppendLogs(logs, e, out.Records, now)
		known.note(events, out.Spans)
	}
	require.NoError(s.t, s.traces.ConsumeTraces(s.t.Context(), traces))
	require.NoError(s.t, s.logs.ConsumeLogs(s.t.Context(), logs))
	return known
}

// shift moves a history to the day.
func shift(events []history.Event) {
	first := slices.MinFunc(events, func(a, b history.Event) int { return a.Time.Compare(b.Time) }).Time
	by := day.Sub(first)
	for n := range events {
		events[n].Time = events[n].Time.Add(by)
	}
}

func (r recorded) note(events []history.Event, spans []convert.Span) {
	status, failure := "", "" // one history has neither begin nor end
	for n := range events {
		if e := events[n]; e.Terminal() {
			status, failure = ended[e.Type], e.Details.Error
		} else if strings.HasPrefix(e.Type, "Execution") {
			status, failure = "RUNNING", ""
		}
	}
	if status != "" {
		r.statuses[status]++
	}
	if status == "FAILED" || status == "TIMED_OUT" {
		r.errors[failure]++
	}
	for _, s := range spans {
		_, caught := valueOf(s, semconv.CaughtError)
		if s.Kind == semconv.KindState && (caught || s.Status == codes.Error) {
			state, _ := valueOf(s, semconv.StateName)
			r.failed[state]++
		}
	}
}

var ended = map[string]string{
	"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED", "ExecutionTimedOut": "TIMED_OUT",
	"ExecutionAborted": "ABORTED",
}

func valueOf(s convert.Span, key string) (string, bool) {
	for _, a := range s.Attributes {
		if string(a.Key) == key {
			return a.Value.AsString(), true
		}
	}
	return "", false
}

// What all recorded histories tell of executions, states and failures is what the frames hold.
func TestRecordedHistories(t *testing.T) {
	s := newStored(t)
	known := s.storeRecordings()
	require.Len(t, known.statuses, 3, "SUCCEEDED, FAILED and ABORTED")

	executions := s.askAYear(`{"queryType":"executions","format":"numeric"}`)
	require.Equal(t, known.statuses, sums(t, executions, "status"))
	series := s.askAYear(`{"queryType":"executions","format":"time_series"}`)
	require.Equal(t, known.statuses, sums(t, series, "status"))
	states := s.askAYear(`{"queryType":"failures","format":"numeric","kind":"state","caught":true,"limit":10000}`)
	require.Equal(t, known.failed, sums(t, states, "state"))
	errors := s.askAYear(`{"queryType":"failures","format":"time_series","kind":"execution"}`)
	require.Equal(t, known.errors, sums(t, errors, "error"))

	table := s.askAYear(`{"queryType":"executions","limit":1000}`)[0]
	require.Equal(t, len(historytest.Histories(t))-1, table.Rows())
	for queryType, of := range everyMetric {
		s.askAYear(`{"queryType":"` + queryType + `"}`)
		for _, metric := range of.numeric {
			frames := s.askAYear(`{"queryType":"` + queryType + `","format":"numeric","metric":"` + metric + `"}`)
			alerted(t, frames)
		}
		for _, metric := range of.series {
			s.askAYear(`{"queryType":"` + queryType + `","format":"time_series","metric":"` + metric + `"}`)
		}
	}
}

// askAYear asks of a year from the day on.
func (s *stored) askAYear(query string) data.Frames {
	s.t.Helper()
	asked := queryOf("A", query)
	asked.TimeRange.To = day.AddDate(1, 0, 0)
	response, err := s.QueryData(s.t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{asked}})
	require.NoError(s.t, err)
	require.NoError(s.t, response.Responses["A"].Error, query)
	return response.Responses["A"].Frames
}

// sums adds up the values of each value of a label.
func sums(t *testing.T, frames data.Frames, label string) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for _, f := range frames {
		field := f.Fields[len(f.Fields)-1]
		for row := range field.Len() {
			v, err := field.FloatAt(row)
			require.NoError(t, err)
			values[field.Labels[label]] += v
		}
	}
	return values
}
