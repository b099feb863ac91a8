// Package interpreter runs state machines and writes their histories, with the types, ids, links and members of the
// events that Step Functions writes.
//
// An execution is a tree of flows: one for the state machine and one for each branch of a Parallel state and each
// iteration of a Map state, every one a goroutine that visits states in turn. What a flow knows is the id of its last
// event, to which its next one points; all share one History, which gives out the ids.
//
// Time comes from a quartz.Clock, its timers tagged as the constants say.
package interpreter

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// Tags of the timers, for tests that trap them.
const (
	WaitTimer      = "wait"      // a Wait state
	RetryTimer     = "retry"     // the delay before a retry
	TimeoutTimer   = "timeout"   // TimeoutSeconds of a Task state
	ExecutionTimer = "execution" // TimeoutSeconds of the state machine
	HeartbeatTimer = "heartbeat" // HeartbeatSeconds of a Task state
	PollTimer      = "poll"      // GetActivityTask
)

// InvokeLambda invokes a function by its ARN, qualified or not; logTail asks for the result's LogTail. An error is one
// of the Lambda service, best an *awswire.Error; one of the function is a LambdaResult with FunctionError.
type InvokeLambda func(
	ctx context.Context, arn string, payload []byte, traceHeader string, logTail bool,
) (LambdaResult, error)

// LambdaResult is the answer of a function.
type LambdaResult struct {
	Payload         []byte // JSON
	FunctionError   string // empty on success, else "Handled" or "Unhandled"
	RequestID       string
	ExecutedVersion string // "$LATEST"
	LogTail         string // base64, as in the X-Amz-Log-Result header
}

// Interpreter runs executions, any number at once.
type Interpreter struct {
	Region, AccountID string
	InvokeLambda      InvokeLambda
	AwaitExecution    AwaitExecution
	EndpointURL       func() string // of the services that tasks call: DynamoDB, S3, Rekognition
	Clock             quartz.Clock
	Random            func() float64 // in [0,1): jitter, States.MathRandom
	NewUUID           func() string
	HTTP              *http.Client // to reach it; its timeouts bound a call

	MapRunStarted func(*MapRun)    // nil: nobody asks
	BeginChild    func(*Execution) // calls Begin, for the children of Map Runs; nil: Begin

	calls      sync.WaitGroup // what tasks have called and may have stopped waiting for
	callbacks  callbacks
	activities activities
}

// Execution is one run of a state machine.
type Execution struct {
	ARN, Name                         string
	StateMachineARN, StateMachineName string
	StateMachineVersionARN            string // empty unless it was started from a version
	RoleARN                           string
	Definition                        *asl.StateMachine
	Input                             dataflow.Value
	InputText                         string // Input as it was sent
	TraceHeader                       string // Root=…;Parent=…;Sampled=…

	// Observe sees each event of the history, in order, before anybody can read it. It must not call back. nil: nobody.
	Observe func(Event)

	MapRun *MapRun // that started it; nil unless it is a child execution
	Items  int     // how many items it processes then

	Restarts int // how often an Express child has been started again, which is how Map Runs redrive it

	StartTime time.Time // set by Begin
	History   *History  // set by Begin

	root      *flow         // set by Run
	finished  chan struct{} // closed when Run has returned
	redriving sync.Mutex

	pendingRedrive atomic.Bool // by the Map Run
}

// Begin gives an execution its history, with the first event in it. Run does the rest.
func (i *Interpreter) Begin(execution *Execution) {
	execution.History = newHistory(i.Clock)
	execution.History.observe = execution.Observe
	execution.StartTime = execution.History.add(0, "ExecutionStarted", startedDetails(execution)).Time
	execution.finished = make(chan struct{})
}

// Run runs an execution that has begun, or been redriven, until its history has ended or the context is done. Calls of
// tasks that nobody waits for any more (as after a timeout) go on in the background with that context; see Wait.
func (i *Interpreter) Run(ctx context.Context, execution *Execution) {
	defer close(execution.finished)
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	defer i.cancelAtEnd(execution.History, cancel)()
	defer i.limitDuration(execution)()
	if execution.root == nil {
		r := &run{Interpreter: i, Execution: execution, background: ctx, traceRoot: newTraceRoot(i, execution)}
		execution.root = &flow{run: r, variables: dataflow.Variables{}}
	}
	root := execution.root
	root.redrive = execution.History.lastRedrive()
	output, err := root.states(running, execution.Definition, execution.Input)
	root.end(ctx, output, err)
}

// Wait waits for the calls that are still under way.
func (i *Interpreter) Wait() { i.calls.Wait() }

// cancelAtEnd cancels when the history ends from outside. The function it returns ends the watch.
func (i *Interpreter) cancelAtEnd(h *History, cancel context.CancelFunc) (stop func()) {
	watched, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-h.Ended():
			cancel()
		case <-watched:
		}
	}()
	return func() { close(watched); <-done }
}

// expressDuration is how long an Express execution may take.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const expressDuration = 5 * time.Minute

// limitDuration ends the execution after the state machine's TimeoutSeconds, and an Express one after five minutes.
func (i *Interpreter) limitDuration(x *Execution) (stop func()) {
	limit := time.Duration(x.Definition.TimeoutSeconds) * time.Second
	if x.Express() && (limit == 0 || limit > expressDuration) {
		limit = expressDuration
	}
	if limit == 0 {
		return func() {}
	}
	timer := i.Clock.AfterFunc(limit, func() {
		x.History.End(0, "ExecutionTimedOut", Outcome{Status: StatusTimedOut, Failure: timeoutFailure()})
	}, ExecutionTimer)
	return func() { timer.Stop() }
}

// run is what all flows of one execution share.
type run struct {
	*Interpreter
	*Execution
	background context.Context // for calls that outlive what waits for them
	traceRoot  traceRoot
	redrive    redrive
}
