package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// machines draws state machines whose Parallel and Map states nest, fail, retry and catch.
type machines struct {
	states int
	lucky  bool // nothing fails but functions, and nothing retries
}

func (m *machines) draw(t *rapid.T, depth int) map[string]any {
	states := map[string]any{}
	first, length := "", rapid.IntRange(1, 3).Draw(t, "length")
	var last map[string]any
	for range length {
		name := fmt.Sprintf("S%d", m.states)
		m.states++
		state := m.state(t, depth)
		states[name] = state
		if last == nil {
			first = name
		} else {
			last["Next"] = name
		}
		if state["Type"] == "Fail" {
			return map[string]any{"StartAt": first, "States": states}
		}
		last = state
	}
	last["End"] = true
	return map[string]any{"StartAt": first, "States": states}
}

func (m *machines) state(t *rapid.T, depth int) map[string]any {
	kinds := []string{"Pass", "Wait", "good", "bad", "Fail", "Parallel", "Map"}
	if depth == 0 {
		kinds = kinds[:5]
	}
	if m.lucky {
		kinds = slices.DeleteFunc(kinds, func(kind string) bool { return kind == "Fail" })
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "Wait":
		return map[string]any{"Type": kind, "Seconds": rapid.IntRange(0, 3).Draw(t, "seconds")}
	case "good", "bad":
		return m.guarded(t, map[string]any{
			"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:" + kind, "ResultPath": nil,
		})
	case "Parallel":
		var branches []any
		for range rapid.IntRange(1, 3).Draw(t, "branches") {
			branches = append(branches, m.draw(t, depth-1))
		}
		return m.guarded(t, map[string]any{"Type": kind, "Branches": branches, "ResultPath": nil})
	case "Map":
		return m.guarded(t, map[string]any{
			"Type": kind, "ItemsPath": "$.items", "ItemSelector": map[string]any{"items": []int{1, 2}},
			"MaxConcurrency": rapid.IntRange(0, 2).Draw(t, "concurrency"), "ItemProcessor": m.draw(t, depth-1), "ResultPath": nil,
		})
	default:
		return map[string]any{"Type": kind}
	}
}

// guarded gives a state a retrier, or a catcher that goes on.
func (m *machines) guarded(t *rapid.T, state map[string]any) map[string]any {
	if !m.lucky && rapid.Bool().Draw(t, "retry") {
		state["Retry"] = []any{map[string]any{"ErrorEquals": []string{"States.ALL"}, "MaxAttempts": 1}}
	}
	return state
}

// Whatever runs, fails, retries and is aborted at once: the history is sound.
func TestHistoriesOfAnyMachineAreSound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		definition, err := json.Marshal(new(machines).draw(rt, 2))
		require.NoError(rt, err)
		events := runToTheEnd(t, rt, string(definition))
		checkHistory(t, events)
		checkRegions(rt, events)
		checkIterations(rt, events)
	})
}

func runToTheEnd(t *testing.T, rt *rapid.T, definition string) []interpreter.Event {
	bad := func() error { return awswire.Errorf("ServiceException", "bad") }
	return runMachine(t, rt, definition, bad, func(ctx context.Context, _ *Service, x *execution) {
		select {
		case <-x.History.Ended():
		case <-ctx.Done():
			rt.Errorf("the execution of %s has not ended", definition)
		}
	})
}

// runMachine runs a machine, whose bad functions do as bad does, for as long as until takes.
func runMachine(
	t *testing.T, rt *rapid.T, definition string, bad func() error, until func(context.Context, *Service, *execution),
) []interpreter.Event {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	clock := quartz.NewMock(t).WithLogger(quartz.NoOpLogger)
	s := New(Config{Clock: clock, InvokeLambda: func(_ context.Context, arn string, _ []byte, _ string, _ bool) (LambdaResult, error) {
		if strings.HasSuffix(arn, ":bad") {
			if err := bad(); err != nil {
				return LambdaResult{}, err
			}
		}
		return LambdaResult{Payload: []byte(`{}`)}, nil
	}})
	machine, valid := create(s, definition)
	require.True(rt, valid, definition)
	input := `{"items":[1,2,3]}`
	trap := clock.Trap().NewTimer()
	started, err := s.StartExecution(ctx, StartExecutionInput{StateMachineARN: machine, Input: &input})
	require.NoError(rt, err)
	x, err := s.execution(started.ExecutionARN)
	require.NoError(rt, err)
	driving, park := context.WithCancel(ctx)
	driven := make(chan struct{})
	go func() {
		defer close(driven)
		for (recording{}).drive(driving, ctx, t, clock, trap, x) {
		}
	}()
	until(ctx, s, x)
	park()
	<-driven
	trap.Close()
	require.NoError(rt, s.Close(ctx))
	return x.History.Events()
}

// checkRegions tells whether nothing comes from within a Parallel or Map state that has ended, but its own end and its
// next attempt.
func checkRegions(t *rapid.T, events []interpreter.Event) {
	region := make([]int64, len(events)+1) // the *StateStarted event within which an event is
	outer := make([]int64, len(events)+1)  // the one around a *StateStarted event
	over := map[int64]bool{}
	for _, e := range events {
		within := region[e.PreviousID]
		switch e.Type {
		case "ParallelStateStarted", "MapStateStarted":
			if within != 0 && events[e.PreviousID-1].Type != strings.TrimSuffix(e.Type, "Started")+"Entered" {
				over[within] = true // a retry: the failed attempt is over
				within = outer[within]
			}
			require.False(t, over[within], "%+v", e)
			outer[e.ID], region[e.ID] = within, e.ID
			continue
		case "ParallelStateSucceeded", "MapStateSucceeded", "ParallelStateFailed", "MapStateFailed":
			over[within] = true
			within = outer[within]
		case "ParallelStateExited", "MapStateExited":
			if over[within] {
				within = outer[within]
			}
		case "ExecutionFailed", "ExecutionSucceeded":
			continue
		}
		require.False(t, over[within], "%+v comes from within what has ended", e)
		region[e.ID] = within
	}
}

// checkIterations tells whether every iteration that was started ended once.
func checkIterations(t *rapid.T, events []interpreter.Event) {
	started, ended := 0, 0
	for _, e := range events {
		switch e.Type {
		case "MapIterationStarted":
			started++
		case "MapIterationSucceeded", "MapIterationFailed", "MapIterationAborted":
			ended++
		}
	}
	require.Equal(t, started, ended)
}
