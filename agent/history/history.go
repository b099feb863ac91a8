// Package history is the model of a Step Functions execution history: its events as values, decoded from the JSON that
// GetExecutionHistory returns. It does no I/O.
//
// The model is open: event types and members that this version does not know are kept, so they reach the log records.
package history

import (
	"cmp"
	"encoding/json"
	"slices"
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
	Rest         []Member // by name, each once
}

// Member is a member of an event's details as JSON.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Sort orders events by id, as the API does by default.
func Sort(events []Event) {
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
}

// The event types by what they say, so that a type AWS adds later in the same manner is understood.

// StateEntered is true for PassStateEntered, TaskStateEntered, …; State then is "Pass", "Task", ….
func (e *Event) StateEntered() (state string, ok bool) {
	return strings.CutSuffix(e.Type, "StateEntered")
}

// StateExited is true for PassStateExited, TaskStateExited, ….
func (e *Event) StateExited() (state string, ok bool) {
	return strings.CutSuffix(e.Type, "StateExited")
}

// StateAborted is true for TaskStateAborted, WaitStateAborted, ….
func (e *Event) StateAborted() (state string, ok bool) {
	return strings.CutSuffix(e.Type, "StateAborted")
}

// Failed is true for every event that reports an error: …Failed and …TimedOut.
func (e *Event) Failed() bool {
	return strings.HasSuffix(e.Type, "Failed") || strings.HasSuffix(e.Type, "TimedOut")
}

// Aborted is true for every event that reports that something was stopped from outside.
func (e *Event) Aborted() bool { return strings.HasSuffix(e.Type, "Aborted") }

// Terminal is true for the event that ends an execution, which only a redrive can follow.
func (e *Event) Terminal() bool {
	switch e.Type {
	case "ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted":
		return true
	}
	return false
}
