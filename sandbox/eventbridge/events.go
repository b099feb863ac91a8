package eventbridge

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

type putEventsInput struct {
	Entries []entry
}

type entry struct {
	Time         *float64 // seconds since 1970
	Source       string
	Resources    []string
	DetailType   string
	Detail       string
	EventBusName string
}

type entryResult struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

// maxEntry is EventBridge's bound on an entry, in bytes.
const maxEntry = 1 << 20

func (s *Service) putEvents(ctx context.Context, in putEventsInput) (any, error) {
	if len(in.Entries) == 0 || len(in.Entries) > 10 {
		return nil, awswire.Errorf("ValidationException", "1 validation error detected: Value at 'entries' failed to "+
			"satisfy constraint: Member must have length between 1 and 10")
	}
	out := struct {
		FailedEntryCount int
		Entries          []entryResult
	}{}
	for _, entry := range in.Entries {
		result := s.putEvent(ctx, entry)
		if result.ErrorCode != "" {
			out.FailedEntryCount++
		}
		out.Entries = append(out.Entries, result)
	}
	return out, nil
}

func (s *Service) putEvent(ctx context.Context, in entry) entryResult {
	if err := s.checkBus(in.EventBusName); err != nil {
		return failed(err)
	}
	if err := in.check(); err != nil {
		return failed(err)
	}
	event := Event{
		ID: uuid.NewString(), DetailType: in.DetailType, Source: in.Source, Resources: in.Resources,
		Detail: json.RawMessage(in.Detail),
	}
	if in.Time != nil {
		event.Time = FormatTime(time.UnixMilli(int64(*in.Time * 1000)))
	}
	s.Publish(ctx, event)
	return entryResult{EventID: event.ID}
}

func failed(err error) entryResult {
	e := awswire.AsError(err)
	return entryResult{ErrorCode: e.Code, ErrorMessage: e.Message}
}

func (e entry) check() error {
	required := []struct{ name, value string }{
		{"Source", e.Source}, {"DetailType", e.DetailType}, {"Detail", e.Detail},
	}
	for _, member := range required {
		if member.value == "" {
			return awswire.Errorf("InvalidArgument", "Parameter %s is not valid. Reason: %s is a required argument.",
				member.name, member.name)
		}
	}
	if len(e.Source)+len(e.DetailType)+len(e.Detail) > maxEntry {
		return awswire.Errorf("ValidationException", "Total size of the entries in the request is over the limit.")
	}
	var detail map[string]json.RawMessage
	if err := json.Unmarshal([]byte(e.Detail), &detail); err != nil || detail == nil {
		return awswire.Errorf("MalformedDetail", "Detail is malformed.")
	}
	return nil
}

type testPatternInput struct {
	EventPattern string
	Event        string
}

func (s *Service) testPattern(_ context.Context, in testPatternInput) (any, error) {
	pattern, err := ParsePattern(in.EventPattern)
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(in.Event)) {
		return nil, awswire.Errorf("ValidationException", "Parameter Event is not valid.")
	}
	return map[string]bool{"Result": pattern.Matches([]byte(in.Event))}, nil
}
