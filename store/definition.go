package store

import (
	"encoding/json"
	"slices"
)

// maxStates and maxNesting bound what is read of a definition, which comes from outside. AWS allows 1 MB of text.
const (
	maxStates  = 20_000
	maxNesting = 100
)

// definedStates is what of Amazon States Language tells which states there are.
type definedStates struct {
	States map[string]struct {
		Branches      []json.RawMessage
		Iterator      json.RawMessage
		ItemProcessor json.RawMessage
	}
}

// stateNames lists the states of a definition, those within Parallel and Map states included, by name. They are unique
// in it. What is no definition has none.
func stateNames(definition json.RawMessage) []string {
	found := map[string]bool{}
	addStates(found, definition, 0)
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func addStates(found map[string]bool, definition json.RawMessage, depth int) {
	var d definedStates
	if len(definition) == 0 || depth > maxNesting || json.Unmarshal(definition, &d) != nil {
		return
	}
	for name, state := range d.States {
		if len(found) >= maxStates {
			return
		}
		found[name] = true
		for _, within := range append(state.Branches, state.Iterator, state.ItemProcessor) {
			addStates(found, within, depth+1)
		}
	}
}
