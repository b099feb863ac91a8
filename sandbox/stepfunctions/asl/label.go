package asl

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLabel is the length of a Map state's Label in characters.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
const maxLabel = 40

// label reads the Label of a Map state, which becomes part of the ARNs of its Map Runs and their children.
func (f *fields) label() string {
	label := f.text("Label")
	if utf8.RuneCountInString(label) > maxLabel {
		f.schema(f.place("Label"), "Label is longer than %d characters", maxLabel)
	}
	bad := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError ||
			strings.ContainsRune(`?*<>{}[]:;,\|^~$#%&/"`+"`", r)
	}
	if strings.ContainsFunc(label, bad) {
		f.schema(f.place("Label"), "Label has characters that are not allowed: '%s'", label)
	}
	return label
}

// checkLabels reports labels that occur twice in a whole definition.
func checkLabels(p *problems, machine *StateMachine) {
	seen := map[string]bool{}
	walkStates(machine, "", func(at string, state *State) {
		if state.Map == nil || state.Map.Label == "" {
			return
		}
		if seen[state.Map.Label] {
			p.add("DUPLICATE_LABEL", at+"/Label", "Duplicate Label: %s", state.Map.Label)
		}
		seen[state.Map.Label] = true
	})
}
