package history

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tidwall/gjson"
)

// LogEvent is one event as Step Functions writes it to CloudWatch Logs, for Standard and Express executions.
type LogEvent struct {
	ExecutionARN string
	RedriveCount int64 // 0 also where the line does not say it
	Event
}

// DecodeLogs reads log lines in the order they have; delivery neither keeps the order of events nor rules out losses
// and duplicates. It takes the lines themselves, the results of FilterLogEvents, GetLogEvents and GetQueryResults, a
// subscription's messages, and lists or JSON strings of lines, one after another. Errors name where, the line and the
// member.
func DecodeLogs(name string, body []byte) ([]LogEvent, error) {
	var events []LogEvent
	err := eachDocument(name, body, func(at string, value gjson.Result) error {
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
func decodeLogs(value gjson.Result, wrapping int) ([]LogEvent, error) {
	switch {
	case wrapping == 0:
		return nil, errors.New("is wrapped too deep")
	case !value.Exists():
		return nil, errors.New("is empty")
	case value.Type == gjson.String:
		return unwrapText(value, wrapping)
	case value.IsArray():
		return unwrapList(value.Array(), wrapping)
	case !value.IsObject():
		return nil, fmt.Errorf("want the JSON object of an event, have %s", excerpt(value))
	}
	if messages, ok, err := messagesOf(value); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return unwrapList(messages, wrapping)
	}
	event, err := decodeLogEvent(value)
	return []LogEvent{event}, err
}

// unwrapText reads a line that is itself the text of a JSON string.
func unwrapText(value gjson.Result, wrapping int) ([]LogEvent, error) {
	line := text(value)
	if check([]byte(line)) != nil {
		return nil, fmt.Errorf("want the JSON of an event, have %s", clipped(line))
	}
	return decodeLogs(gjson.Parse(line), wrapping-1)
}

func unwrapList(list []gjson.Result, wrapping int) ([]LogEvent, error) {
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

// ValidationStream is the log stream in which AWS tries whether it may write to a group. What is in it is no line.
const ValidationStream = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"

var noLines = gjson.Parse("[]")

// messagesOf are the lines in the result of FilterLogEvents or GetLogEvents, {"events":[{"message":…}]}, of
// GetQueryResults, {"results":[[{"field":"@message","value":…}]]}, and in what a subscription delivers,
// {"messageType":"DATA_MESSAGE","logEvents":[…]}, whose control messages have none.
func messagesOf(document gjson.Result) (messages []gjson.Result, ok bool, err error) {
	if document.Get("messageType").Str == "CONTROL_MESSAGE" {
		return nil, true, nil
	}
	for _, name := range []string{"events", "logEvents"} {
		list := document.Get(name)
		if !list.Exists() {
			continue
		}
		if !list.IsArray() {
			return nil, false, fmt.Errorf("%s: want a list of log events, have %s", name, excerpt(list))
		}
		list.ForEach(func(_, event gjson.Result) bool {
			message := event.Get("message")
			if cmp.Or(event.Get("logStreamName").Str, document.Get("logStream").Str) == ValidationStream {
				message = noLines
			}
			messages = append(messages, message)
			return true
		})
		return messages, true, nil
	}
	if rows := document.Get("results"); rows.IsArray() {
		return document.Get(`results.#.#(field=="@message").value`).Array(), true, nil
	}
	return nil, false, nil
}

// decodeLogEvent reads one line: numbers as strings, names in snake case, but in details as the API has them. Other
// members count as details.
func decodeLogEvent(line gjson.Result) (LogEvent, error) {
	var e LogEvent
	var id, arn, typ, at, previous, redriveCount, details gjson.Result
	var others []member
	line.ForEach(func(name, v gjson.Result) bool {
		switch name.Str {
		case "id":
			id = v
		case "execution_arn":
			arn = v
		case "type":
			typ = v
		case "event_timestamp":
			at = v
		case "previous_event_id":
			previous = v
		case "redrive_count":
			redriveCount = v
		case "details":
			details = v
		default:
			others = append(others, member{name.Str, v})
		}
		return true
	})
	if err := cmp.Or(
		of("id", readID(unquoted(id), 1, &e.ID)), of("execution_arn", readName(arn, &e.ExecutionARN)),
		of("type", readLogType(typ, &e.Type)), of("event_timestamp", readMilliseconds(unquoted(at), &e.Time)),
		of("previous_event_id", readPrevious(unquoted(previous), &e.PreviousID)),
		of("redrive_count", readPrevious(unquoted(redriveCount), &e.RedriveCount)),
	); err != nil {
		return LogEvent{}, fmt.Errorf("event %s: %w", idOrNone(e.ID), err)
	}
	if err := e.Details.readLogged(others, details); err != nil {
		return LogEvent{}, fmt.Errorf("event %d: details: %w", e.ID, err)
	}
	e.Details.arrange()
	if e.Type == "ExecutionRedriven" && e.Details.RedriveCount == nil {
		e.Details.RedriveCount = new(e.RedriveCount)
	}
	return e, nil
}

func idOrNone(id int64) string {
	if id == 0 {
		return "without id"
	}
	return strconv.FormatInt(id, 10)
}

func readName(v gjson.Result, to *string) error {
	if err := readText(v, to); err != nil {
		return err
	}
	if *to == "" {
		return errors.New("is empty")
	}
	return nil
}

func readLogType(v gjson.Result, to *string) error {
	if v.Exists() && v.Str == "" {
		return readName(v, to)
	}
	return readType(v, to)
}

// readLogged reads what is left of a line. Details are absent for types that have none.
func (d *Details) readLogged(others []member, details gjson.Result) (err error) {
	for _, m := range others {
		if err := d.readLoose(m.name, m.value); err != nil {
			return err
		}
	}
	if !details.Exists() || details.Type == gjson.Null {
		return nil
	}
	if !details.IsObject() {
		return fmt.Errorf("want an object, have %s", excerpt(details))
	}
	details.ForEach(func(name, v gjson.Result) bool {
		err = d.readLoose(name.Str, v)
		return err == nil
	})
	return err
}

// readLoose reads numbers from strings, too.
func (d *Details) readLoose(name string, v gjson.Result) error {
	if d.count(name) != nil {
		v = unquoted(v)
	}
	return d.read(name, v)
}

func readMilliseconds(v gjson.Result, to *time.Time) error {
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

// unquoted is what the text of a JSON string is, and anything else as it is.
func unquoted(v gjson.Result) gjson.Result {
	if v.Type == gjson.String {
		v.Raw, v.Type = v.Str, gjson.Number
	}
	return v
}
