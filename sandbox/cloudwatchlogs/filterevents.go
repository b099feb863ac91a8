package cloudwatchlogs

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

type filterEventsInput struct {
	filterQuery
	NextToken string `json:"nextToken"`
	Limit     int    `json:"limit"`
}

// filterQuery is what a FilterLogEvents asks for, on whichever page.
type filterQuery struct {
	LogGroupName       string   `json:"logGroupName"`
	LogGroupIdentifier string   `json:"logGroupIdentifier"`
	StreamNames        []string `json:"logStreamNames"`
	StreamPrefix       string   `json:"logStreamNamePrefix"`
	StartTime          *int64   `json:"startTime"`
	EndTime            *int64   `json:"endTime"` // inclusive
	Pattern            string   `json:"filterPattern"`
}

type filterEventsOutput struct {
	Events             []event    `json:"events"`
	SearchedLogStreams []struct{} `json:"searchedLogStreams"` // deprecated, always empty
	NextToken          string     `json:"nextToken,omitempty"`
}

// filterToken is where the next page begins.
type filterToken struct {
	Query string // a digest: a token is good for its own query only
	Last  position
}

// maxPageBytes is how much one page holds.
const maxPageBytes = 1 << 20

// filterLogEvents looks at a bounded number of events, so a page can be empty though more follow.
func (s *Service) filterLogEvents(in filterEventsInput) (any, error) {
	g, err := s.either(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if err := checkLimit(in.Limit); err != nil {
		return nil, err
	}
	matches, err := in.matcher(g)
	if err != nil {
		return nil, err
	}
	at, err := in.start(g)
	if err != nil {
		return nil, err
	}
	out := filterEventsOutput{Events: []event{}, SearchedLogStreams: []struct{}{}}
	limit, bytes, scanned := cmp.Or(in.Limit, maxEvents), 0, 0
	for ; at < len(g.events) && !in.past(g.events[at]); at++ {
		e := g.events[at]
		if len(out.Events) == limit || scanned == s.config.ScanLimit || bytes >= maxPageBytes {
			out.NextToken = encodeToken(filterToken{in.digest(), g.events[at-1].position()})
			break
		}
		scanned++
		if matches(e) {
			out.Events = append(out.Events, e)
			bytes += len(e.Message) + overhead
		}
	}
	return out, nil
}

func (q filterQuery) past(e event) bool { return q.EndTime != nil && e.Timestamp > *q.EndTime }

func (q filterQuery) digest() string {
	text, _ := json.Marshal(q) // strings and numbers always marshal
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// start is the index of the first event to look at.
func (in filterEventsInput) start(g *group) (int, error) {
	if in.NextToken == "" {
		if in.StartTime == nil {
			return 0, nil
		}
		at, _ := g.after(position{Timestamp: *in.StartTime})
		return at, nil
	}
	var token filterToken
	if err := decodeToken(in.NextToken, &token); err != nil {
		return 0, err
	}
	if token.Query != in.digest() {
		return 0, noSuchToken()
	}
	at, _ := g.after(token.Last)
	return at, nil
}

// matcher tells the events that are asked for, apart from their time.
func (q filterQuery) matcher(g *group) (func(event) bool, error) {
	pattern, err := parsePattern(q.Pattern)
	if err != nil {
		return nil, err
	}
	if len(q.StreamNames) > 0 && q.StreamPrefix != "" {
		return nil, invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
	}
	for _, name := range q.StreamNames {
		if _, err := g.stream(name); err != nil {
			return nil, err
		}
	}
	return func(e event) bool {
		return strings.HasPrefix(e.LogStreamName, q.StreamPrefix) &&
			(len(q.StreamNames) == 0 || slices.Contains(q.StreamNames, e.LogStreamName)) && pattern(e.Message)
	}, nil
}
