package stepfunctions

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// minCompared is how many recorded executions must have run here and given the recorded history.
const minCompared = 380

// recording is an execution that was recorded from AWS.
type recording struct {
	name               string
	machine, execution string // their names then
	definition         string
	events             []map[string]any
}

func readRecordings(t *testing.T) []recording {
	root := os.Getenv("STEPTRACE_RECORDINGS")
	if root == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, "histories", "*.definition.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "there is no definition in %s/histories", root)
	all := make([]recording, 0, len(files))
	for _, file := range files {
		all = append(all, readRecording(t, file))
	}
	return all
}

func readRecording(t *testing.T, definitionFile string) recording {
	definition, err := os.ReadFile(definitionFile)
	require.NoError(t, err)
	base := strings.TrimSuffix(definitionFile, ".definition.json")
	var history struct {
		Events []map[string]any `json:"events"`
	}
	readJSON(t, base+".history.json", &history)
	slices.SortFunc(history.Events, func(a, b map[string]any) int { return int(eventNumber(a, "id") - eventNumber(b, "id")) })
	var meta struct {
		StateMachineARN string `json:"stateMachineArn"`
		Name            string `json:"name"`
	}
	readJSON(t, base+".meta.json", &meta)
	r := recording{
		name: filepath.Base(base), definition: string(definition), events: history.Events,
		machine: meta.StateMachineARN[strings.LastIndex(meta.StateMachineARN, ":")+1:], execution: meta.Name,
	}
	r.restore(replaced[r.name])
	return r
}

func readJSON(t *testing.T, file string, value any) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, value), file)
}

func eventNumber(event map[string]any, member string) int64 { return int64(event[member].(float64)) }

// details are an event's details, whatever they are called.
func details(event map[string]any) map[string]any {
	for name, value := range event {
		if object, ok := value.(map[string]any); ok && strings.HasSuffix(name, "EventDetails") {
			return object
		}
	}
	return nil
}

func (r recording) has(eventType string) bool {
	return slices.ContainsFunc(r.events, func(e map[string]any) bool { return e["type"] == eventType })
}

// TestRecordings runs what was recorded from AWS and compares the histories. Lambda and the services answer what they
// answered then.
func TestRecordings(t *testing.T) {
	compared, skipped := 0, map[string]int{}
	for _, r := range readRecordings(t) {
		machine, err := asl.Parse([]byte(r.definition))
		require.NoError(t, err, r.name)
		if reason := unsupportedPart(machine); reason != "" {
			skipped[reason]++
			continue
		}
		if reason, ok := chance[r.name]; ok {
			skipped[reason]++
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			difference := compareHistories(currentLinks(r.events), r.replay(t))
			if reason, known := knownDifferences[r.name]; known {
				require.NotEmpty(t, difference, "is no longer different: take it off the list (%s)", reason)
				t.Skip(reason)
			}
			require.Empty(t, difference)
			compared++
		})
	}
	t.Logf("%d recorded executions give the recorded history; %d differ for known reasons", compared, len(knownDifferences))
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		t.Logf("%d skipped: %s", skipped[reason], reason)
	}
	require.GreaterOrEqual(t, compared, minCompared)
}

// unsupportedPart is a part of the machine that the sandbox does not have; empty when it has all.
func unsupportedPart(machine *asl.StateMachine) string {
	for _, name := range slices.Sorted(maps.Keys(machine.States)) {
		if part := unsupportedState(machine.States[name]); part != "" {
			return part
		}
	}
	return ""
}

func unsupportedState(state *asl.State) string {
	switch state.Type {
	case asl.TaskType:
		return unsupportedResource(state.Task.Resource)
	case asl.ParallelType:
		for _, branch := range state.Parallel.Branches {
			if part := unsupportedPart(branch); part != "" {
				return part
			}
		}
	case asl.MapType:
		return unsupportedPart(state.Map.ItemProcessor)
	default:
	}
	return ""
}

func unsupportedResource(resource string) string {
	for _, supported := range []string{
		"arn:aws:lambda:", "arn:aws:states:::lambda:invoke", "arn:aws:states:::dynamodb:",
		"arn:aws:states:::aws-sdk:dynamodb:", "arn:aws:states:::aws-sdk:s3:", "arn:aws:states:::aws-sdk:rekognition:",
		"arn:aws:states:::states:startExecution", "arn:aws:states:::aws-sdk:sfn:", "arn:aws:states:::sqs:sendMessage",
		"arn:aws:states:::events:putEvents", "arn:aws:states:us-east-1:111111111111:activity:",
	} {
		if strings.HasPrefix(resource, supported) {
			return ""
		}
	}
	service, _, _ := strings.Cut(strings.TrimPrefix(resource, "arn:aws:states:::"), ":")
	if strings.HasPrefix(resource, "arn:aws:states:::aws-sdk:") {
		service = strings.Join(strings.Split(resource, ":")[6:8], ":")
	}
	return "resource of " + service
}

// replay runs the recorded definition on the recorded input, at the recorded time, and returns the history.
func (r recording) replay(t *testing.T) []map[string]any {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	clock := quartz.NewMock(t).WithLogger(quartz.NoOpLogger)
	clock.Set(time.UnixMilli(int64(r.events[0]["timestamp"].(float64) * 1000)))
	script := newScript(t, r)
	script.object = recordedObjects[r.name]
	s := New(Config{
		Region: "us-east-1", AccountID: "111111111111", Clock: clock,
		InvokeLambda: script.invoke, EndpointURL: func() string { return script.url }, HTTPClient: script.client,
	})
	script.around(ctx, t, r, s)
	trap := clock.Trap().NewTimer()
	x := r.start(ctx, t, s)
	driving, park := context.WithCancel(ctx)
	driven := make(chan struct{})
	go func() {
		defer close(driven)
		for r.drive(driving, ctx, t, clock, trap, x) {
		}
	}()
	worked := r.work(ctx, t, s, x, func() { advanceNext(ctx, t, clock) })
	select {
	case <-x.History.Ended():
	case <-ctx.Done():
		t.Errorf("the execution has not ended; its history: %v", asRecorded(t, x.History.Events()))
	}
	<-worked
	park()
	<-driven
	trap.Close()
	require.NoError(t, s.Close(ctx))
	return asRecorded(t, x.History.Events())
}

// restore puts back into inputs and outputs what the recorder had replaced.
func (r recording) restore(values map[string]string) {
	for _, e := range r.events {
		for _, member := range []string{"input", "output"} {
			text, _ := details(e)[member].(string)
			for placeholder, value := range values {
				if strings.Contains(text, placeholder) {
					details(e)[member] = strings.ReplaceAll(text, placeholder, value)
				}
			}
		}
	}
}

// start creates and starts what was recorded, with the recorded names.
func (r recording) start(ctx context.Context, t *testing.T, s *Service) *execution {
	started := details(r.events[0])
	name := r.machine
	if _, ok := s.machines[s.machineARN(name)]; ok { // the recorder gave all state machines the same name
		name += "-parent"
	}
	created, err := s.createStateMachine(ctx, createStateMachineInput{
		Name: name, Definition: r.definition, RoleARN: started["roleArn"].(string),
	})
	require.NoError(t, err)
	input := started["input"].(string)
	out, err := s.StartExecution(ctx, StartExecutionInput{
		StateMachineARN: created.StateMachineARN, Name: r.execution, Input: &input,
	})
	require.NoError(t, err)
	x, err := s.execution(out.ExecutionARN)
	require.NoError(t, err)
	return x
}

// drive waits for a timer and moves the clock past it, if it is a wait or a retry delay; past a timeout only where one
// was recorded. It stops the execution where that was recorded. It answers false when driving is done.
func (r recording) drive(
	driving, ctx context.Context, t *testing.T, clock *quartz.Mock, trap *quartz.Trap, x *execution,
) bool {
	call, err := trap.Wait(driving)
	if err != nil {
		return false
	}
	call.MustRelease(ctx)
	timesOut := r.has("LambdaFunctionTimedOut") || r.has("ActivityTimedOut") ||
		(r.has("TaskTimedOut") && !r.has("TaskSubmitted")) // else the worker waits for what has been submitted
	switch tag := call.Tags[0]; {
	case r.has("ExecutionAborted"):
		x.abort(interpreter.Failure{})
	case tag == interpreter.PollTimer || tag == interpreter.HeartbeatTimer:
	case timesOut || tag != interpreter.TimeoutTimer:
		advanceNext(ctx, t, clock)
	}
	return true
}

// advanceNext moves the clock to the next timer. It may be stopped meanwhile (so not AdvanceNext, which insists on
// one); none can be added, as all are trapped.
func advanceNext(ctx context.Context, t *testing.T, clock *quartz.Mock) {
	d, pending := clock.Peek()
	if !pending {
		return
	}
	if err := clock.Advance(d).Wait(ctx); err != nil {
		t.Errorf("move the clock: %v", err)
	}
}

// asRecorded is a history as the API returns it.
func asRecorded(t *testing.T, events []interpreter.Event) []map[string]any {
	text, err := json.Marshal(events)
	require.NoError(t, err)
	var out []map[string]any
	require.NoError(t, json.Unmarshal(text, &out))
	return out
}
