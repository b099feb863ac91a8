package dataflow

import (
	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Items are the items of a Map state that does not use an ItemReader.
func (s *Scope) Items(state *asl.State) ([]Value, error) {
	if state.QueryLanguage == asl.JSONata {
		return s.queryItems(state)
	}
	input, err := s.effectiveInput(state)
	if err != nil {
		return nil, err
	}
	v, err := s.paths(input).path(state.Map.ItemsPath)
	if err != nil {
		return nil, err
	}
	items, ok := v.([]Value)
	if !ok {
		return nil, runtimeErrorf("Reference path \"%s\" must point to array.", state.Map.ItemsPath)
	}
	return items, nil
}

func (s *Scope) queryItems(state *asl.State) ([]Value, error) {
	if state.Map.Items == nil {
		items, ok := s.Input.([]Value)
		if !ok {
			return nil, queryErrorf("Items", "The input of the Map state must be an array, but was '%s' for value: %s",
				kindOf(s.Input), jsonvalue.Text(s.Input))
		}
		return items, nil
	}
	v, err := s.queries().typed("Items", state.Map.Items.Value, "array")
	items, _ := v.([]Value)
	return items, err
}

// ItemInput is the input of one iteration: item, or ItemSelector evaluated in this Scope, whose Context must have
// Map.Item set.
func (s *Scope) ItemInput(state *asl.State, item Value) (Value, error) {
	templates, err := s.templates(state)
	if err != nil {
		return nil, err
	}
	return s.optional(templates, state.Map.ItemSelector, "ItemSelector", item)
}
