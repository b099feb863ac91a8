package interpreter

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// MapRun is what a Map state in distributed mode starts: child executions of their own, one for each item or batch of
// items. It is safe for concurrent use.
type MapRun struct {
	ARN       string
	ID        string // the last part of the ARN
	Label     string // of the Map state: its Label, or one made up for the state machine and the state
	Parent    *Execution
	Processor *asl.StateMachine
	StartTime time.Time

	interpreter *Interpreter
	background  context.Context // of the children: they outlive what waits for them when the service closes
	wake        chan struct{}   // something has changed for run; holds one
	stopped     chan struct{}   // closed while the Map Run does not run

	mu       sync.Mutex
	limits   MapRunLimits
	children []*mapChild
	pending  []*mapChild // not started
	running  int
	total    int              // items of all children
	failed   int              // items of the children that have ended without success
	exceeded bool             // more than tolerated
	written  bool             // the results, of children that never started too, are where the state says
	exported []dataflow.Value // the files with the results of what has succeeded, as manifests name them
	status   string
	stopTime time.Time
	redrives int
	redriven time.Time
}

// MachineARN is the ARN of the state machine that the children are executions of: MACHINE/LABEL.
func (m *MapRun) MachineARN() string { return rootMachine(m.Parent.StateMachineARN) + "/" + m.Label }

// labelled is the part of ARNs that names that state machine.
func (m *MapRun) labelled() string { return rootMachine(m.Parent.StateMachineName) + "/" + m.Label }

// Express tells whether the children are Express executions.
func (m *MapRun) Express() bool { return m.Processor.Processor.ExecutionType == "EXPRESS" }

// Express tells by its ARN whether an execution is an Express one.
func (x *Execution) Express() bool {
	parts := strings.SplitN(x.ARN, ":", 7)
	return len(parts) == 7 && parts[5] == "express"
}

// rootMachine leaves the label of a child's state machine out: labels are unique within a definition.
func rootMachine(name string) string {
	root, _, _ := strings.Cut(name, "/")
	return root
}

// label is the Label of a Map state. One that has none gets what is the same for every execution of the state machine.
func label(machineARN string, state *asl.State) string {
	if state.Map.Label != "" {
		return state.Map.Label
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(rootMachine(machineARN)+"#"+state.Name)).String()
}

func (f *flow) newMapRun(state *asl.State, limits MapRunLimits) *MapRun {
	m := &MapRun{
		ID: f.NewUUID(), Label: label(f.StateMachineARN, state), Parent: f.Execution, Processor: state.Map.ItemProcessor,
		interpreter: f.Interpreter, background: f.background,
		wake: make(chan struct{}, 1), stopped: make(chan struct{}), limits: limits, status: StatusRunning,
	}
	m.ARN = fmt.Sprintf("arn:aws:states:%s:%s:mapRun:%s:%s", f.Region, f.AccountID, m.labelled(), m.ID)
	return m
}

// schedule gives the Map Run what it has to do.
func (m *MapRun) schedule(children []*mapChild) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.children, m.pending = children, children
	for _, c := range children {
		m.total += c.items
	}
}

// abort ends the children that run.
func (m *MapRun) abort() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.abortChildren()
}

func (m *MapRun) abortChildren() {
	if m.background.Err() != nil { // nothing ends when the service closes
		return
	}
	for _, c := range m.children {
		if c.execution != nil {
			c.execution.History.End(0, "ExecutionAborted", Outcome{Status: StatusAborted})
		}
	}
}

func (m *MapRun) done() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.running == 0 && (m.exceeded || len(m.pending) == 0)
}

func (m *MapRun) notify() {
	select {
	case m.wake <- struct{}{}:
	default: // run will look anyhow
	}
}

// endWith sets how the Map Run has ended: aborted when the event that says otherwise could not be written. It stays
// open when the service closes.
func (m *MapRun) endWith(status string, err error) {
	if m.background.Err() != nil {
		return
	}
	if err != nil {
		status = StatusAborted
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status, m.stopTime = status, Milliseconds(m.interpreter.Clock.Now())
	m.written = status != StatusAborted
	m.settle()
	close(m.stopped)
}
