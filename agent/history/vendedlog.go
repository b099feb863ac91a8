package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"
)

// LogEvent is one event as Step Functions writes it to CloudWatch Logs, for Standard and Express executions.
type LogEvent struct {
	ExecutionARN string
	Event
}

// DecodeLogs reads log lines in the order they have; delivery neither keeps the order of events nor rules out losses
// and duplicates. It takes the lines themselves, the results of FilterLogEvents and GetLogEvents, a subscription's
// messages, and lists or JSON strings of lines, one after another. Errors name where, the line and the member.
func DecodeLogs(name string, body []byte) ([]LogEvent, error) {
	var events []LogEvent
	err := eachDocument(name, body, func(at string, value json.RawMessage) error {
		found, err := decodeLogs(value, maxWrapping)
		if err != nil {
			return fmt.Errorf("log line %s: %w", at, err)
		}
		events = append(events, found...)
		return nil
	})
	return events, err
}

// maxWrapping is how deep a line may lie: a list of results of messages, with one to spare.
const maxWrapping = 4

// decodeLogs unwraps a document down to its lines.
func decodeLogs(value json.RawMessage, wrapping int) ([]LogEvent, error) {
	value = bytes.TrimSpace(value)
	switch {
	case wrapping == 0:
		return nil, errors.New("is wrapped too deep")
	case len(value) == 0:
		return nil, errors.New("is empty")
	case value[0] == '"':
		return unwrapText(value, wrapping)
	case value[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			return nil, err
		}
		return unwrapList(list, wrapping)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(value, &members); err != nil {
		return nil, fmt.Errorf("want the JSON object of an event, have %s", excerpt(value))
	}
	if messages, ok, err := messagesOf(members); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return unwrapList(messages, wrapping)
	}
	event, err := decodeLogEvent(members)
	return []LogEvent{event}, err
}

// unwrapText reads a line that is itself the text of a JSON string.
func unwrapText(value json.RawMessage, wrapping int) ([]LogEvent, error) {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return nil, err
	}
	if !json.Valid([]byte(text)) {
		return nil, fmt.Errorf("want the JSON of an event, have %s", excerpt([]byte(text)))
	}
	return decodeLogs(json.RawMessage(text), wrapping-1)
}

func unwrapList(list []json.RawMessage, wrapping int) ([]LogEvent, error) {
	var events []LogEvent
	for i, value := range list {
		found, err := decodeLogs(value, wrapping-1)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
		events = append(events, found...)
	}
	return events, nil
}

// messagesOf are the lines in the result of FilterLogEvents or GetLogEvents, {"events":[{"message":…}]}, and in what a
// subscription delivers, {"messageType":"DATA_MESSAGE","logEvents":[…]}, whose control messages have none.
func messagesOf(members map[string]json.RawMessage) (messages []json.RawMessage, ok bool, err error) {
	if string(members["messageType"]) == `"CONTROL_MESSAGE"` {
		return nil, true, nil
	}
	for _, name := range []string{"events", "logEvents"} {
		raw, ok := members[name]
		if !ok {
			continue
		}
		var wrapped []struct {
			Message json.RawMessage `json:"message"`
		}
		if err := json.Unmarshal(raw, &wrapped); err != nil {
			return nil, false, fmt.Errorf("%s: want a list of log events, have %s", name, excerpt(raw))
		}
		for _, w := range wrapped {
			messages = append(messages, w.Message)
		}
		return messages, true, nil
	}
	return nil, false, nil
}

// decodeLogEvent reads one line: numbers as strings, names in snake case, but in details as the API has them. Other
// members count as details.
func decodeLogEvent(members map[string]json.RawMessage) (LogEvent, error) {
	var e LogEvent
	var redrives int64
	for _, m := range []struct {
		name string
		read func(json.RawMessage) error
	}{
		{"id", func(v json.RawMessage) error { return readID(unquoted(v), 1, &e.ID) }},
		{"execution_arn", func(v json.RawMessage) error { return readName(v, &e.ExecutionARN) }},
		{"type", func(v json.RawMessage) error { return readName(v, &e.Type) }},
		{"event_timestamp", func(v json.RawMessage) error { return readMilliseconds(unquoted(v), &e.Time) }},
		{"previous_event_id", func(v json.RawMessage) error { return readPrevious(unquoted(v), &e.PreviousID) }},
		{"redrive_count", func(v json.RawMessage) error { return readPrevious(unquoted(v), &redrives) }},
	} {
		if err := m.read(members[m.name]); err != nil {
			return LogEvent{}, fmt.Errorf("event %s: %s: %w", idOrNone(e.ID), m.name, err)
		}
		delete(members, m.name)
	}
	if err := readLogDetails(members, &e.Details); err != nil {
		return LogEvent{}, fmt.Errorf("event %d: details: %w", e.ID, err)
	}
	if e.Type == "ExecutionRedriven" && e.Details.RedriveCount == nil {
		e.Details.RedriveCount = &redrives
	}
	return e, nil
}

func idOrNone(id int64) string {
	if id == 0 {
		return "without id"
	}
	return strconv.FormatInt(id, 10)
}

func readName(v json.RawMessage, to *string) error {
	if err := readText(v, to); err != nil {
		return err
	}
	if *to == "" {
		return errors.New("is empty")
	}
	return nil
}

// readLogDetails reads what is left of a line. Details are absent for types that have none.
func readLogDetails(members map[string]json.RawMessage, d *Details) error {
	var details map[string]json.RawMessage
	if raw, ok := members["details"]; ok {
		if err := json.Unmarshal(raw, &details); err != nil {
			return fmt.Errorf("want an object, have %s", excerpt(raw))
		}
		delete(members, "details")
	}
	maps.Copy(members, details)
	for _, m := range countMembers {
		if v, ok := members[m.name]; ok {
			members[m.name] = unquoted(v)
		}
	}
	return d.read(members)
}

func readMilliseconds(v json.RawMessage, to *time.Time) error {
	var ms int64
	if err := readID(v, 0, &ms); err != nil {
		return err
	}
	if ms >= maxEpochSeconds*1000 {
		return fmt.Errorf("want epoch milliseconds, have %s", excerpt(v))
	}
	*to = time.UnixMilli(ms).UTC()
	return nil
}

// unquoted is the text of a JSON string, and anything else as it is.
func unquoted(v json.RawMessage) json.RawMessage {
	var text string
	if len(v) > 0 && v[0] == '"' && json.Unmarshal(v, &text) == nil {
		return json.RawMessage(text)
	}
	return v
}
