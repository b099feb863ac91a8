package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// recorded is a history as GetExecutionHistory sends it: one body a page, of at most 1,000 events.
type recorded struct {
	pages  [][]byte
	events int
}

const perPage = 1000

// writer makes up a history.
type writer struct{ events []map[string]any }

// add appends an event and returns its id.
func (w *writer) add(previous int, kind, detailsName string, details map[string]any) int {
	id := len(w.events) + 1
	event := map[string]any{
		"id": id, "previousEventId": previous, "type": kind, "timestamp": 1.7e9 + float64(id)/1000,
	}
	if details != nil {
		event[detailsName] = details
	}
	w.events = append(w.events, event)
	return id
}

func (w *writer) recorded() (recorded, error) {
	h := recorded{events: len(w.events)}
	for from := 0; from < len(w.events); from += perPage {
		to := min(from+perPage, len(w.events))
		body, err := json.Marshal(map[string]any{"events": w.events[from:to]})
		if err != nil {
			return recorded{}, fmt.Errorf("write the benchmark's history: %w", err)
		}
		h.pages = append(h.pages, body)
	}
	return h, nil
}

var (
	payload     = `{"key":"` + strings.Repeat("x", 200) + `"}`
	notCut      = map[string]any{"truncated": false}
	workEntered = map[string]any{"name": "Work", "input": payload, "inputDetails": notCut}
	workExited  = map[string]any{"name": "Work", "output": "{}", "outputDetails": notCut}
	scheduled   = map[string]any{
		"resource": "arn:aws:lambda:eu-west-1:123456789012:function:work", "input": payload, "inputDetails": notCut,
	}
	succeeded = map[string]any{"output": "{}", "outputDetails": notCut}
)

// mapHistory is that of a Map whose concurrent iterations call a Lambda function each.
func mapHistory(iterations int) (recorded, error) {
	var w writer
	w.add(0, "ExecutionStarted", "executionStartedEventDetails", map[string]any{"input": payload, "inputDetails": notCut})
	entered := w.add(0, "MapStateEntered", "stateEnteredEventDetails",
		map[string]any{"name": "Each", "input": payload, "inputDetails": notCut})
	started := w.add(entered, "MapStateStarted", "mapStateStartedEventDetails", map[string]any{"length": iterations})
	previous := make([]int, iterations)
	for i := range previous {
		details := map[string]any{"name": "Each", "index": i}
		previous[i] = w.add(started, "MapIterationStarted", "mapIterationStartedEventDetails", details)
	}
	for _, step := range []struct {
		kind, detailsName string
		details           map[string]any
	}{
		{"TaskStateEntered", "stateEnteredEventDetails", workEntered},
		{"LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails", scheduled},
		{"LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails", succeeded},
		{"TaskStateExited", "stateExitedEventDetails", workExited},
	} {
		for i := range previous {
			previous[i] = w.add(previous[i], step.kind, step.detailsName, step.details)
		}
	}
	for i := range previous {
		details := map[string]any{"name": "Each", "index": i}
		w.add(previous[i], "MapIterationSucceeded", "mapIterationSucceededEventDetails", details)
	}
	return w.recorded()
}

// smallHistory is that of three tasks, one after another: 17 events.
func smallHistory() (recorded, error) {
	var w writer
	w.add(0, "ExecutionStarted", "executionStartedEventDetails", map[string]any{"input": payload, "inputDetails": notCut})
	last := 0
	for range 3 {
		last = w.add(last, "TaskStateEntered", "stateEnteredEventDetails", workEntered)
		last = w.add(last, "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails", scheduled)
		last = w.add(last, "LambdaFunctionStarted", "", nil)
		last = w.add(last, "LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails", succeeded)
		last = w.add(last, "TaskStateExited", "stateExitedEventDetails", workExited)
	}
	w.add(last, "ExecutionSucceeded", "executionSucceededEventDetails", succeeded)
	return w.recorded()
}
