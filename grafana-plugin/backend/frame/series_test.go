package frame

import (
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// minute is so many minutes after a full hour.
func minute(n float64) time.Time {
	return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(n * float64(time.Minute)))
}

// points are a series' times, in minutes, and values.
func points(f *data.Frame) (minutes, values []float64) {
	for row := range f.Rows() {
		minutes = append(minutes, f.Fields[0].At(row).(time.Time).Sub(minute(0)).Minutes())
		values = append(values, f.Fields[1].At(row).(float64))
	}
	return minutes, values
}

// A count is 0 where nothing happened, from the step in which the range begins; a rate has no value there.
func TestGapsOfSeries(t *testing.T) {
	steps := Steps{Since: minute(1.5), Until: minute(10), Step: 2 * time.Minute}
	samples := []sample{{minute(2), []string{"a"}, 3}, {minute(8), []string{"a"}, 0.5}}
	count := metric{name: "count", labels: []string{"x"}, shown: 1, counts: true}.timeSeries(samples, steps)
	require.Len(t, count, 1)
	minutes, values := points(count[0])
	require.Equal(t, []float64{0, 2, 4, 6, 8}, minutes)
	require.Equal(t, []float64{0, 3, 0, 0, 0.5}, values)

	rate := metric{name: "rate", labels: []string{"x"}, shown: 1, unit: share}.timeSeries(samples, steps)
	minutes, values = points(rate[0])
	require.Equal(t, []float64{2, 8}, minutes)
	require.Equal(t, []float64{3, 0.5}, values)
	require.InDelta(t, 120_000, rate[0].Fields[0].Config.Interval, 0, "by which a panel sees the gap")
	require.Equal(t, share, rate[0].Fields[1].Config.Unit)
}

// Each set of labels is a frame, in their order whatever that of the samples; labels that look alike when they are put
// together are not.
func TestLabelsOfSeries(t *testing.T) {
	m := metric{name: "count", labels: []string{"x", "y", "z"}, shown: 2, counts: true}
	at := minute(0)
	steps := Steps{Since: at, Until: minute(1), Step: time.Minute}
	frames := m.timeSeries([]sample{
		{at, []string{"b", "", "1"}, 1}, {at, []string{"a", "bc", "1"}, 2}, {at, []string{"ab", "c", "1"}, 3},
	}, steps)
	var got, shown []string
	for _, f := range frames {
		require.Equal(t, data.FrameTypeTimeSeriesMulti, f.Meta.Type)
		require.Equal(t, data.FrameTypeVersion{0, 1}, f.Meta.TypeVersion)
		got, shown = append(got, f.Fields[1].Labels.String()), append(shown, f.Fields[1].Config.DisplayNameFromDS)
	}
	require.Equal(t, []string{"x=a, y=bc, z=1", "x=ab, y=c, z=1", "x=b, y=, z=1"}, got)
	require.Equal(t, []string{"a · bc", "ab · c", "b"}, shown)
}

// Numbers are one for each set of labels, in the order of the samples: the first counts. Nothing is no data.
func TestNumbers(t *testing.T) {
	m := metric{name: "each", labels: []string{"x"}, shown: 1}
	frames := m.numeric([]sample{{labels: []string{"b"}, value: 5}, {labels: []string{"a"}}, {labels: []string{"b"}, value: 7}})
	require.Len(t, frames, 2)
	for n, want := range []struct {
		label string
		value float64
	}{{"b", 5}, {"a", 0}} {
		require.Len(t, frames[n].Fields, 1)
		require.Equal(t, data.Labels{"x": want.label}, frames[n].Fields[0].Labels)
		require.Equal(t, 1, frames[n].Fields[0].Len())
		require.InDelta(t, want.value, frames[n].Fields[0].At(0), 0)
	}
	for _, none := range []data.Frames{m.numeric(nil), m.timeSeries(nil, Steps{})} {
		require.Len(t, none, 1)
		require.Empty(t, none[0].Fields)
		require.NotEmpty(t, none[0].Meta.Type)
	}
}

func TestStepsAreNoMoreThanAPanelDraws(t *testing.T) {
	for _, c := range []struct {
		since, until time.Time
		asked, want  time.Duration
	}{
		{minute(0), minute(60), time.Minute, time.Minute},
		{minute(0), minute(60), 0, 2 * time.Second}, // 3600 of one second
		{minute(0), minute(60 * 24 * 365), time.Second, 16384 * time.Second},
		{minute(60), minute(0), time.Minute, time.Minute},
		{time.Time{}, minute(0), time.Second, 1 << 23 * time.Second}, // as far apart as durations reach
	} {
		steps := StepsOf(query.Query{Since: c.since, Until: c.until, Step: query.Duration(c.asked)})
		require.Equal(t, c.want, steps.Step, "%s to %s", c.since, c.until)
	}
}

// What is not known has no sample: an error rate without an end, a quantile without a visit, waiting without an attempt.
func TestWhatIsNotKnownHasNoNumber(t *testing.T) {
	running := []store.ExecutionPoint{{StateMachine: "orders", ChildrenCounts: store.ChildrenCounts{Running: 2}}}
	require.Empty(t, ExecutionNumbers("error_rate", running, nil)[0].Fields)
	require.Empty(t, ExecutionNumbers("p95", running, nil)[0].Fields)
	require.Equal(t, data.Labels{"state_machine": "orders", "status": "RUNNING"},
		ExecutionNumbers("count", running, nil)[0].Fields[0].Labels)

	idle := store.StateStatistics{Points: []store.StatePoint{{StateMachineARN: "arn:aws:states:r:a:stateMachine:m", State: "S"}}}
	for metric, known := range map[string]bool{"p95": false, "error_rate": false, "wait": false, "visits": true, "retries": true} {
		require.Equal(t, known, len(StateNumbers(metric, idle, nil)[0].Fields) > 0, metric)
	}
	idle.Approximate = true
	require.Empty(t, StateNumbers("retries", idle, nil)[0].Fields, "long ranges know nothing of attempts")
}
