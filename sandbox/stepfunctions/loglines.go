package stepfunctions

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// logLines writes one execution's events into its log group.
type logLines struct {
	service       *Service
	arn           string
	logging       loggingConfiguration
	group, stream string
	redrives      int
}

// logLines are those of an execution; nil when it is not logged. The caller holds the lock.
func (s *Service) logLines(x *execution) *logLines {
	c := x.revision.logging
	if s.config.Logs == nil || c.Level == logOff || c.group() == "" {
		return nil
	}
	return &logLines{
		service: s, arn: x.ARN, logging: c, group: c.group(), stream: x.machine.logStream(s.now(), s.config.NewUUID),
	}
}

// streamAge is how long a state machine's executions begin to write to one log stream.
const streamAge = 15 * time.Minute

// logStream is the stream for an execution that begins now: states/MACHINE/2026-11-25-12-00/1a2b3c4d.
func (m *machine) logStream(now time.Time, newUUID func() string) string {
	if m.stream == "" || now.Sub(m.streamed) >= streamAge {
		m.stream = "states/" + m.name + "/" + now.UTC().Format("2006-01-02-15-04") + "/" + newUUID()[:8]
		m.streamed = now
	}
	return m.stream
}

// see writes an event's line, if it is to be logged.
func (l *logLines) see(event interpreter.Event) {
	if event.Type == "ExecutionRedriven" {
		l.redrives++
	}
	if !l.logging.logs(event.Type) {
		return
	}
	text, err := l.line(event)
	if err != nil {
		l.service.config.Logger.Error("Step Functions: an event is not JSON", "execution", l.arn, "error", err)
		return
	}
	l.service.config.Logs.Deliver(l.group, l.stream, cloudwatchlogs.Line{
		Timestamp: event.Time.UnixMilli(), Message: text,
	})
}

// logLine is an event as Step Functions writes it into logs. Numbers are strings, but for those in details.
type logLine struct {
	ID              string         `json:"id"`
	Type            string         `json:"type"`
	Details         map[string]any `json:"details"`
	PreviousEventID string         `json:"previous_event_id"`
	EventTimestamp  string         `json:"event_timestamp"`
	ExecutionARN    string         `json:"execution_arn"`
	RedriveCount    string         `json:"redrive_count"`
}

func (l *logLines) line(event interpreter.Event) (string, error) {
	details, err := members(l.loggable(event))
	if err != nil {
		return "", err
	}
	return encode(logLine{
		ID: strconv.FormatInt(event.ID, 10), Type: event.Type, Details: details,
		PreviousEventID: strconv.FormatInt(event.PreviousID, 10),
		EventTimestamp:  strconv.FormatInt(event.Time.UnixMilli(), 10),
		ExecutionARN:    l.arn, RedriveCount: strconv.Itoa(l.redrives),
	})
}

// loggable are an event's details as they are logged: without data unless it is wanted, and none of it too long.
func (l *logLines) loggable(event interpreter.Event) *interpreter.Details {
	if event.Details == nil {
		return &interpreter.Details{}
	}
	if !l.logging.IncludeExecutionData {
		d := *event.WithoutData().Details
		d.Parameters = nil
		return &d
	}
	d := *event.Details
	d.Input, d.InputDetails = truncated(d.Input, d.InputDetails)
	d.Output, d.OutputDetails = truncated(d.Output, d.OutputDetails)
	return &d
}

// truncated cuts an input or output that is, escaped, longer than CloudWatch Logs takes.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
func truncated(text *string, details *interpreter.Truncation) (*string, *interpreter.Truncation) {
	if text == nil {
		return text, details
	}
	size := 0
	for at, r := range *text {
		if size += escapedSize(r); size > maxEventData {
			cut := (*text)[:at]
			return &cut, &interpreter.Truncation{Truncated: true}
		}
	}
	return text, details
}

// escapedSize is how many bytes a character has within a JSON string.
func escapedSize(r rune) int {
	switch {
	case r == '"' || r == '\\' || r == '\n' || r == '\r' || r == '\t':
		return 2
	case r < ' ':
		return 6
	}
	return max(1, utf8.RuneLen(r))
}

// members are the details by name, which JSON then sorts.
func members(d *interpreter.Details) (map[string]any, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	out := map[string]any{}
	return out, decoder.Decode(&out)
}

// encode writes JSON in which < > & stay what they are.
func encode(value any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return string(bytes.TrimSpace(out.Bytes())), err
}
