package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

const machineARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:"

func executionARN(machine, name string) string {
	return "arn:aws:states:eu-west-1:123456789012:execution:" + machine + ":" + name
}

func traceID(arn string) string { return spanid.Trace(arn).String() }

// lifecycle writes the start of an execution and, when it has ended, its end.
func (r *rig) lifecycle(machine, name string, start int64, endEvent string, end int64, more attrs, body ...string) {
	arn := executionARN(machine, name)
	r.record(machine, event{arn: arn, trace: traceID(arn), kind: "ExecutionStarted", id: 1, ms: start, started: start})
	if endEvent != "" {
		r.record(machine, event{
			arn: arn, trace: traceID(arn), kind: endEvent, id: 9, ms: end, started: start, attrs: more, body: strings.Join(body, ""),
		})
	}
}

func names(executions []store.Execution) []string {
	all := []string{}
	for _, e := range executions {
		all = append(all, e.Name)
	}
	return all
}

func TestExecutionsTellWhatHappened(t *testing.T) {
	r := newRig(t)
	r.lifecycle("images", "good", 1000, "ExecutionSucceeded", 3000, nil)
	r.lifecycle("images", "bad", 2000, "ExecutionFailed", 4000,
		attrs{semconv.Error: "States.TaskFailed"}, `{"error":"States.TaskFailed","cause":"no \"image\""}`)
	r.lifecycle("images", "slow", 3000, "ExecutionTimedOut", 5000, nil)
	r.lifecycle("videos", "stopped", 4000, "ExecutionAborted", 6000, nil)
	r.lifecycle("videos", "running", 5000, "", 0, nil)

	all, err := r.db.Executions(t.Context(), store.ExecutionFilter{})
	require.NoError(t, err)
	require.Equal(t, []store.Execution{
		{
			ExecutionARN: executionARN("videos", "running"), Name: "running", StateMachine: "videos",
			StateMachineARN: machineARN + "videos", TraceID: traceID(executionARN("videos", "running")),
			Status: "RUNNING", Start: at(5000),
		},
		{
			ExecutionARN: executionARN("videos", "stopped"), Name: "stopped", StateMachine: "videos",
			StateMachineARN: machineARN + "videos", TraceID: traceID(executionARN("videos", "stopped")),
			Status: "ABORTED", Start: at(4000), End: at(6000),
		},
		{
			ExecutionARN: executionARN("images", "slow"), Name: "slow", StateMachine: "images",
			StateMachineARN: machineARN + "images", TraceID: traceID(executionARN("images", "slow")),
			Status: "TIMED_OUT", Start: at(3000), End: at(5000),
		},
		{
			ExecutionARN: executionARN("images", "bad"), Name: "bad", StateMachine: "images",
			StateMachineARN: machineARN + "images", TraceID: traceID(executionARN("images", "bad")),
			Status: "FAILED", Start: at(2000), End: at(4000), Error: "States.TaskFailed", Cause: `no "image"`,
		},
		{
			ExecutionARN: executionARN("images", "good"), Name: "good", StateMachine: "images",
			StateMachineARN: machineARN + "images", TraceID: traceID(executionARN("images", "good")),
			Status: "SUCCEEDED", Start: at(1000), End: at(3000),
		},
	}, all)

	for _, test := range []struct {
		name   string
		filter store.ExecutionFilter
		want   []string
	}{
		{"by name", store.ExecutionFilter{StateMachines: []string{"videos"}}, []string{"running", "stopped"}},
		{"by ARN", store.ExecutionFilter{StateMachines: []string{machineARN + "images"}, Statuses: []string{"FAILED"}}, []string{"bad"}},
		{"by status", store.ExecutionFilter{Statuses: []string{"RUNNING"}}, []string{"running"}},
		{"since", store.ExecutionFilter{Since: at(3000)}, []string{"running", "stopped", "slow"}},
		{"limited", store.ExecutionFilter{Limit: 2}, []string{"running", "stopped"}},
		{"none", store.ExecutionFilter{Since: at(0).AddDate(0, 0, 2)}, []string{}},
		{"text that would end a string", store.ExecutionFilter{StateMachines: []string{"' OR 1=1 --\n\\"}}, []string{}},
		{"text that looks like a parameter", store.ExecutionFilter{StateMachines: []string{"{limit:UInt32}"}}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := r.db.Executions(t.Context(), test.filter)
			require.NoError(t, err)
			require.Equal(t, test.want, names(found))
		})
	}
}

func TestAStateMachineNameWithSpecialCharacters(t *testing.T) {
	r := newRig(t)
	r.lifecycle(`a'b"c\d`, "x", 0, "", 0, nil)
	found, err := r.db.Executions(t.Context(), store.ExecutionFilter{StateMachines: []string{`a'b"c\d`}})
	require.NoError(t, err)
	require.Equal(t, []string{"x"}, names(found))
}

// Any order, any repetition and any merge gives the same execution.
func TestExecutionsFromRepeatedAndLateEvents(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	started := event{arn: arn, trace: traceID(arn), kind: "ExecutionStarted", id: 1, ms: 0}
	failed := event{
		arn: arn, trace: traceID(arn), kind: "ExecutionFailed", id: 9, ms: 26 * time.Hour.Milliseconds(),
		attrs: attrs{semconv.Error: "E"},
	}
	r.record("images", failed)
	r.record("images", started, failed)
	r.record("images", started)

	found, err := r.db.Executions(t.Context(), store.ExecutionFilter{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "FAILED", found[0].Status)
	require.Equal(t, at(0), found[0].Start)
	require.Equal(t, at(0).Add(26*time.Hour), found[0].End)

	found, err = r.db.Executions(t.Context(), store.ExecutionFilter{Since: at(0).Add(25 * time.Hour)})
	require.NoError(t, err)
	require.Empty(t, found, "it started before, though it ended after")
}

func TestARedrivenExecutionShowsItsNewestRun(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	r.record("images",
		event{arn: arn, trace: traceID(arn), kind: "ExecutionStarted", id: 1, ms: 0},
		event{arn: arn, trace: traceID(arn), kind: "ExecutionFailed", id: 9, ms: 1000, attrs: attrs{semconv.Error: "E"}},
		event{arn: arn, trace: traceID(arn), kind: "ExecutionRedriven", id: 10, ms: 5000, redrive: 1})
	found, err := r.db.Executions(t.Context(), store.ExecutionFilter{})
	require.NoError(t, err)
	require.Equal(t, []store.Execution{{
		ExecutionARN: arn, Name: "a", StateMachine: "images", StateMachineARN: machineARN + "images",
		TraceID: traceID(arn), RedriveCount: 1, Status: "RUNNING", Start: at(0),
	}}, found)
}
