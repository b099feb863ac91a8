// Package dataflow evaluates what a Step Functions definition says about data: JSONPath (InputPath, payload templates,
// intrinsic functions, ResultPath, choice rules) and JSONata ("{% … %}" expressions), variables and limits.
//
// A Scope is what the expressions of one state can see; its methods follow the state's life:
//
//	Arguments, Items, ItemInput        what the state hands to its work
//	WaitUntil, Failure, Int, Payload   what its other fields say
//	Choose                             where a Choice state goes
//	Complete, Caught                   what the state puts out and assigns in the end
//
// A failure is an *Error with the name and the cause that Step Functions reports. The package does no I/O: randomness
// and ids come with the Scope.
package dataflow

import (
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Value is nil, bool, json.Number, string, []Value or *jsonvalue.Object; see package jsonvalue.
type Value = jsonvalue.Value

// Variables are workflow variables by name, without the "$".
type Variables map[string]Value

// Scope is what the expressions of one state can see.
type Scope struct {
	Input     Value     // the state's input as it entered, before InputPath; $states.input
	Context   Value     // the context object as it is now: $$ and $states.context
	Variables Variables // of the state's own and of outer scopes

	Random  func() float64 // in [0,1), for States.MathRandom without a seed and $random
	NewUUID func() string  // for States.UUID and $uuid
}

// Outcome is what a state leaves behind.
type Outcome struct {
	Output   Value
	Assigned Variables // what Assign set, to be merged into the scope's variables; nil when there is no Assign
}

// Choice is where a Choice state goes.
type Choice struct {
	Outcome
	Next string
}

// Arguments is what the state hands to its work: its input through InputPath and Parameters, or Arguments. Without
// those it is the input. A Pass state's Result takes the place of Parameters.
func (s *Scope) Arguments(state *asl.State) (Value, error) { return s.Input, nil }

// Items are the items of a Map state that does not use an ItemReader.
func (s *Scope) Items(state *asl.State) ([]Value, error) { return nil, nil }

// ItemInput is the input of one iteration: item, or ItemSelector evaluated in this Scope, whose Context must have
// Map.Item set.
func (s *Scope) ItemInput(state *asl.State, item Value) (Value, error) { return item, nil }

// WaitUntil is when a Wait state that was entered at the given time goes on.
func (s *Scope) WaitUntil(state *asl.State, entered time.Time) (time.Time, error) {
	return entered, nil
}

// Failure is a Fail state's error and cause; nil where the state has none.
func (s *Scope) Failure(state *asl.State) (name, cause *string, err error) { return nil, nil, nil }

// Int evaluates a field such as TimeoutSeconds.
func (s *Scope) Int(state *asl.State, field *asl.Int) (int64, error) { return field.Value, nil }

// Float evaluates a field such as ToleratedFailurePercentage.
func (s *Scope) Float(state *asl.State, field *asl.Float) (float64, error) { return field.Value, nil }

// Payload evaluates a further template of the state, such as Credentials; field is its name for error messages.
func (s *Scope) Payload(state *asl.State, field string, payload *asl.Payload) (Value, error) {
	return payload.Value, nil
}

// Choose picks a Choice state's rule.
func (s *Scope) Choose(state *asl.State) (Choice, error) { return Choice{}, nil }

// Complete is what the state puts out when its work has ended with result: through ResultSelector, ResultPath and
// OutputPath, or Output; and what it assigns. States without work (Wait, Succeed) pass their Arguments as the result,
// Pass states too.
func (s *Scope) Complete(state *asl.State, result Value) (Outcome, error) { return Outcome{}, nil }

// Caught is what the state puts out when its Catch entry of the given index has caught an error.
func (s *Scope) Caught(state *asl.State, catcher int, failure Failure) (Outcome, error) {
	return Outcome{}, nil
}
