package history

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// DecodeLogs reads log lines in the order they have; delivery neither keeps the order of events nor rules out losses
// and duplicates. It takes the lines themselves, the results of FilterLogEvents, GetLogEvents and GetQueryResults, a
// subscription's messages, and lists or JSON strings of lines, one after another. What AWS writes into a log group to
// try it is passed over. Errors name where, the line and the member.
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

// trial begins the line in ValidationStream, of which not every form says the stream.
const trial = "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs"

// unwrapText reads a line that is itself the text of a JSON string.
func unwrapText(value gjson.Result, wrapping int) ([]LogEvent, error) {
	line := text(value)
	if strings.HasPrefix(line, trial) {
		return nil, nil
	}
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

// ErrHistory says that lines of CloudWatch Logs were expected where there is a history (DecodePages reads it).
var ErrHistory = errors.New("this is a history, not lines of CloudWatch Logs")

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
		switch {
		case !list.Exists():
			continue
		case !list.IsArray():
			return nil, false, fmt.Errorf("%s: want a list of log events, have %s", name, excerpt(list))
		case list.Get("0.type").Exists() && list.Get("0.timestamp").Exists() && !list.Get("0.message").Exists():
			return nil, false, ErrHistory
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
