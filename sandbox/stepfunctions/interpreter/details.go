package interpreter

import (
	"errors"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// errTimeout is the error of a task or an execution that took too long.
const errTimeout = "States.Timeout"

func timeoutFailure() Failure {
	name := errTimeout
	return Failure{Error: &name}
}

func startedDetails(x *Execution) *Details {
	details := inputDetails(x.InputText)
	details.RoleARN, details.StateMachineVersionARN = x.RoleARN, x.StateMachineVersionARN
	return details
}

func inputDetails(text string) *Details { return &Details{Input: &text, InputDetails: &Truncation{}} }

func outputDetails(text string) *Details {
	return &Details{Output: &text, OutputDetails: &Truncation{}}
}

func failureDetails(f Failure) *Details { return &Details{Error: f.Error, Cause: f.Cause} }

// asDataError is err as an error of package dataflow.
func asDataError(err error) *dataflow.Error {
	var e *dataflow.Error
	if errors.As(err, &e) {
		return e
	}
	return &dataflow.Error{Name: dataflow.ErrRuntime, Message: err.Error()}
}
