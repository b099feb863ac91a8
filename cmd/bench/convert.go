package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
)

const (
	largeIterations = 4_166 // 25,000 events, the most a history holds
	smallIterations = 166   // 1,000 events, one page
	convertRounds   = 9
)

// convertFigures compares the cost of an event in the largest history with that in a single page: 1 is linear.
func convertFigures(context.Context) ([]figure, error) {
	large, err := mapHistory(largeIterations)
	if err != nil {
		return nil, err
	}
	small, err := mapHistory(smallIterations)
	if err != nil {
		return nil, err
	}
	var largeCost, smallCost []float64
	for range convertRounds {
		largeCost = append(largeCost, nanosecondsPerEvent(large, 1))
		smallCost = append(smallCost, nanosecondsPerEvent(small, len(large)/len(small)))
	}
	return []figure{{"agent.convert_25k_history", median(largeCost), median(smallCost), "ns/event"}}, nil
}

func nanosecondsPerEvent(events []history.Event, times int) float64 {
	start := time.Now()
	for range times {
		convert.New(convert.Execution{ARN: "arn:aws:states:eu-west-1:123456789012:execution:bench:1"}, nil).Feed(events...)
	}
	return float64(time.Since(start).Nanoseconds()) / float64(times*len(events))
}

// mapHistory is a GetExecutionHistory body of a Map whose concurrent iterations call a Lambda function each.
func mapHistory(iterations int) ([]history.Event, error) {
	input := `{"key":"` + strings.Repeat("x", 200) + `"}`
	var events []map[string]any
	add := func(previous int, kind, detailsName string, details map[string]any) int {
		id := len(events) + 1
		event := map[string]any{
			"id": id, "previousEventId": previous, "type": kind, "timestamp": 1.7e9 + float64(id)/1000,
		}
		if details != nil {
			event[detailsName] = details
		}
		events = append(events, event)
		return id
	}
	add(0, "ExecutionStarted", "executionStartedEventDetails", map[string]any{"input": input})
	entered := add(0, "MapStateEntered", "stateEnteredEventDetails", map[string]any{"name": "Each", "input": input})
	started := add(entered, "MapStateStarted", "mapStateStartedEventDetails", map[string]any{"length": iterations})
	steps := []struct {
		kind, detailsName string
		details           map[string]any
	}{
		{"TaskStateEntered", "stateEnteredEventDetails", map[string]any{"name": "Work", "input": input}},
		{"LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails", map[string]any{
			"resource": "arn:aws:lambda:eu-west-1:123456789012:function:work", "input": input,
		}},
		{"LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails", map[string]any{"output": "{}"}},
		{"TaskStateExited", "stateExitedEventDetails", map[string]any{"name": "Work", "output": "{}"}},
	}
	previous := make([]int, iterations)
	for i := range previous {
		details := map[string]any{"name": "Each", "index": i}
		previous[i] = add(started, "MapIterationStarted", "mapIterationStartedEventDetails", details)
	}
	for _, step := range steps {
		for i := range previous {
			previous[i] = add(previous[i], step.kind, step.detailsName, step.details)
		}
	}
	for i := range previous {
		details := map[string]any{"name": "Each", "index": i}
		add(previous[i], "MapIterationSucceeded", "mapIterationSucceededEventDetails", details)
	}
	body, err := json.Marshal(map[string]any{"events": events})
	if err != nil {
		return nil, fmt.Errorf("write the benchmark's history: %w", err)
	}
	return history.Decode("benchmark", body)
}
