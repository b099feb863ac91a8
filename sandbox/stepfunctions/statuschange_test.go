package stepfunctions

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/eventbridge"
)

// published collects what a service publishes.
type published chan eventbridge.Event

func (p published) publish(_ context.Context, event eventbridge.Event) { p <- event }

// details are those of an execution's events: of its start, and of its end.
func (p published) details(t *testing.T) (out [2]map[string]any) {
	t.Helper()
	for n := range out {
		event := <-p
		require.Equal(t, "aws.states", event.Source)
		require.Equal(t, "Step Functions Execution Status Change", event.DetailType)
		require.NoError(t, json.Unmarshal(event.Detail, &out[n]))
		require.Equal(t, event.Resources, []string{out[n]["executionArn"].(string)})
	}
	return out
}

// TestStatusChangesAsRecorded starts what was recorded, at that time, and compares the events whole.
func TestStatusChangesAsRecorded(t *testing.T) {
	root := os.Getenv("STEPTRACE_RECORDINGS")
	if root == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	clock := quartz.NewMock(t)
	clock.Set(time.UnixMilli(1707314214000))
	events := make(published, 10)
	b := newBench(t, Config{Region: "us-east-1", AccountID: "111111111111", Clock: clock, Publish: events.publish})
	machine := b.machine("test_event_bridge_events-1a2b3c4d",
		`{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"Arg1":"argument1"},"End":true}}}`)
	b.await(b.start(machine, "6b706907-3a35-4d6d-a4e7-5bd88c4a3672", "{}"))
	for _, name := range []string{"running_recorded_1", "succeeded_recorded_2"} {
		text, err := os.ReadFile(filepath.Join(root, "events", "sfn_status_change_"+name+".json"))
		require.NoError(t, err)
		var want eventbridge.Event
		require.NoError(t, json.Unmarshal(text, &want))
		got := <-events
		require.Equal(t, want.DetailType, got.DetailType)
		require.Equal(t, want.Source, got.Source)
		require.Equal(t, want.Time, got.Time)
		require.Equal(t, want.Resources, got.Resources)
		took := strings.Replace(string(want.Detail), "1707314214131", "1707314214000", 1) // no time passes here
		require.JSONEq(t, took, string(got.Detail))
	}
}

func TestStatusChangesOfFailures(t *testing.T) {
	clock := newMock(t)
	events := make(published, 10)
	b := newBench(t, Config{Clock: clock, Publish: events.publish})
	b.run(`{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Broken","Cause":"by design"}}}`, `{"a":1}`)
	got := events.details(t)[1]
	require.Equal(t, "FAILED", got["status"])
	require.Equal(t, "Broken", got["error"])
	require.Equal(t, "by design", got["cause"])
	require.Equal(t, `{"a":1}`, got["input"])
	require.Nil(t, got["output"])
	require.Nil(t, got["outputDetails"])
	require.Equal(t, "REDRIVABLE", got["redriveStatus"])
	require.Nil(t, got["redriveStatusReason"])

	wait := `{"StartAt":"W","TimeoutSeconds":5,"States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}`
	trap := clock.Trap().NewTimer()
	late := b.start(b.machine("late", wait), "late", "{}")
	trap.MustWait(b.ctx).MustRelease(b.ctx)
	trap.Close()
	clock.Advance(5 * time.Second).MustWait(b.ctx)
	b.await(late)
	got = events.details(t)[1]
	require.Equal(t, "TIMED_OUT", got["status"])
	require.InDelta(t, 5000, got["stopDate"].(float64)-got["startDate"].(float64), 0)

	arn := b.start(b.machine("stopped", wait), "stopped", "{}")
	_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &arn, Error: aws.String("Enough")})
	require.NoError(t, err)
	got = events.details(t)[1]
	require.Equal(t, "ABORTED", got["status"])
	require.Equal(t, "Enough", got["error"])
}

// TestLargeDataIsLeftOutOfEvents: it is the escaped text that counts.
func TestLargeDataIsLeftOutOfEvents(t *testing.T) {
	events := make(published, 10)
	b := newBench(t, Config{Publish: events.publish})
	quotes := `"` + strings.Repeat(`\"`, 100<<10) + `"` // twice as much when escaped
	b.run(`{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`, quotes)
	for _, got := range events.details(t) {
		require.Nil(t, got["input"])
		require.Equal(t, map[string]any{"included": false}, got["inputDetails"])
	}
}
