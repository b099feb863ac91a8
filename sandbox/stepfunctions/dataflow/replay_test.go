package dataflow_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// event is what the replay needs of a history event.
type event struct {
	Type       string
	ID         int64
	PreviousID int64 `json:"previousEventId"`
	Timestamp  float64

	Entered struct{ Name, Input string } `json:"stateEnteredEventDetails"`
	Exited  struct {
		Name, Output      string
		AssignedVariables map[string]string
	} `json:"stateExitedEventDetails"`
	Started         struct{ Input, RoleArn string } `json:"executionStartedEventDetails"`
	TaskScheduled   struct{ Parameters string }     `json:"taskScheduledEventDetails"`
	LambdaScheduled struct{ Input string }          `json:"lambdaFunctionScheduledEventDetails"`

	TaskSucceeded     struct{ Output string } `json:"taskSucceededEventDetails"`
	LambdaSucceeded   struct{ Output string } `json:"lambdaFunctionSucceededEventDetails"`
	ActivitySucceeded struct{ Output string } `json:"activitySucceededEventDetails"`

	Failed     failure `json:"executionFailedEventDetails"`
	Evaluation struct {
		Location string
	} `json:"evaluationFailedEventDetails"`
	TaskFailed     failure `json:"taskFailedEventDetails"`
	TaskTimedOut   failure `json:"taskTimedOutEventDetails"`
	LambdaFailed   failure `json:"lambdaFunctionFailedEventDetails"`
	LambdaTimedOut failure `json:"lambdaFunctionTimedOutEventDetails"`
}

type failure struct{ Error, Cause *string }

func (e event) output() string {
	return e.TaskSucceeded.Output + e.LambdaSucceeded.Output + e.ActivitySucceeded.Output
}

func (e event) failure() (dataflow.Failure, bool) {
	for _, f := range []failure{e.TaskFailed, e.TaskTimedOut, e.LambdaFailed, e.LambdaTimedOut} {
		if f.Error != nil {
			return dataflow.Failure(f), true
		}
	}
	return dataflow.Failure{}, false
}

// recording is a recorded execution with its state machine.
type recording struct {
	name   string
	states map[string]*asl.State
	events map[int64]event
	order  []event
}

func loadRecordings(t *testing.T) []recording {
	root := os.Getenv("STEPTRACE_RECORDINGS")
	if root == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, "histories", "*.definition.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	recordings := make([]recording, 0, len(files))
	for _, file := range files {
		recordings = append(recordings, loadRecording(t, strings.TrimSuffix(file, ".definition.json")))
	}
	return recordings
}

func loadRecording(t *testing.T, stem string) recording {
	definition, err := os.ReadFile(stem + ".definition.json")
	require.NoError(t, err)
	machine, err := asl.Parse(definition)
	require.NoError(t, err, stem)
	body, err := os.ReadFile(stem + ".history.json")
	require.NoError(t, err)
	var history struct{ Events []event }
	require.NoError(t, json.Unmarshal(body, &history), stem)
	r := recording{
		name: filepath.Base(stem), states: map[string]*asl.State{}, events: map[int64]event{}, order: history.Events,
	}
	collect(machine, r.states)
	for _, e := range history.Events {
		r.events[e.ID] = e
	}
	return r
}

func collect(machine *asl.StateMachine, states map[string]*asl.State) {
	for name, state := range machine.States {
		states[name] = state
		if state.Parallel != nil {
			for _, branch := range state.Parallel.Branches {
				collect(branch, states)
			}
		}
		if state.Map != nil {
			collect(state.Map.ItemProcessor, states)
		}
	}
}

// ancestor is the nearest event before e for which found holds.
func (r recording) ancestor(e event, found func(event) bool) (event, bool) {
	for seen := map[int64]bool{}; !seen[e.ID]; {
		seen[e.ID] = true
		previous, ok := r.events[e.PreviousID]
		if !ok {
			return event{}, false
		}
		if found(previous) {
			return previous, true
		}
		e = previous
	}
	return event{}, false
}

func (r recording) entered(exited event) (event, bool) {
	return r.ancestor(exited, func(e event) bool { return e.Entered.Name == exited.Exited.Name })
}

// variables are those that states before the event have assigned.
func (r recording) variables(t *testing.T, e event) dataflow.Variables {
	variables := dataflow.Variables{}
	r.ancestor(e, func(e event) bool {
		for name, text := range e.Exited.AssignedVariables {
			if _, ok := variables[name]; !ok {
				variables[name] = decode(t, text)
			}
		}
		return false
	})
	return variables
}

func (r recording) scope(t *testing.T, entered event) *dataflow.Scope {
	started := r.order[slices.IndexFunc(r.order, func(e event) bool { return e.Type == "ExecutionStarted" })]
	seconds := time.Unix(0, int64(entered.Timestamp*1e9)).UTC()
	context := jsonvalue.NewObject().
		Set("Execution", jsonvalue.NewObject().
			Set("Input", decode(t, started.Started.Input)).
			Set("RoleArn", started.Started.RoleArn).
			Set("RedriveCount", json.Number("0"))).
		Set("State", jsonvalue.NewObject().
			Set("Name", entered.Entered.Name).
			Set("RetryCount", json.Number("0")).
			Set("EnteredTime", seconds.Format("2006-01-02T15:04:05.000Z")))
	context.Set("Task", jsonvalue.NewObject().Set("Token", "token"))
	return &dataflow.Scope{
		Input:     decode(t, entered.Entered.Input),
		Context:   context,
		Variables: r.variables(t, entered),
		Random:    func() float64 { return 0.5 },
		NewUUID:   func() string { return "generated-uuid" },
	}
}

func decode(t testing.TB, text string) dataflow.Value {
	t.Helper()
	if text == "" {
		return jsonvalue.NewObject()
	}
	v, err := jsonvalue.Decode([]byte(text))
	require.NoError(t, err)
	return v
}

// replay is what package dataflow makes of the state that the event left; ok is false where the history does not say
// what the state's result was.
func (r recording) replay(t *testing.T, exited event) (outcome dataflow.Outcome, ok bool, err error) {
	state := r.states[exited.Exited.Name]
	entered, found := r.entered(exited)
	if !found || entered.Entered.Input == "" {
		return outcome, false, nil
	}
	scope := r.scope(t, entered)
	switch state.Type {
	case asl.PassType, asl.WaitType, asl.SucceedType:
		arguments, err := scope.Arguments(state)
		if err != nil {
			return outcome, true, err
		}
		outcome, err = scope.Complete(state, arguments)
		return outcome, true, err
	case asl.ChoiceType:
		choice, err := scope.Choose(state)
		return choice.Outcome, true, err
	case asl.TaskType:
		return r.replayTask(t, scope, state, exited)
	default:
		return outcome, false, nil
	}
}

func (r recording) replayTask(
	t *testing.T, scope *dataflow.Scope, state *asl.State, exited event,
) (outcome dataflow.Outcome, ok bool, err error) {
	last := r.events[exited.PreviousID]
	if output := last.output(); output != "" {
		outcome, err = scope.Complete(state, decode(t, output))
		return outcome, true, err
	}
	failed, ok := last.failure()
	if !ok {
		return outcome, false, nil
	}
	catcher := slices.IndexFunc(state.Catch, func(c asl.Catcher) bool {
		return slices.ContainsFunc(c.ErrorEquals, func(name string) bool {
			return name == *failed.Error || name == "States.ALL" || name == "States.TaskFailed"
		})
	})
	outcome, err = scope.Caught(state, catcher, failed)
	return outcome, true, err
}

// masked is what the recorder put in anew at every place: ids, trace headers, times, tokens.
var masked = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|Root=1-[^"\\]*|` +
	`\b1[67]\d{11}\b|\d\d:\d\d:\d\d GMT|[A-Z0-9]{52}|\b(token|a_task_token|AQCcAA[A-Za-z0-9+/]*)`)

func mask(text string) string { return masked.ReplaceAllString(text, "9") }

// unrepeatable are the recordings that cannot be repeated from the history alone.
var unrepeatable = map[string]string{
	"base_query_context_object_values": "shows the context object's names",
	"context_object_":                  "shows the context object's names",
	"generic_nested_calls_":            "shows the context object's names",
	"math_operations_math_random_":     "random",
}

func isUnrepeatable(name string) bool {
	for prefix := range unrepeatable {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func TestReplayOutputs(t *testing.T) {
	replayed, exact := 0, 0
	for _, r := range loadRecordings(t) {
		if isUnrepeatable(r.name) {
			continue
		}
		for _, e := range r.order {
			if !strings.HasSuffix(e.Type, "StateExited") || e.Exited.Output == "" {
				continue
			}
			outcome, ok, err := r.replay(t, e)
			if !ok {
				continue
			}
			replayed++
			if err != nil {
				t.Errorf("%s: state %s: %v", r.name, e.Exited.Name, err)
				continue
			}
			got, want := mask(jsonvalue.Text(outcome.Output)), mask(e.Exited.Output)
			if got == want {
				exact++
			}
			if !jsonvalue.Equal(decode(t, got), decode(t, want)) {
				t.Errorf("%s: state %s: output\n got %.900s\nwant %.900s", r.name, e.Exited.Name, got, want)
			} else if got != want {
				t.Logf("%s: state %s: text\n got %.300s\nwant %.300s", r.name, e.Exited.Name, got, want)
			}
			r.checkAssigned(t, e, outcome.Assigned)
		}
	}
	t.Logf("%d outputs, %d of them byte for byte", replayed, exact)
	require.Greater(t, replayed, 480)
}

func TestReplayArguments(t *testing.T) {
	replayed := 0
	for _, r := range loadRecordings(t) {
		for _, e := range r.order {
			want := mask(e.TaskScheduled.Parameters + e.LambdaScheduled.Input)
			if want == "" || isUnrepeatable(r.name) {
				continue
			}
			entered, ok := r.ancestor(e, func(e event) bool { return strings.HasSuffix(e.Type, "StateEntered") })
			require.True(t, ok)
			state := r.states[entered.Entered.Name]
			arguments, err := r.scope(t, entered).Arguments(state)
			if err != nil {
				t.Errorf("%s: state %s: %v", r.name, state.Name, err)
				continue
			}
			replayed++
			got := mask(jsonvalue.Text(arguments))
			if !jsonvalue.Equal(decode(t, got), decode(t, want)) { // Step Functions writes them in another order
				t.Errorf("%s: state %s: arguments\n got %.900s\nwant %.900s", r.name, state.Name, got, want)
			}
		}
	}
	require.Greater(t, replayed, 160)
}

func (r recording) checkAssigned(t *testing.T, e event, assigned dataflow.Variables) {
	for name, want := range e.Exited.AssignedVariables {
		if got, ok := assigned[name]; !ok || !jsonvalue.Equal(decode(t, mask(jsonvalue.Text(got))), decode(t, mask(want))) {
			t.Errorf("%s: state %s: variable %s\n got %.300s\nwant %.300s", r.name, e.Exited.Name, name,
				jsonvalue.Text(assigned[name]), want)
		}
	}
	if len(assigned) != len(e.Exited.AssignedVariables) {
		t.Errorf("%s: state %s: assigned %v, want %v", r.name, e.Exited.Name, assigned, e.Exited.AssignedVariables)
	}
}
