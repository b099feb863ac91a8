package stepfunctions

import (
	"context"
	"slices"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

type getExecutionHistoryInput struct {
	paging
	ExecutionARN         string `json:"executionArn"`
	ReverseOrder         bool   `json:"reverseOrder"`
	IncludeExecutionData *bool  `json:"includeExecutionData"` // default true
}

type getExecutionHistoryOutput struct {
	Events    []interpreter.Event `json:"events"`
	NextToken string              `json:"nextToken,omitempty"`
}

func (s *Service) getExecutionHistory(
	_ context.Context, in getExecutionHistoryInput,
) (getExecutionHistoryOutput, error) {
	x, err := s.execution(in.ExecutionARN)
	if err != nil {
		return getExecutionHistoryOutput{}, err
	}
	withData := in.IncludeExecutionData == nil || *in.IncludeExecutionData
	events, next, err := page(in.paging, []any{in.ExecutionARN, in.ReverseOrder, withData},
		ordered(x.History.Events(), in.ReverseOrder), func(e interpreter.Event) int64 { return position(e, in.ReverseOrder) })
	out := getExecutionHistoryOutput{Events: []interpreter.Event{}, NextToken: next}
	for _, e := range events {
		if !withData {
			e = e.WithoutData()
		}
		out.Events = append(out.Events, e)
	}
	return out, err
}

func ordered(events []interpreter.Event, reverse bool) []interpreter.Event {
	if !reverse {
		return events
	}
	reversed := slices.Clone(events)
	slices.Reverse(reversed)
	return reversed
}

func position(e interpreter.Event, reverse bool) int64 {
	if reverse {
		return -e.ID
	}
	return e.ID
}
