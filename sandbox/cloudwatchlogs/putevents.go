package cloudwatchlogs

import (
	"slices"
	"strconv"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Bounds of PutLogEvents.
// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const (
	maxEvents     = 10000
	maxBatchBytes = 1 << 20
	overhead      = 26 // bytes that each event counts for besides its message
	tooOld        = 14 * 24 * time.Hour
	tooNew        = 2 * time.Hour
)

type putEventsInput struct {
	streamInput
	LogEvents []struct {
		Timestamp int64  `json:"timestamp"`
		Message   string `json:"message"`
	} `json:"logEvents"`
}

type rejectedEvents struct {
	TooNewLogEventStartIndex *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldLogEventEndIndex   *int `json:"tooOldLogEventEndIndex,omitempty"`
}

type putEventsOutput struct {
	NextSequenceToken     string          `json:"nextSequenceToken"`
	RejectedLogEventsInfo *rejectedEvents `json:"rejectedLogEventsInfo,omitempty"`
}

func (s *Service) putLogEvents(in putEventsInput) (any, error) {
	g, err := s.find(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	to, err := g.stream(in.LogStreamName)
	if err != nil {
		return nil, err
	}
	lines, err := in.lines()
	if err != nil {
		return nil, err
	}
	out := putEventsOutput{}
	lines, out.RejectedLogEventsInfo = s.acceptable(lines)
	s.put(g, to, lines)
	out.NextSequenceToken = strconv.FormatUint(s.sequence, 10)
	return out, nil
}

func (in putEventsInput) lines() ([]Line, error) {
	if len(in.LogEvents) == 0 || len(in.LogEvents) > maxEvents {
		return nil, invalid("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: "+
			"Member must have length between 1 and %d", maxEvents)
	}
	lines, bytes := make([]Line, len(in.LogEvents)), 0
	for n, e := range in.LogEvents {
		if e.Message == "" {
			return nil, invalid("1 validation error detected: Value at 'logEvents.%d.member.message' failed to satisfy "+
				"constraint: Member must have length greater than or equal to 1", n+1)
		}
		lines[n] = Line(e)
		bytes += len(e.Message) + overhead
	}
	switch {
	case bytes > maxBatchBytes:
		return nil, invalid("Upload too large: %d bytes exceeds limit of %d", bytes, maxBatchBytes)
	case !slices.IsSortedFunc(lines, func(a, b Line) int { return int(a.Timestamp - b.Timestamp) }):
		return nil, invalid("Log events in a single PutLogEvents request must be in chronological order.")
	}
	return lines, nil
}

// acceptable are the lines that are neither too old nor too new, and which are not.
func (s *Service) acceptable(lines []Line) ([]Line, *rejectedEvents) {
	now := s.config.Clock.Now()
	first, end := now.Add(-tooOld).UnixMilli(), now.Add(tooNew).UnixMilli()
	from, to := 0, len(lines)
	for from < len(lines) && lines[from].Timestamp < first {
		from++
	}
	for to > from && lines[to-1].Timestamp > end {
		to--
	}
	if from == 0 && to == len(lines) {
		return lines, nil
	}
	rejected := &rejectedEvents{}
	if from > 0 {
		rejected.TooOldLogEventEndIndex = &from
	}
	if to < len(lines) {
		rejected.TooNewLogEventStartIndex = &to
	}
	return lines[from:to], rejected
}

// noSuchToken is the error about a token of another query.
func noSuchToken() *awswire.Error { return invalid("The specified nextToken is invalid.") }
