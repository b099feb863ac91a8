package cloudwatchlogs

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// stream is a log stream; its events are with its group's.
type stream struct {
	name        string
	created     int64
	first, last int64 // times of its events; 0 without any
	ingested    int64
}

// add notes an event.
func (s *stream) add(e event) {
	if s.first == 0 || e.Timestamp < s.first {
		s.first = e.Timestamp
	}
	s.last, s.ingested = max(s.last, e.Timestamp), e.IngestionTime
}

type streamInput struct {
	LogGroupName  string `json:"logGroupName"`
	LogStreamName string `json:"logStreamName"`
}

func (s *Service) createLogStream(in streamInput) (any, error) {
	g, err := s.find(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if in.LogStreamName == "" || len(in.LogStreamName) > 512 || strings.ContainsAny(in.LogStreamName, ":*") {
		return nil, invalid("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", in.LogStreamName)
	}
	if _, ok := g.streams[in.LogStreamName]; ok {
		return nil, awswire.Errorf("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	g.streams[in.LogStreamName] = &stream{name: in.LogStreamName, created: s.now()}
	return empty{}, nil
}

func (g *group) stream(name string) (*stream, error) {
	found, ok := g.streams[name]
	if !ok {
		return nil, awswire.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
	}
	return found, nil
}

type describeStreamsInput struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	Prefix             string `json:"logStreamNamePrefix"`
	OrderBy            string `json:"orderBy"`
	Descending         bool   `json:"descending"`
	page
}

type streamDescription struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	UploadSequenceToken string `json:"uploadSequenceToken"`
	ARN                 string `json:"arn"`
	StoredBytes         int    `json:"storedBytes"`
}

func (s *Service) describeLogStreams(in describeStreamsInput) (any, error) {
	g, err := s.either(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	names, err := g.ordered(in)
	if err != nil {
		return nil, err
	}
	names, next, err := in.cut(names)
	out := struct {
		LogStreams []streamDescription `json:"logStreams"`
		NextToken  string              `json:"nextToken,omitempty"`
	}{[]streamDescription{}, next}
	for _, name := range names {
		found := g.streams[name]
		out.LogStreams = append(out.LogStreams, streamDescription{
			LogStreamName: name, CreationTime: found.created, FirstEventTimestamp: found.first,
			LastEventTimestamp: found.last, LastIngestionTime: found.ingested,
			UploadSequenceToken: strconv.FormatInt(found.ingested, 10),
			ARN:                 s.groupARN(g.name) + ":log-stream:" + name,
		})
	}
	return out, err
}

// ordered are the names of the streams that a request is about, in the order that it wants.
func (g *group) ordered(in describeStreamsInput) ([]string, error) {
	names := slices.Sorted(maps.Keys(g.streams))
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, in.Prefix) })
	switch {
	case in.OrderBy == "LastEventTime" && in.Prefix != "":
		return nil, invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	case in.OrderBy == "LastEventTime":
		slices.SortStableFunc(names, func(a, b string) int { return int(g.streams[a].last - g.streams[b].last) })
	}
	if in.Descending {
		slices.Reverse(names)
	}
	return names, nil
}
