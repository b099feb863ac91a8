// Package definition reads from a state machine's definition (Amazon States Language) what the history of an execution
// does not say: in which branch of which Parallel state, or in which Map state, a state lives. It does no I/O.
package definition

import (
	"encoding/json"
	"fmt"
)

// NoBranch is the Branch of a state that is not in a Parallel state.
const NoBranch = -1

// Place is where a state lives.
type Place struct {
	Parent string // the Parallel or Map state around it; empty at the top level
	Branch int    // the Parallel state's branch, from 0, or NoBranch
	Type   string // Task, Parallel, …
	Error  string // of a Fail state, when written as text
	Cause  string // of a Fail state, when written as text
}

// Definition places states by name. The zero value, and nil, know no state.
type Definition struct {
	places map[string]Place
	shared map[string]bool // names that several states have
}

// Parse reads a definition. Members that placing does not need are not checked: AWS has accepted the definition.
func Parse(text []byte) (*Definition, error) {
	var top machine
	if err := json.Unmarshal(text, &top); err != nil {
		return nil, fmt.Errorf("state machine definition: %w", err)
	}
	d := &Definition{places: make(map[string]Place), shared: make(map[string]bool)}
	d.add(&top, Place{Branch: NoBranch})
	for name := range d.shared {
		delete(d.places, name)
	}
	return d, nil
}

// Fits is false when an execution that entered the state cannot have used the definition.
func (d *Definition) Fits(state, typ string) bool {
	if d == nil || d.shared[state] {
		return true
	}
	place, ok := d.places[state]
	return ok && place.Type == typ
}

// Place tells where the state lives; ok is false for a name that the definition lacks or has more than once.
func (d *Definition) Place(state string) (place Place, ok bool) {
	if d == nil {
		return Place{}, false
	}
	place, ok = d.places[state]
	return place, ok
}

type machine struct {
	States map[string]state
}

type state struct {
	Type          string
	Branches      []machine
	Iterator      *machine
	ItemProcessor *machine
	Error         json.RawMessage
	Cause         json.RawMessage
}

func (d *Definition) add(m *machine, in Place) {
	for name, s := range m.States {
		if _, twice := d.places[name]; twice {
			d.shared[name] = true
		}
		place := in
		place.Type, place.Error, place.Cause = s.Type, literal(s.Error), literal(s.Cause)
		d.places[name] = place
		for i := range s.Branches {
			d.add(&s.Branches[i], Place{Parent: name, Branch: i})
		}
		for _, inner := range []*machine{s.Iterator, s.ItemProcessor} {
			if inner != nil {
				d.add(inner, Place{Parent: name, Branch: NoBranch})
			}
		}
	}
}

// literal is a JSON string's value, empty for everything else and for a JSONata expression.
func literal(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil || len(s) > 1 && s[:2] == "{%" {
		return ""
	}
	return s
}
