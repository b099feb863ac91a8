// Package checkpoint keeps on disk how far the consumer has accepted each execution, so that an agent goes on where it
// stopped.
package checkpoint

import (
	"errors"
	"time"

	"github.com/steptrace/steptrace/agent/durable"
)

// version is the format's.
const version = 1

// State is what an agent remembers.
type State struct {
	Saved         time.Time               `json:"saved,omitzero"`     // when an agent was last at work
	StateMachines map[string]StateMachine `json:"state_machines"`     // by ARN
	Executions    map[string]Execution    `json:"executions"`         // by ARN: unfinished ones, and finished ones of late
	MapRuns       map[string]MapRun       `json:"map_runs"`           // by ARN: those that can have children not yet known
	Backfill      *Backfill               `json:"backfill,omitempty"` // of a backfill; an agent that follows has none
}

// StateMachine is how far the listing of a state machine's executions has got.
type StateMachine struct {
	Newest time.Time `json:"newest"` // the latest start of an execution that is in State.Executions, or was
}

// Execution is how far one execution has been accepted.
type Execution struct {
	StateMachine string    `json:"state_machine"`     // its ARN
	Version      string    `json:"version,omitempty"` // the ARN of the state machine's version that started it
	MapRun       string    `json:"map_run,omitempty"` // the ARN of the Map Run whose child it is
	Started      time.Time `json:"started"`
	ARNOnly      bool      `json:"arn_only,omitempty"` // nobody has told more of it than its ARN: what is above is a guess
	LastEvent    int64     `json:"last_event"`         // every event up to this id has been accepted; 0: none
	RedriveCount int       `json:"redrive_count"`
	Status       string    `json:"status,omitempty"`   // how it ended, as far as that was said
	Stopped      time.Time `json:"stopped,omitzero"`   // when, as far as that was said
	Deferred     bool      `json:"deferred,omitempty"` // it is not read unless sampling decides so at its end
	Finished     bool      `json:"finished"`           // the end of this redrive has been accepted, or sampled out
	Outcome      Outcome   `json:"outcome,omitempty"`  // why not all of it is there
	Listed       bool      `json:"listed,omitempty"`   // it is in a backfill's work list
}

// Outcome says why not all of an execution was read and accepted.
type Outcome string

// The outcomes other than that all was accepted, which is empty.
const (
	Gone       Outcome = "gone"        // AWS no longer has its history
	Refused    Outcome = "refused"     // the consumer will never take all of it
	Running    Outcome = "running"     // a backfill has read what there was; the rest is for who follows it
	SampledOut Outcome = "sampled_out" // sampling left it out
	Failed     Outcome = "failed"      // a backfill has given up reading it, until it is started again
)

// MapRun is how far the listing of a Map Run's children has got.
type MapRun struct {
	Newest   time.Time `json:"newest,omitzero"` // the latest start of a child seen
	Children int       `json:"children"`        // followed
	Ended    time.Time `json:"ended,omitzero"`  // when its end was read; zero before
}

type file struct {
	Version int `json:"version"`
	State
}

// Load reads the file. Only one that does not exist is a fresh start.
func Load(path string) (State, error) {
	f := file{State: State{
		StateMachines: map[string]StateMachine{}, Executions: map[string]Execution{}, MapRuns: map[string]MapRun{},
	}}
	if _, err := durable.Load(path, version, &f); err != nil {
		return State{}, err
	}
	if f.StateMachines == nil || f.Executions == nil || f.MapRuns == nil {
		return State{}, durable.Unusable(path, errors.New("a member is null"))
	}
	return f.State, nil
}

// Save replaces the file. When it returns, the state is on disk.
func Save(path string, s State) error { return durable.Save(path, file{Version: version, State: s}) }
