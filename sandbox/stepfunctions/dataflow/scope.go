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
// A failure is an *Error with the name and the cause that Step Functions reports. The package does no I/O: time,
// randomness and ids come with the Scope.
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

	Now     func() time.Time // for $now and $millis; nil is time.Now
	Random  func() float64   // in [0,1), for States.MathRandom without a seed and $random
	NewUUID func() string    // for States.UUID and $uuid
}

// Outcome is what a state leaves behind.
type Outcome struct {
	Output   Value
	Assigned Variables // what Assign set, to be merged into the scope's variables; nil when there is no Assign
}

// Arguments is what the state hands to its work: its input through InputPath and Parameters, or Arguments. Without
// those it is the input. A Pass state's Result takes the place of Parameters.
func (s *Scope) Arguments(state *asl.State) (Value, error) {
	if state.QueryLanguage == asl.JSONata {
		return s.optional(s.queries(), state.Arguments, "Arguments", s.Input)
	}
	input, err := s.effectiveInput(state)
	if err != nil {
		return nil, err
	}
	if state.Pass != nil && state.Pass.Result != nil {
		return state.Pass.Result.Value, nil
	}
	return s.optional(s.paths(input), state.Parameters, "Parameters", input)
}

// Payload evaluates a further template of the state, such as Credentials; field is its name for error messages.
func (s *Scope) Payload(state *asl.State, field string, payload *asl.Payload) (Value, error) {
	templates, err := s.templates(state)
	if err != nil {
		return nil, err
	}
	return templates.evaluate(field, payload.Value)
}

// templates are how a state's fields are evaluated before it has a result.
func (s *Scope) templates(state *asl.State) (templates, error) {
	if state.QueryLanguage == asl.JSONata {
		return s.queries(), nil
	}
	input, err := s.effectiveInput(state)
	return s.paths(input), err
}

// templates evaluate payload templates in one of the query languages.
type templates interface {
	evaluate(field string, template Value) (Value, error)
}

func (s *Scope) optional(t templates, payload *asl.Payload, field string, otherwise Value) (Value, error) {
	if payload == nil {
		return otherwise, nil
	}
	return t.evaluate(field, payload.Value)
}
