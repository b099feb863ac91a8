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
