package cloudwatchlogs

import (
	"cmp"
	"slices"
	"strings"
)

type getEventsInput struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	LogStreamName      string `json:"logStreamName"`
	StartTime          *int64 `json:"startTime"`
	EndTime            *int64 `json:"endTime"` // exclusive
	NextToken          string `json:"nextToken"`
	Limit              int    `json:"limit"`
	StartFromHead      bool   `json:"startFromHead"`
}

type gotEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

type getEventsOutput struct {
	Events            []gotEvent `json:"events"`
	NextForwardToken  string     `json:"nextForwardToken"`
	NextBackwardToken string     `json:"nextBackwardToken"`
}

// The prefixes of tokens, as AWS's have them.
const (
	forward  = "f/"
	backward = "b/"
)

// getLogEvents reads one stream forwards or backwards. Where there is nothing more, the token stays the same.
func (s *Service) getLogEvents(in getEventsInput) (any, error) {
	g, err := s.either(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if _, err := g.stream(in.LogStreamName); err != nil {
		return nil, err
	}
	if err := checkLimit(in.Limit); err != nil {
		return nil, err
	}
	events := slices.DeleteFunc(slices.Clone(g.events), func(e event) bool {
		return e.LogStreamName != in.LogStreamName || (in.StartTime != nil && e.Timestamp < *in.StartTime) ||
			(in.EndTime != nil && e.Timestamp >= *in.EndTime)
	})
	events, from, err := in.part(events)
	if err != nil {
		return nil, err
	}
	out := getEventsOutput{Events: []gotEvent{}, NextForwardToken: forward + from, NextBackwardToken: backward + from}
	for _, e := range events {
		out.Events = append(out.Events, gotEvent{e.Timestamp, e.Message, e.IngestionTime})
	}
	if len(events) > 0 {
		out.NextForwardToken = forward + encodeToken(events[len(events)-1].position())
		out.NextBackwardToken = backward + encodeToken(events[0].position())
	}
	return out, nil
}

// part are the events that a request is for, and the position from which it starts.
func (in getEventsInput) part(events []event) (part []event, from string, err error) {
	limit := cmp.Or(in.Limit, maxEvents)
	start := position{}
	isForward := strings.HasPrefix(in.NextToken, forward)
	switch {
	case in.NextToken == "":
		isForward = in.StartFromHead
		if !isForward && len(events) > 0 {
			start = events[len(events)-1].position()
			start.Sequence++
		}
	case !isForward && !strings.HasPrefix(in.NextToken, backward):
		return nil, "", noSuchToken()
	default:
		if err := decodeToken(in.NextToken[len(forward):], &start); err != nil {
			return nil, "", err
		}
	}
	at, exact := (&group{events: events}).after(start)
	if isForward {
		return events[at:min(len(events), at+limit)], encodeToken(start), nil
	}
	if exact {
		at--
	}
	return events[max(0, at-limit):at], encodeToken(start), nil
}

func checkLimit(limit int) error {
	if limit < 0 || limit > maxEvents {
		return invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: "+
			"Member must have value less than or equal to %d", limit, maxEvents)
	}
	return nil
}
