package stepfunctions

import (
	"context"
	"errors"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

type validateInput struct {
	Definition string `json:"definition"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Location string `json:"location,omitempty"`
}

type validateOutput struct {
	Result      string       `json:"result"`
	Diagnostics []diagnostic `json:"diagnostics"`
	Truncated   bool         `json:"truncated"`
}

// validateStateMachineDefinition answers OK or FAIL with every problem of a definition.
func (s *Service) validateStateMachineDefinition(_ context.Context, in validateInput) (validateOutput, error) {
	if err := required("definition", in.Definition); err != nil {
		return validateOutput{}, err
	}
	_, err := asl.Parse([]byte(in.Definition))
	var invalid *asl.DefinitionError
	if err == nil {
		return validateOutput{Result: "OK", Diagnostics: []diagnostic{}}, nil
	}
	if !errors.As(err, &invalid) {
		return validateOutput{}, err
	}
	out := validateOutput{Result: "FAIL"}
	for _, p := range invalid.Problems {
		out.Diagnostics = append(out.Diagnostics, diagnostic{"ERROR", p.Code, p.Message, p.Location})
	}
	return out, nil
}
