// Package history is the model of a Step Functions execution history: its events as values, decoded from the JSON that
// GetExecutionHistory returns. It does no I/O.
//
// The model is open: event types and members that this version does not know are kept, so they reach the log records.
package history

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Event is one history event. Source: HistoryEvent of the Step Functions API.
type Event struct {
	ID         int64 // from 1, ascending, without gaps in a whole history
	PreviousID int64 // the event this one follows from; 0 is none
	Type       string
	Time       time.Time // UTC, milliseconds
	Details    Details
}

// Details holds the members of the event's …EventDetails that conversion reads, whatever the event's type; an absent
// string is empty, an absent number nil. Rest has all the others as raw JSON.
type Details struct {
	Name         string // of a state, or of an iteration's Map state
	Input        string // JSON text
	Output       string // JSON text
	Resource     string
	ResourceType string
	Region       string
	Parameters   string // JSON text
	Error        string
	Cause        string
	State        string // EvaluationFailed: the state's name
	MapRunARN    string
	Index        *int64 // of a Map iteration, from 0
	Length       *int64 // of a Map's array
	RedriveCount *int64
	Rest         map[string]json.RawMessage
}

// Sort orders events by id, as the API does by default.
func Sort(events []Event) {
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
}

// The event types by what they say, so that a type AWS adds later in the same manner is understood.

// StateEntered is true for PassStateEntered, TaskStateEntered, …; State then is "Pass", "Task", ….
func (e Event) StateEntered() (state string, ok bool) {
	return strings.CutSuffix(e.Type, "StateEntered")
}

// StateExited is true for PassStateExited, TaskStateExited, ….
func (e Event) StateExited() (state string, ok bool) { return strings.CutSuffix(e.Type, "StateExited") }

// StateAborted is true for TaskStateAborted, WaitStateAborted, ….
func (e Event) StateAborted() (state string, ok bool) {
	return strings.CutSuffix(e.Type, "StateAborted")
}

// Failed is true for every event that reports an error: …Failed and …TimedOut.
func (e Event) Failed() bool {
	return strings.HasSuffix(e.Type, "Failed") || strings.HasSuffix(e.Type, "TimedOut")
}

// Aborted is true for every event that reports that something was stopped from outside.
func (e Event) Aborted() bool { return strings.HasSuffix(e.Type, "Aborted") }

// Terminal is true for the event that ends an execution, which only a redrive can follow.
func (e Event) Terminal() bool {
	switch e.Type {
	case "ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted":
		return true
	}
	return false
}

type textMember struct {
	name string
	at   func(*Details) *string
}

// textMembers are the string members in the order in which JSON writes them.
var textMembers = []textMember{
	{"name", func(d *Details) *string { return &d.Name }},
	{"state", func(d *Details) *string { return &d.State }},
	{"resourceType", func(d *Details) *string { return &d.ResourceType }},
	{"resource", func(d *Details) *string { return &d.Resource }},
	{"region", func(d *Details) *string { return &d.Region }},
	{"mapRunArn", func(d *Details) *string { return &d.MapRunARN }},
	{"parameters", func(d *Details) *string { return &d.Parameters }},
	{"input", func(d *Details) *string { return &d.Input }},
	{"output", func(d *Details) *string { return &d.Output }},
	{"error", func(d *Details) *string { return &d.Error }},
	{"cause", func(d *Details) *string { return &d.Cause }},
}

// countMembers are the number members in the order in which JSON writes them.
var countMembers = []struct {
	name string
	at   func(*Details) **int64
}{
	{"index", func(d *Details) **int64 { return &d.Index }},
	{"length", func(d *Details) **int64 { return &d.Length }},
	{"redriveCount", func(d *Details) **int64 { return &d.RedriveCount }},
}

// JSON is the details as one JSON object with AWS's member names, in an order that depends on nothing else.
func (d *Details) JSON() string {
	buf := append(make([]byte, 0, 64+len(d.Parameters)+len(d.Input)+len(d.Output)+len(d.Cause)), '{')
	for _, m := range textMembers {
		if v := *m.at(d); v != "" {
			buf = appendText(appendName(buf, m.name), v)
		}
	}
	for _, m := range countMembers {
		if v := *m.at(d); v != nil {
			buf = strconv.AppendInt(appendName(buf, m.name), *v, 10)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Rest)) {
		buf = append(appendName(buf, name), d.Rest[name]...)
	}
	return string(append(buf, '}'))
}

func appendName(buf []byte, name string) []byte {
	if len(buf) > 1 {
		buf = append(buf, ',')
	}
	return append(appendText(buf, name), ':')
}

// appendText writes a JSON string; what is not UTF-8 becomes U+FFFD.
func appendText(buf []byte, s string) []byte {
	const hex = "0123456789abcdef"
	buf = append(buf, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			buf = append(buf, '\\', byte(r))
		case r == '\n':
			buf = append(buf, '\\', 'n')
		case r < ' ':
			buf = append(buf, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
		default:
			buf = append(buf, string(r)...)
		}
	}
	return append(buf, '"')
}
