package plugin

import (
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
)

// askWeek asks of the week before now.
func (s *stored) askWeek(query string) backend.DataResponse {
	s.t.Helper()
	asked := queryOf("A", query)
	asked.TimeRange.From = now.AddDate(0, 0, -7)
	response, err := s.QueryData(s.t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{asked}})
	require.NoError(s.t, err)
	return response.Responses["A"]
}

func TestWhatLongRangesDoNotTell(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	const notice = "Attempts, retries, waiting and back-off times are not known for ranges longer than 25 hours."
	table := s.askWeek(`{"queryType":"states","states":["Store"]}`).Frames[0]
	require.Equal(t, notice, table.Meta.Notices[0].Text)
	visits, _ := table.FieldByName("visits")
	require.Equal(t, uint64(1), visits.At(0))
	for _, name := range []string{"attempts", "retries", "wait_s", "wait_p95_s", "backoff_s"} {
		field, _ := table.FieldByName(name)
		require.Nil(t, field.At(0), name)
	}
	for _, format := range []string{"numeric", "time_series"} {
		none := s.askWeek(`{"queryType":"states","metric":"retries","format":"` + format + `"}`).Frames
		require.Len(t, none, 1)
		require.Empty(t, none[0].Fields)
		require.Equal(t, notice, none[0].Meta.Notices[0].Text)
		known := s.askWeek(`{"queryType":"states","metric":"failed","states":["Store"],"format":"` + format + `"}`).Frames
		require.Len(t, known, 1)
		require.Empty(t, known[0].Meta.Notices)
	}
}

// A week has 302,700 steps of two seconds here: they are made as long as 2000 of them fill it.
func TestStepsAreWidened(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	f := s.askWeek(`{"queryType":"executions","format":"time_series","statuses":["FAILED"],"stateMachines":["orders"],"step":"2s"}`).Frames[0]
	require.InDelta(t, 512_000, f.Fields[0].Config.Interval, 0)
	require.Equal(t, 1182, f.Rows())
}

func TestStepsGrowUntilTheAnswerFits(t *testing.T) {
	steps := frame.Steps{Since: day, Until: day.Add(time.Hour), Step: time.Minute}
	var asked []time.Duration
	frames, err := fitting(steps, func(s frame.Steps) (data.Frames, bool, error) {
		asked = append(asked, s.Step)
		return data.Frames{data.NewFrame("x")}, s.Step < 10*time.Minute, nil
	})
	require.NoError(t, err)
	require.Equal(t, []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute}, asked)
	require.Equal(t, "Steps are of 16m0s, for there are many series: choose fewer for steps of 1m0s.",
		frames[0].Meta.Notices[0].Text)

	frames, err = fitting(steps, func(frame.Steps) (data.Frames, bool, error) {
		return data.Frames{data.NewFrame("x")}, true, nil
	})
	require.NoError(t, err)
	require.Equal(t, data.NoticeSeverityWarning, frames[0].Meta.Notices[0].Severity)
}

// State machines of the same name in two regions are told apart by their ARNs, and only they.
func TestStateMachinesOfTheSameName(t *testing.T) {
	s := newStored(t)
	for _, arn := range []string{
		"arn:aws:states:eu-west-1:123456789012:execution:orders:a", "arn:aws:states:us-east-1:123456789012:execution:orders:a",
		"arn:aws:states:eu-west-1:123456789012:execution:images:a",
	} {
		e := of("", "").starts(1).enters(1, "S").invokes(1, 2, "Boom").ends(2, "Failed", "Boom")
		e.ARN = arn
		s.store(e.Execution, e.events...)
	}
	want := []string{
		"arn:aws:states:eu-west-1:123456789012:stateMachine:orders", "arn:aws:states:us-east-1:123456789012:stateMachine:orders",
		"images",
	}
	for _, queryType := range []string{"executions", "states", "failures", "cost"} {
		var names []string
		for _, f := range s.ask(`{"queryType":"` + queryType + `","format":"numeric","kind":"state"}`).Frames {
			names = append(names, f.Fields[0].Labels["state_machine"])
		}
		require.ElementsMatch(t, want, names, queryType)
	}
}

// The labels of an alert's instances stay the same when the other state machine of the name comes into an answer, or
// leaves it: else one alert would end and another begin.
func TestLabelsDoNotDependOnTheAnswer(t *testing.T) {
	s := newStored(t)
	elsewhere := func(e *tale) *tale {
		e.ARN = strings.Replace(e.ARN, "eu-west-1", "us-east-1", 1)
		return e
	}
	fails := func(e *tale) *tale { return e.starts(1).enters(1, "S").invokes(1, 2, "Boom").ends(2, "Failed", "Boom") }
	for _, e := range []*tale{fails(of("orders", "a")), fails(of("orders/Each", "c")), elsewhere(of("images", "a")).starts(1)} {
		s.store(e.Execution, e.events...)
	}
	const query = `{"queryType":"executions","format":"numeric","metric":"ended"}`
	labels := func() []string {
		names := []string{}
		for _, f := range s.ask(query).Frames {
			names = append(names, f.Fields[0].Labels["state_machine"])
		}
		return names
	}
	require.ElementsMatch(t, []string{"orders", "orders/Each"}, labels())

	other := elsewhere(of("orders", "b")).starts(5) // runs, and so is not in the answer
	s.store(other.Execution, other.events...)
	s.clock.(*quartz.Mock).Advance(time.Minute)
	const machine = account + "stateMachine:orders"
	require.ElementsMatch(t, []string{machine, machine + "/Each"}, labels())
	for _, query := range []string{
		`{"queryType":"failures","format":"numeric","kind":"state"}`, `{"queryType":"failures","format":"time_series","kind":"execution"}`,
		`{"queryType":"failures","format":"numeric","metric":"each"}`, `{"queryType":"states","format":"numeric"}`,
		`{"queryType":"states","format":"time_series"}`, `{"queryType":"executions","format":"time_series","metric":"ended"}`,
		`{"queryType":"executions","format":"numeric","metric":"redrivable"}`,
		`{"queryType":"cost","format":"numeric","stateMachines":["` + machine + `"]}`,
	} {
		for _, f := range s.ask(query).Frames {
			require.Contains(t, f.Fields[len(f.Fields)-1].Labels["state_machine"], machine, query)
		}
	}
}
