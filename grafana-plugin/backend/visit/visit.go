// Package visit tells what became of one state in an execution: each visit with its attempts, the Lambda invocations
// behind them and the AWS calls that those made. It is pure.
package visit

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/steptrace/steptrace/store"
)

// State is one state of an execution.
type State struct {
	Name   string  `json:"state"`
	Type   string  `json:"type"`
	Visits []Visit `json:"visits"` // by start
	// Omitted counts visits that are not in Visits: of more than 500, those that succeeded the latest.
	Omitted   int  `json:"omitted,omitempty"`
	Truncated bool `json:"truncated,omitempty"` // the store holds more of the execution than was read
}

// Part is what visits, attempts, invocations and calls have in common. Times are UTC; a part that runs has no end.
type Part struct {
	SpanID   string     `json:"span_id"`
	Status   string     `json:"status"` // of visits and attempts as in a workflow; else OK, ERROR
	Start    time.Time  `json:"start"`
	End      *time.Time `json:"end"`
	Duration float64    `json:"duration_ms"` // of what runs 0
	Error    string     `json:"error"`
	Message  string     `json:"message"`
}

// Visit is one visit.
type Visit struct {
	Part
	Number    int             `json:"number"` // from 1, among all visits of the state
	Input     json.RawMessage `json:"input"`  // null where payloads are not kept
	Output    json.RawMessage `json:"output"` // null until it has ended, and where it failed
	EventID   int64           `json:"event_id"`
	Redrive   int             `json:"redrive_count"`
	Branch    *int            `json:"branch,omitempty"`    // of the innermost Parallel around it, from 0
	Iteration *int            `json:"iteration,omitempty"` // of the innermost Map around it, from 0
	Attempts  []Attempt       `json:"attempts"`            // by start
}

// Attempt is one try of a task.
type Attempt struct {
	Part
	Retry        int          `json:"retry"` // 0 for the first
	Queue        float64      `json:"queue_s"`
	Backoff      float64      `json:"backoff_s"`
	Resource     string       `json:"resource"`
	ResourceType string       `json:"resource_type"`
	Child        string       `json:"child_execution,omitempty"` // the ARN of the execution that it started
	Invocations  []Invocation `json:"invocations"`
}

// Invocation is a run of a Lambda function.
type Invocation struct {
	Part
	Function  string      `json:"function"`
	ColdStart bool        `json:"cold_start"`
	RequestID string      `json:"request_id"`
	Join      *store.Join `json:"join"`
	Calls     []Call      `json:"calls"`
}

// Call is an AWS call.
type Call struct {
	Part
	Service    string `json:"service"`
	Operation  string `json:"operation"`
	Resource   string `json:"resource"`
	HTTPStatus int    `json:"http_status"` // 0 without a response
	Retries    int    `json:"retries"`
}

const maxVisits = 500

// Of tells of a state. The events are those of the state.
func Of(t store.Trace, name string, events []store.HistoryEvent) State {
	r := newReading(t, name, events)
	s := State{Name: name, Visits: []Visit{}, Truncated: t.Truncated}
	for _, span := range r.states() {
		s.Type = cmp.Or(s.Type, stateType(span))
		s.Visits = append(s.Visits, r.visit(span))
	}
	for _, e := range r.unseen(isEntered) {
		s.Type = cmp.Or(s.Type, enteredType(e))
		s.Visits = append(s.Visits, r.entered(e))
	}
	slices.SortStableFunc(s.Visits, func(a, b Visit) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.EventID, b.EventID))
	})
	for n := range s.Visits {
		s.Visits[n].Number = n + 1
	}
	s.Visits, s.Omitted = mostTelling(s.Visits)
	return s
}

// mostTelling keeps the visits that did not succeed before those that did, in their order.
func mostTelling(visits []Visit) (kept []Visit, omitted int) {
	omitted = len(visits) - maxVisits
	if omitted <= 0 {
		return visits, 0
	}
	room := maxVisits
	for _, v := range visits {
		if v.Status != store.StateSucceeded {
			room--
		}
	}
	for _, v := range visits {
		succeeded := v.Status == store.StateSucceeded
		if succeeded && room > 0 || !succeeded && len(kept) < maxVisits {
			kept = append(kept, v)
		}
		if succeeded {
			room--
		}
	}
	return kept, omitted
}
