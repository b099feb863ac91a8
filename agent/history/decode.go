package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Decode reads the body that GetExecutionHistory returns, {"events":[…]}, in the order it has (newest first with
// reverseOrder). Timestamps are epoch seconds, or ISO 8601 as the AWS CLI prints them. name says in errors where the
// body comes from. Unknown event types and members are kept; what contradicts the shapes is an error that names the
// event and the member.
func Decode(name string, body []byte) ([]Event, error) {
	page, err := decodePage(name, body)
	return page.Events, err
}

func decodeEvents(name string, raw []json.RawMessage) ([]Event, error) {
	events := make([]Event, len(raw))
	for i := range raw {
		if err := decodeEvent(raw[i], &events[i]); err != nil {
			return nil, fmt.Errorf("history %s: event %d (id %d): %w", name, i+1, events[i].ID, err)
		}
	}
	return events, nil
}

func decodeEvent(raw json.RawMessage, e *Event) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return fmt.Errorf("want an object, have %s", excerpt(raw))
	}
	for _, m := range []struct {
		name string
		read func(json.RawMessage) error
	}{
		{"id", func(v json.RawMessage) error { return readID(v, 1, &e.ID) }},
		{"type", func(v json.RawMessage) error { return readText(v, &e.Type) }},
		{"timestamp", func(v json.RawMessage) error { return readTime(v, &e.Time) }},
		{"previousEventId", func(v json.RawMessage) error { return readPrevious(v, &e.PreviousID) }},
	} {
		if err := m.read(members[m.name]); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		delete(members, m.name)
	}
	if e.Type == "" {
		return errors.New("type: want the event's type, have \"\"")
	}
	return decodeDetails(members, &e.Details)
}

// decodeDetails takes the first …EventDetails for the details: an event has at most one. Other members stay as they
// are.
func decodeDetails(members map[string]json.RawMessage, d *Details) error {
	taken := false
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if taken || !strings.HasSuffix(name, "EventDetails") {
			d.keep(name, members[name])
			continue
		}
		taken = true
		var inner map[string]json.RawMessage
		if err := json.Unmarshal(members[name], &inner); err != nil {
			return fmt.Errorf("%s: want an object, have %s", name, excerpt(members[name]))
		}
		if err := d.read(inner); err != nil {
			return fmt.Errorf("%s.%w", name, err)
		}
	}
	return nil
}

func (d *Details) read(members map[string]json.RawMessage) error {
	for _, m := range textMembers {
		v, ok := members[m.name]
		if !ok {
			continue
		}
		if err := readText(v, m.at(d)); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if *m.at(d) != "" {
			delete(members, m.name)
		}
	}
	for _, m := range countMembers {
		v, ok := members[m.name]
		if !ok || string(v) == "null" {
			continue
		}
		n := new(int64)
		if err := readID(v, 0, n); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		*m.at(d) = n
		delete(members, m.name)
	}
	for name, v := range members {
		d.keep(name, v)
	}
	return nil
}

// keep stores a member in its canonical form; null says no more than absence.
func (d *Details) keep(name string, v json.RawMessage) {
	if string(v) == "null" {
		return
	}
	if d.Rest == nil {
		d.Rest = make(map[string]json.RawMessage)
	}
	d.Rest[name] = canonical(v)
}

func readText(v json.RawMessage, to *string) error {
	if len(v) == 0 {
		return errors.New("is missing")
	}
	if err := json.Unmarshal(v, to); err != nil {
		return fmt.Errorf("want a string, have %s", excerpt(v))
	}
	return nil
}

func readID(v json.RawMessage, least int64, to *int64) error {
	if len(v) == 0 {
		return errors.New("is missing")
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < least {
		return fmt.Errorf("want an integer from %d, have %s", least, excerpt(v))
	}
	*to = n
	return nil
}

// readPrevious lets the member be absent, as 0 may be.
func readPrevious(v json.RawMessage, to *int64) error {
	if len(v) == 0 {
		return nil
	}
	return readID(v, 0, to)
}

// ParseTime reads a JSON value as the API writes times, epoch seconds with a fraction, or as the AWS CLI does, an ISO
// 8601 string.
func ParseTime(v json.RawMessage) (time.Time, error) {
	var t time.Time
	err := readTime(v, &t)
	return t, err
}

// readTime reads epoch seconds with a fraction, or an ISO 8601 string.
func readTime(v json.RawMessage, to *time.Time) error {
	if len(v) == 0 {
		return errors.New("is missing")
	}
	var text string
	if json.Unmarshal(v, &text) == nil && v[0] == '"' {
		t, err := time.Parse(time.RFC3339Nano, text)
		if err == nil && t.Unix() >= 0 && t.Unix() < maxEpochSeconds {
			*to = t.UTC().Round(time.Millisecond)
			return nil
		}
	}
	seconds, err := strconv.ParseFloat(string(v), 64)
	if err != nil || seconds < 0 || seconds >= maxEpochSeconds {
		return fmt.Errorf("want epoch seconds or an ISO 8601 time, have %s", excerpt(v))
	}
	*to = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}

// maxEpochSeconds is the year 2255: below the end of 64-bit nanoseconds, and small enough for float64 to tell
// milliseconds apart.
const maxEpochSeconds = 9e9

func excerpt(v json.RawMessage) string {
	const most = 40
	if len(v) > most {
		return string(v[:most]) + "…"
	}
	return string(v)
}
