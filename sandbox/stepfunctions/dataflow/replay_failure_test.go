package dataflow_test

import (
	"errors"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// notDataFlow are recorded runtime errors that other parts raise, or whose input the recorder has changed.
var notDataFlow = map[string]string{
	"activities_activity_task_on_deleted":                           "the activity is missing",
	"apigetway_task_service_invoke_with_headers_singleStringHeader": "the integration checks its parameters",
	"base_scenarios_wait_timestamp_jsonata_INVALID_DATE":            "the recorder replaced the timestamp",
	"base_scenarios_wait_timestamp_jsonata_INVALID_ISO":             "the recorder replaced the timestamp",
	"base_scenarios_wait_timestamp_jsonata_INVALID_TIME":            "the recorder replaced the timestamp",
	"base_scenarios_wait_timestamp_jsonata_NO_T":                    "the recorder replaced the timestamp",
	"base_scenarios_wait_timestamp_jsonata_NO_Z":                    "the recorder replaced the timestamp",
	"wait_wait_timestamppath":                                       "the recorder replaced the timestamp",
	"wait_wait_timestamppath_000000":                                "the recorder replaced the timestamp",
}

var causeOfState = regexp.MustCompile(`^An error occurred while executing the state '(.*)' \(entered at the event id #(\d+)\)`)

func TestReplayFailures(t *testing.T) {
	replayed := 0
	for _, r := range loadRecordings(t) {
		if _, ok := notDataFlow[r.name]; ok {
			continue
		}
		location := ""
		for _, e := range r.order {
			if e.Evaluation.Location != "" {
				location = e.Evaluation.Location
			}
			if e.Failed.Cause == nil {
				continue
			}
			if place := causeOfState.FindStringSubmatch(*e.Failed.Cause); place != nil {
				replayed++
				r.checkFailure(t, e, place[1], place[2], location)
			}
		}
	}
	require.Greater(t, replayed, 25)
}

func (r recording) checkFailure(t *testing.T, e event, name, entered, location string) {
	id, err := strconv.ParseInt(entered, 10, 64)
	require.NoError(t, err)
	err = r.run(t, r.states[name], r.events[id])
	var failed *dataflow.Error
	if !errors.As(err, &failed) {
		t.Errorf("%s: state %s: got error %v, want %s", r.name, name, err, *e.Failed.Cause)
		return
	}
	require.Equal(t, *e.Failed.Error, failed.Name, r.name)
	require.Equal(t, *e.Failed.Cause, failed.Cause(name, id), r.name)
	require.Equal(t, location, failed.Location, r.name)
}

// run evaluates all there is to a state, to find where it fails.
func (r recording) run(t *testing.T, state *asl.State, entered event) error {
	scope := r.scope(t, entered)
	arguments, err := scope.Arguments(state)
	if err != nil {
		return err
	}
	switch state.Type {
	case asl.WaitType:
		_, err = scope.WaitUntil(state, time.Unix(0, 0))
	case asl.MapType:
		if reader := state.Map.ItemReader; reader != nil && reader.MaxItems != nil {
			_, err = scope.Int(state, reader.MaxItems)
			break
		}
		_, err = scope.Items(state)
	default:
		_, err = scope.Complete(state, arguments)
	}
	return err
}
