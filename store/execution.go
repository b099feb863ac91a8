package store

import "time"

// Execution is one execution as its history tells; of a redriven one, the newest redrive.
type Execution struct {
	ExecutionARN    string    `json:"execution_arn"`
	Name            string    `json:"name"`
	StateMachine    string    `json:"state_machine"` // its name
	StateMachineARN string    `json:"state_machine_arn"`
	TraceID         string    `json:"trace_id"`
	RedriveCount    int       `json:"redrive_count"`
	Status          string    `json:"status"`         // RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED
	Start           time.Time `json:"start,omitzero"` // of the first run; zero while unknown
	End             time.Time `json:"end,omitzero"`   // zero while running
	Error           string    `json:"error,omitempty"`
	Cause           string    `json:"cause,omitempty"`
}

// ExecutionFilter selects executions; zero fields select all.
type ExecutionFilter struct {
	StateMachine string    // name or ARN
	Status       string    // RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED
	Since        time.Time // only those started then or later
	Limit        int       // at most this many, newest first; 0 is 100
}
