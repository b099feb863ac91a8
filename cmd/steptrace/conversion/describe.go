package conversion

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
)

// Described is what DescribeExecution says of an execution; zero when it was not asked.
type Described struct {
	convert.Execution
	Status string // empty when not known
}

// ParseDescribe reads the JSON that DescribeExecution returns, with dates in epoch seconds or ISO 8601.
func ParseDescribe(name string, body []byte) (Described, error) {
	var d struct {
		ExecutionARN    string          `json:"executionArn"`
		StateMachineARN string          `json:"stateMachineArn"`
		Status          string          `json:"status"`
		StartDate       json.RawMessage `json:"startDate"`
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return Described{}, fmt.Errorf("%s is not the JSON of DescribeExecution: %w", name, err)
	}
	if err := CheckARN(d.ExecutionARN); err != nil {
		return Described{}, fmt.Errorf("%s is not the JSON of DescribeExecution: executionArn: %w", name, err)
	}
	e := Described{
		Execution: convert.Execution{ARN: d.ExecutionARN, StateMachineARN: d.StateMachineARN}, Status: d.Status,
	}
	if len(d.StartDate) == 0 || string(d.StartDate) == "null" {
		return e, nil
	}
	started, err := history.ParseTime(d.StartDate)
	if err != nil {
		return Described{}, fmt.Errorf("%s: startDate: %w", name, err)
	}
	e.Started = started
	return e, nil
}

// CheckARN wants the ARN of a Standard or Express execution.
func CheckARN(text string) error {
	parsed, err := arn.Parse(text)
	kind, names, _ := strings.Cut(parsed.Resource, ":")
	ofExecution := kind == "execution" || kind == "express"
	if err != nil || parsed.Service != "states" || !ofExecution || !strings.Contains(names, ":") {
		return fmt.Errorf("want an execution's ARN (arn:aws:states:REGION:ACCOUNT:execution:STATE-MACHINE:NAME), have %q",
			text)
	}
	return nil
}

// ParseDefinition reads a state machine's definition: the States Language text, or the JSON of DescribeStateMachine or
// DescribeStateMachineForExecution around it.
func ParseDefinition(name string, body []byte) (*definition.Definition, error) {
	var d struct {
		Definition string                     `json:"definition"`
		States     map[string]json.RawMessage `json:"States"`
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return nil, fmt.Errorf("%s is not a state machine's definition in JSON: %w", name, err)
	}
	if d.States == nil && d.Definition != "" {
		return ParseDefinition(name+": definition", []byte(d.Definition))
	}
	if d.States == nil {
		return nil, fmt.Errorf("%s has no member \"States\": want a definition in States Language, "+
			"or what DescribeStateMachine returns", name)
	}
	parsed, err := definition.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return parsed, nil
}
