package history

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// Decode reads the body that GetExecutionHistory returns, {"events":[…]}, in the order it has (newest first with
// reverseOrder). Timestamps are epoch seconds, or ISO 8601 as the AWS CLI prints them. name says in errors where the
// body comes from. Unknown event types and members are kept; what contradicts the shapes is an error that names the
// event and the member.
func Decode(name string, body []byte) ([]Event, error) {
	if err := check(body); err != nil {
		return nil, fmt.Errorf("history %s is not the JSON of GetExecutionHistory: %w", name, err)
	}
	page, err := decodePage(name, gjson.ParseBytes(body))
	return page.Events, err
}

func decodeEvents(name string, list gjson.Result) ([]Event, error) {
	events := make([]Event, 0, len(list.Raw)/leastEvent)
	var err error
	list.ForEach(func(_, value gjson.Result) bool {
		var e Event
		if err = decodeEvent(value, &e); err != nil {
			err = fmt.Errorf("history %s: event %d (id %d): %w", name, len(events)+1, e.ID, err)
			return false
		}
		events = append(events, e)
		return true
	})
	if err != nil {
		return nil, err
	}
	return events, nil
}

// leastEvent is about the least that an event takes as JSON, so that a list of them is made once.
const leastEvent = 200

func decodeEvent(value gjson.Result, e *Event) error {
	if !value.IsObject() {
		return fmt.Errorf("want an object, have %s", excerpt(value))
	}
	var id, typ, at, previous gjson.Result
	var details member
	value.ForEach(func(name, v gjson.Result) bool {
		switch name.Str {
		case "id":
			id = v
		case "type":
			typ = v
		case "timestamp":
			at = v
		case "previousEventId":
			previous = v
		default:
			details = e.Details.keepButOne(details, member{name.Str, v})
		}
		return true
	})
	if err := cmp.Or(
		of("id", readID(id, 1, &e.ID)), of("type", readType(typ, &e.Type)),
		of("timestamp", readTime(at, &e.Time)), of("previousEventId", readPrevious(previous, &e.PreviousID)),
	); err != nil {
		return err
	}
	err := e.Details.readMember(details)
	e.Details.arrange()
	return err
}

// of says of which member the error is.
func of(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// member is one of an object's. The zero value is none.
type member struct {
	name  string
	value gjson.Result
}

// keepButOne finds the first …EventDetails by name, which is the event's details: an event has at most one. Other
// members stay as they are; null, as serializers write for all that the event lacks, is none. details is the one found
// so far.
func (d *Details) keepButOne(details, m member) member {
	if m.value.Type == gjson.Null {
		d.drop(m.name)
		return details
	}
	if !strings.HasSuffix(m.name, "EventDetails") || details.name != "" && details.name < m.name {
		d.keep(m.name, m.value)
		return details
	}
	if details.name != "" && details.name != m.name {
		d.keep(details.name, details.value)
	}
	return m
}

func (d *Details) readMember(details member) error {
	if details.name == "" || details.value.Type == gjson.Null {
		return nil
	}
	if !details.value.IsObject() {
		return fmt.Errorf("%s: want an object, have %s", details.name, excerpt(details.value))
	}
	var err error
	details.value.ForEach(func(name, v gjson.Result) bool {
		if err = d.read(name.Str, v); err != nil {
			err = fmt.Errorf("%s.%w", details.name, err)
		}
		return err == nil
	})
	return err
}

// read takes one member of the details. Of equal names the last counts.
func (d *Details) read(name string, v gjson.Result) error {
	if text := d.text(name); text != nil {
		if err := readText(v, text); err != nil {
			return of(name, err)
		}
		if *text == "" {
			d.keep(name, v)
			return nil
		}
		d.drop(name)
		return nil
	}
	if count := d.count(name); count != nil {
		if v.Type == gjson.Null {
			return nil
		}
		n := new(int64)
		if err := readID(v, 0, n); err != nil {
			return of(name, err)
		}
		*count = n
		return nil
	}
	d.keep(name, v)
	return nil
}
