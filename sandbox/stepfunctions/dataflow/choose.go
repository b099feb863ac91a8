package dataflow

import (
	"fmt"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

// Choice is where a Choice state goes.
type Choice struct {
	Outcome
	Next string
}

// Choose picks the first rule of a Choice state that holds, or its default.
func (s *Scope) Choose(state *asl.State) (Choice, error) {
	if state.QueryLanguage == asl.JSONata {
		return s.chooseByQuery(state)
	}
	return s.chooseByPath(state)
}

func (s *Scope) chooseByPath(state *asl.State) (Choice, error) {
	input, err := s.effectiveInput(state)
	if err != nil {
		return Choice{}, err
	}
	next, assign := state.Choice.Default, state.Assign
	for _, rule := range state.Choice.Rules {
		holds, err := s.paths(input).holds(rule.Condition)
		if err != nil {
			return Choice{}, err
		}
		if holds {
			next, assign = rule.Next, rule.Assign
			break
		}
	}
	if next == "" {
		return Choice{}, noChoiceMatched()
	}
	output, err := s.paths(input).filter(state.OutputPath)
	if err != nil {
		return Choice{}, err
	}
	outcome, err := s.finish(state.Name, s.paths(input), nil, assign, "", output)
	return Choice{Outcome: outcome, Next: next}, err
}

func (s *Scope) chooseByQuery(state *asl.State) (Choice, error) {
	queries := s.queries()
	for i, rule := range state.Choice.Rules {
		prefix := fmt.Sprintf("Choices[%d]/", i)
		holds, err := queries.typed(prefix+"Condition", rule.Condition.(asl.Query).Value, "boolean")
		if err != nil {
			return Choice{}, err
		}
		if holds.(bool) {
			outcome, err := s.finish(state.Name, queries, rule.Output, rule.Assign, prefix, s.Input)
			return Choice{Outcome: outcome, Next: rule.Next}, err
		}
	}
	if state.Choice.Default == "" {
		return Choice{}, noChoiceMatched()
	}
	outcome, err := s.finish(state.Name, queries, state.Output, state.Assign, "", s.Input)
	return Choice{Outcome: outcome, Next: state.Choice.Default}, err
}

func noChoiceMatched() error {
	return &Error{
		Name:    ErrNoChoiceMatched,
		Message: "Failed to transition out of the state. The state does not point to a next state.",
	}
}
