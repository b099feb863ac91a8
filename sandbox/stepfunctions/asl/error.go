package asl

import "strings"

// Problem is one thing wrong with a definition.
type Problem struct {
	Code     string // "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET", …
	Message  string
	Location string // as AWS writes it: /States/Foo/Next; empty for the definition as a whole
}

// String is "CODE: message at location".
func (p Problem) String() string {
	text := p.Code + ": " + p.Message
	if p.Location == "" {
		return text
	}
	return text + " at " + p.Location
}

// DefinitionError is what CreateStateMachine answers with an InvalidDefinition exception.
type DefinitionError struct {
	Problems []Problem // at least one
}

func (e *DefinitionError) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.String()
	}
	return "Invalid State Machine Definition: '" + strings.Join(texts, ", ") + "'"
}
