package interpreter

import (
	"context"
	"fmt"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// flow is one line of states that follow each other. It belongs to one goroutine; after that has ended, its parent
// reads what was left open, and a redrive goes on from there.
type flow struct {
	*run
	last      int64 // the event to which the next one points
	variables dataflow.Variables
	item      *item // the item of the innermost Map iteration; nil outside

	at     string         // the state to visit next, or visited now; empty before the first
	input  dataflow.Value // its input
	open   *visit         // the state that was entered and not left
	done   bool           // the last state has been left
	output dataflow.Value // of the last state

	iteration *int // the index, of the outermost flow of a Map iteration
	settled   bool // the iteration has succeeded
	closed    bool // how the iteration ended has been written
}

// item is an item of a Map state: the context object's Map.Item.
type item struct {
	index  int
	value  dataflow.Value
	source string // in distributed mode: where it comes from
}

// visit is one visit of a state.
type visit struct {
	state   *asl.State
	input   dataflow.Value
	before  int64 // the last event before the visit
	entered int64 // the StateEntered event
	time    time.Time
	retries int    // over all retriers
	token   string // of the present attempt of a task that waits for it

	branches     []*flow     // of a Parallel or Map state
	iterations   *iterations // of a Map state
	succeeded    bool        // its ParallelStateSucceeded or MapStateSucceeded event has been written
	branchFailed bool        // it is a branch that has failed, not the state's own expressions
	mapRun       *visitedRun // of a Map state in distributed mode
	closed       bool        // its StateAborted, ParallelStateFailed or MapStateFailed event has been written
	redriven     bool        // a redrive goes on with it
}

// states visits the states of a machine, from the first to the end, and returns the output of the last. After a
// redrive it goes on where the flow was.
func (f *flow) states(ctx context.Context, machine *asl.StateMachine, input dataflow.Value) (dataflow.Value, error) {
	if f.at == "" {
		f.at, f.input = machine.StartAt, input
	}
	for !f.done {
		state, ok := machine.States[f.at]
		if !ok { // the definition has been validated
			return nil, fmt.Errorf("the state machine has no state %q", f.at)
		}
		next, err := f.visit(ctx, state)
		if err != nil {
			return nil, err
		}
		f.at, f.input = next.Next, next.Output
		f.done, f.output = next.Next == "", next.Output
	}
	return f.output, nil
}

// visit enters a state, does what it is for and leaves it.
func (f *flow) visit(ctx context.Context, state *asl.State) (dataflow.Choice, error) {
	v, err := f.begin(ctx, state)
	if err != nil {
		return dataflow.Choice{}, err
	}
	next, err := f.execute(ctx, v)
	if err != nil {
		return dataflow.Choice{}, err
	}
	if err := f.exit(ctx, v, next.Outcome); err != nil {
		return dataflow.Choice{}, err
	}
	f.open = nil
	return next, nil
}

// begin enters a state, unless a redrive goes on with the visit of it.
func (f *flow) begin(ctx context.Context, state *asl.State) (*visit, error) {
	if f.open != nil {
		f.resume(f.open)
		return f.open, nil
	}
	v := &visit{state: state, input: f.input, before: f.last}
	if err := f.enter(ctx, v); err != nil {
		return nil, err
	}
	f.open = v
	return v, nil
}

func (f *flow) enter(ctx context.Context, v *visit) error {
	details := inputDetails(jsonvalue.Text(v.input))
	details.Name = v.state.Name
	event, err := f.History.append(ctx, f.last, string(v.state.Type)+"StateEntered", details)
	if err != nil {
		return err
	}
	f.last, v.entered, v.time = event.ID, event.ID, event.Time
	return nil
}

func (f *flow) exit(ctx context.Context, v *visit, outcome dataflow.Outcome) error {
	details := outputDetails(jsonvalue.Text(outcome.Output))
	details.Name = v.state.Name
	f.assign(outcome.Assigned, details)
	return f.emit(ctx, string(v.state.Type)+"StateExited", details)
}

// assign makes variables visible to the states that follow in this flow, and to the branches within it.
func (f *flow) assign(assigned dataflow.Variables, details *Details) {
	if len(assigned) == 0 {
		return
	}
	details.AssignedVariables = make(map[string]string, len(assigned))
	details.AssignedVariablesDetails = &Truncation{}
	for name, value := range assigned {
		f.variables[name] = value
		details.AssignedVariables[name] = jsonvalue.Text(value)
	}
}

// execute does what the state is for. Next is empty at the end of the machine.
func (f *flow) execute(ctx context.Context, v *visit) (dataflow.Choice, error) {
	switch v.state.Type {
	case asl.TaskType, asl.ParallelType, asl.MapType:
		return f.attempt(ctx, v)
	case asl.ChoiceType:
		choice, err := f.scope(v).Choose(v.state)
		return choice, f.evaluated(ctx, v, err)
	case asl.WaitType:
		return f.wait(ctx, v)
	case asl.FailType:
		return dataflow.Choice{}, f.fail(ctx, v)
	default: // Pass and Succeed
		return f.pass(ctx, v)
	}
}

func (f *flow) pass(ctx context.Context, v *visit) (dataflow.Choice, error) {
	scope := f.scope(v)
	result, err := scope.Arguments(v.state)
	if err != nil {
		return dataflow.Choice{}, f.evaluated(ctx, v, err)
	}
	return f.complete(ctx, v, scope, result)
}

func (f *flow) complete(
	ctx context.Context, v *visit, scope *dataflow.Scope, result dataflow.Value,
) (dataflow.Choice, error) {
	outcome, err := scope.Complete(v.state, result)
	if err == nil {
		err = dataflow.CheckSize(v.state.Name, outcome.Output)
	}
	return dataflow.Choice{Outcome: outcome, Next: v.state.Next}, f.evaluated(ctx, v, err)
}

func (f *flow) fail(ctx context.Context, v *visit) error {
	name, cause, err := f.scope(v).Failure(v.state)
	if err != nil {
		return f.evaluated(ctx, v, err)
	}
	return &stateError{failure: Failure{Error: name, Cause: cause}, event: f.last}
}

func (f *flow) wait(ctx context.Context, v *visit) (dataflow.Choice, error) {
	scope := f.scope(v)
	until, err := scope.WaitUntil(v.state, f.beginning(v))
	if err != nil {
		return dataflow.Choice{}, f.evaluated(ctx, v, err)
	}
	if err := f.sleep(ctx, until.Sub(f.Clock.Now()), WaitTimer); err != nil {
		return dataflow.Choice{}, err
	}
	result, err := scope.Arguments(v.state)
	if err != nil {
		return dataflow.Choice{}, f.evaluated(ctx, v, err)
	}
	return f.complete(ctx, v, scope, result)
}

// sleep waits for a duration on the clock, or until the context is done.
func (f *flow) sleep(ctx context.Context, d time.Duration, tag string) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := f.Clock.NewTimer(d, tag)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// emit writes an event that follows from the flow's last one.
func (f *flow) emit(ctx context.Context, eventType string, details *Details) error {
	event, err := f.History.append(ctx, f.last, eventType, details)
	if err == nil {
		f.last = event.ID
	}
	return err
}

// evaluated turns an error of package dataflow into one of the state, writing the EvaluationFailed event that JSONata
// asks for. A nil error stays nil.
func (f *flow) evaluated(ctx context.Context, v *visit, err error) error {
	if err == nil {
		return nil
	}
	e := asDataError(err)
	cause := e.Cause(v.state.Name, v.entered)
	if e.Location != "" {
		f.last = f.evaluationParent(v)
		details := &Details{Error: &e.Name, Cause: &cause, Location: e.Location, State: v.state.Name}
		if err := f.emit(ctx, "EvaluationFailed", details); err != nil {
			return err
		}
	}
	return &stateError{failure: Failure{Error: &e.Name, Cause: &cause}, event: f.last}
}

// evaluationParent is the event to which EvaluationFailed points. States that take no time are evaluated before their
// StateEntered event counts.
func (f *flow) evaluationParent(v *visit) int64 {
	immediate := v.state.Type != asl.TaskType && v.state.Type != asl.WaitType
	if immediate && f.last == v.entered {
		return v.before
	}
	return f.last
}

// end writes the execution's last event, if nobody else has. An execution whose context is done stays open.
func (f *flow) end(ctx context.Context, output dataflow.Value, err error) {
	e := asStateError(err)
	switch {
	case err == nil:
		f.History.End(f.last, "ExecutionSucceeded", Outcome{Status: StatusSucceeded, Output: jsonvalue.Encode(output)})
	case e != nil:
		f.History.End(e.event, "ExecutionFailed", Outcome{Status: StatusFailed, Failure: e.failure})
	case ctx.Err() == nil && f.background.Err() == nil:
		failure := failuref(dataflow.ErrRuntime, "%v", err)
		f.History.End(f.last, "ExecutionFailed", Outcome{Status: StatusFailed, Failure: failure})
	}
}
