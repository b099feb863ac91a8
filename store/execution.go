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
	MapRunARN       string    `json:"map_run_arn,omitempty"`
	Error           string    `json:"error,omitempty"`
	Cause           string    `json:"cause,omitempty"`
}

// Cursor is the execution's place in the order of Executions.
func (e Execution) Cursor() ExecutionCursor { return ExecutionCursor{e.Start, e.ExecutionARN} }

// ExecutionCursor names the execution after which a page begins.
type ExecutionCursor struct {
	Start        time.Time
	ExecutionARN string
}

// ExecutionFilter selects executions; zero fields select all.
type ExecutionFilter struct {
	StateMachines []string  // names or ARNs
	Statuses      []string  // RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED
	Since, Until  time.Time // only those started then or later, and before then
	// MinDuration and MaxDuration bound how long they took; one that runs, how long it has been running.
	MinDuration, MaxDuration time.Duration
	Errors                   []string // with which it failed, as they are written
	Name                     string   // a part of its ARN, upper or lower case
	FailedState              string   // a state that failed in it, caught or not, or that its timeout or stop broke off
	// Text is words that one event of its history has, whatever their case, each as a whole: letters, digits and all
	// beyond ASCII make words, everything else ends them.
	Text      string
	MapRunARN string          // only its children
	After     ExecutionCursor // the next page: Cursor of the last one seen
	Limit     int             // at most this many, newest first; 0 is 100, 1000 the most
}
