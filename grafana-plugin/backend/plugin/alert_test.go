package plugin

import (
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

// alerted reads frames as Grafana's expressions read numeric-multi of the data plane contract: a value for each frame,
// which its labels identify; a single frame without fields is no data.
func alerted(t *testing.T, frames data.Frames) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for _, f := range frames {
		require.Equal(t, data.FrameTypeNumericMulti, f.Meta.Type)
		require.Equal(t, data.KindNumeric, f.Meta.Type.Kind())
		require.Equal(t, data.FrameTypeVersion{0, 1}, f.Meta.TypeVersion)
		if len(frames) == 1 && len(f.Fields) == 0 {
			return values
		}
		require.Len(t, f.Fields, 1)
		require.True(t, f.Fields[0].Type().Numeric())
		require.Equal(t, 1, f.Fields[0].Len())
		value, err := f.Fields[0].FloatAt(0)
		require.NoError(t, err)
		labels := f.Fields[0].Labels.String()
		require.NotContains(t, values, labels, "alert instances are told apart by labels")
		values[labels] = value
	}
	return values
}

func TestAlertsOnFailures(t *testing.T) {
	s := newStored(t)
	good := of("orders", "a").starts(0).ends(2, "Succeeded", "")
	s.store(good.Execution, good.events...)
	const (
		failures   = `{"queryType":"failures","format":"numeric","kind":"execution","refId":"A","intervalMs":1000,"maxDataPoints":43200}`
		count      = `{"queryType":"executions","format":"numeric","metric":"ended","statuses":["FAILED","TIMED_OUT"]}`
		each       = `{"queryType":"failures","format":"numeric","metric":"each","kind":"state"}`
		redrivable = `{"queryType":"executions","format":"numeric","metric":"redrivable"}`
		rate       = `{"queryType":"executions","format":"numeric","metric":"error_rate"}`
	)
	for _, query := range []string{failures, count, each, redrivable} {
		require.Empty(t, alerted(t, s.ask(query).Frames), "nothing has failed: %s", query)
	}
	require.Equal(t, map[string]float64{"state_machine=orders": 0}, alerted(t, s.ask(rate).Frames))

	bad := of("orders", "b").starts(3).enters(3, "Store").invokes(3, 4, "Boom").ends(4, "Failed", "Boom")
	s.store(bad.Execution, bad.events...)
	for query, want := range map[string]map[string]float64{
		failures:   {"error=Boom, kind=execution, state=, state_machine=orders": 1},
		count:      {"state_machine=orders, status=FAILED": 1},
		redrivable: {"state_machine=orders": 1},
		rate:       {"state_machine=orders": 0.5},
		each: {
			"error=Boom, execution_arn=" + bad.ARN + ", execution_url=/a/steptrace-app/execution?execution=arn%3Aaws%3Astates" +
				"%3Aeu-west-1%3A123456789012%3Aexecution%3Aorders%3Ab, kind=state, state=Store, state_machine=orders": 1,
		},
	} {
		require.Equal(t, want, alerted(t, s.ask(query).Frames), query)
	}

	redriven := bad.then(100, "ExecutionRedriven", redriveOne)
	s.store(redriven.Execution, redriven.events...)
	require.Empty(t, alerted(t, s.ask(redrivable).Frames), "it runs again")
	require.Empty(t, alerted(t, s.ask(failures).Frames))
}

// An execution that fails in the same way in several iterations is one instance of an alert.
func TestEachFailureIsOneInstance(t *testing.T) {
	s := newStored(t)
	e := of("orders", "b").starts(3).
		enters(3, "Store").invokes(3, 4, "Boom").exits(4, "Store").
		enters(5, "Store").invokes(5, 6, "Boom").exits(6, "Store").ends(7, "Succeeded", "")
	s.store(e.Execution, e.events...)
	require.Equal(t, 2, s.ask(`{"queryType":"failures","caught":true}`).Frames[0].Rows())
	require.Len(t, alerted(t, s.ask(`{"queryType":"failures","format":"numeric","metric":"each","caught":true}`).Frames), 1)
}

// Every metric of every type is a set of labelled numbers, or of labelled series in the order of time.
func TestFormatsKeepTheContract(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	for queryType, of := range everyMetric {
		for _, metric := range of.numeric {
			t.Run(queryType+" numeric "+metric, func(t *testing.T) {
				answer := s.ask(`{"queryType":"` + queryType + `","format":"numeric","metric":"` + metric + `"}`)
				require.NoError(t, answer.Error)
				if metric != "stuck" {
					require.NotEmpty(t, alerted(t, answer.Frames))
				}
			})
		}
		for _, metric := range of.series {
			t.Run(queryType+" time series "+metric, func(t *testing.T) {
				answer := s.ask(`{"queryType":"` + queryType + `","format":"time_series","metric":"` + metric + `"}`)
				require.NoError(t, answer.Error)
				requireSeries(t, answer.Frames)
			})
		}
	}
}

type formats struct{ series, numeric []string }

var everyMetric = map[string]formats{
	"executions": {
		[]string{"count", "ended", "error_rate", "p50", "p95", "p99"},
		[]string{"count", "ended", "error_rate", "p50", "p95", "p99", "running", "stuck", "redrivable"},
	},
	"states": {
		[]string{"visits", "failed", "error_rate", "p50", "p95", "p99", "wait", "wait_p95", "retries", "backoff"},
		[]string{"visits", "failed", "error_rate", "p50", "p95", "p99", "wait", "wait_p95", "retries", "backoff"},
	},
	"failures": {[]string{"count", "executions"}, []string{"count", "executions", "each"}},
	"calls": {
		[]string{"calls", "errors", "error_rate", "throttled", "retries", "p50", "p95", "p99"},
		[]string{"calls", "errors", "error_rate", "throttled", "retries", "p50", "p95", "p99"},
	},
	"map_runs": {nil, []string{"failed_share", "failed"}},
	"cost":     {[]string{"total", "step_functions", "lambda"}, []string{"total", "step_functions", "lambda"}},
}

func requireSeries(t *testing.T, frames data.Frames) {
	t.Helper()
	seen := map[string]bool{}
	require.NotEmpty(t, frames)
	for _, f := range frames {
		require.Equal(t, data.FrameTypeTimeSeriesMulti, f.Meta.Type)
		require.Equal(t, data.FrameTypeVersion{0, 1}, f.Meta.TypeVersion)
		require.Equal(t, data.TimeSeriesTypeWide, f.TimeSeriesSchema().Type, "as Grafana reads it without the contract")
		require.Len(t, f.Fields, 2)
		labels := f.Fields[1].Labels.String()
		require.False(t, seen[labels], labels)
		seen[labels] = true
		require.Positive(t, f.Rows())
		require.InDelta(t, 120_000, f.Fields[0].Config.Interval, 0)
		for row := 1; row < f.Rows(); row++ {
			before, _ := f.Fields[0].ConcreteAt(row - 1)
			at, _ := f.Fields[0].ConcreteAt(row)
			require.True(t, at.(time.Time).After(before.(time.Time)))
		}
	}
}
