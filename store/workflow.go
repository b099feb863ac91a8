package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Statuses of a state in a workflow.
const (
	StateRunning    = "RUNNING"
	StateSucceeded  = "SUCCEEDED"
	StateCaught     = "CAUGHT" // it failed, and a Catch took the error
	StateFailed     = "FAILED"
	StateAborted    = "ABORTED"
	StateNotReached = "NOT_REACHED"
)

// Workflow is a state machine's definition with what became of its states in one execution.
type Workflow struct {
	Execution Execution       `json:"execution"`
	Revision  *Revision       `json:"revision"` // in force when it started; null when no definition is known
	States    []WorkflowState `json:"states"`   // by first start, those not reached last, by name
	Truncated bool            `json:"truncated,omitempty"`
}

// WorkflowState is what became of one state. A state in a Map, Parallel or loop has several visits.
type WorkflowState struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // Task, Parallel, …; empty when only the definition knows the state
	// Status is RUNNING while a visit runs, else that of the latest visit to end.
	Status     string    `json:"status"`
	Visits     int       `json:"visits"`
	Running    int       `json:"running"` // visits of these
	Succeeded  int       `json:"succeeded"`
	Caught     int       `json:"caught"`
	Failed     int       `json:"failed"`
	Aborted    int       `json:"aborted"`
	Attempts   int       `json:"attempts"`
	Retries    int       `json:"retries"`
	Error      string    `json:"error,omitempty"`   // the latest, of a visit or an attempt
	Message    string    `json:"message,omitempty"` // error and cause
	FirstStart time.Time `json:"first_start,omitzero"`
	LastEnd    time.Time `json:"last_end,omitzero"` // zero while none has ended
	// Duration is the sum over visits that have ended.
	Duration float64 `json:"duration_ms"`
}

// Workflow reads one execution's workflow by its ARN, its trace id, or Latest.
func (db *DB) Workflow(ctx context.Context, ref string) (Workflow, error) {
	e, err := db.resolve(ctx, ref)
	if err != nil {
		return Workflow{}, err
	}
	w := Workflow{Execution: e}
	steps, cut, err := db.stepsOf(ctx, e)
	if err != nil {
		return Workflow{}, err
	}
	if len(steps) == 0 && e.Status == "" {
		return Workflow{}, fmt.Errorf("workflow of %.200s: %w in the store at %s", ref, ErrNotFound, db.addr)
	}
	w.Truncated = cut
	states := map[string]*WorkflowState{}
	for _, s := range steps {
		s.addTo(states, e.Status == StateRunning || e.Status == "")
	}
	revision, found, err := db.revisionAt(ctx, machineOf(e), e.Start)
	if err != nil {
		return Workflow{}, err
	}
	if found {
		w.Revision = &revision
		for _, name := range stateNames(revision.Definition) {
			if states[name] == nil {
				states[name] = &WorkflowState{Name: name, Status: StateNotReached}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		w.States = append(w.States, *states[name])
	}
	slices.SortStableFunc(w.States, byFirstStart)
	return w, nil
}

// machineOf is the state machine whose definition an execution follows; a Map Run's child has its parent's.
func machineOf(e Execution) string {
	if e.StateMachineARN != "" {
		machine, _, _ := strings.Cut(e.StateMachineARN, "/")
		return machine
	}
	parts := strings.Split(e.ExecutionARN, ":")
	if len(parts) < 7 {
		return ""
	}
	machine, _, _ := strings.Cut(parts[6], "/")
	return strings.Join(parts[:5], ":") + ":stateMachine:" + machine
}

func byFirstStart(a, b WorkflowState) int {
	if a.FirstStart.IsZero() || b.FirstStart.IsZero() {
		return cmp.Compare(b.FirstStart.Unix(), a.FirstStart.Unix())
	}
	return a.FirstStart.Compare(b.FirstStart)
}
