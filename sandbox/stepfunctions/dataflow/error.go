package dataflow

import (
	"fmt"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// The error names that evaluating data can raise. A path that leads nowhere is States.Runtime, as AWS reports it,
// whatever States.ParameterPathFailure suggests.
const (
	ErrRuntime           = "States.Runtime"
	ErrResultPathMatch   = "States.ResultPathMatchFailure"
	ErrIntrinsicFailure  = "States.IntrinsicFailure"
	ErrNoChoiceMatched   = "States.NoChoiceMatched"
	ErrQueryEvaluation   = "States.QueryEvaluationError"
	ErrDataLimitExceeded = "States.DataLimitExceeded"
)

// Error is a failure as Step Functions reports it in the history.
type Error struct {
	Name     string // such as "States.Runtime"
	Message  string // the cause without the words that name the state; see Cause
	Location string // JSONata: the field, such as "Output/error"; an EvaluationFailed event is due when it is set
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

// Cause is the whole cause text, for the state that was entered by the event of the given id.
func (e *Error) Cause(state string, enteredEventID int64) string {
	if e.Name == ErrDataLimitExceeded {
		return e.Message
	}
	return fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s",
		state, enteredEventID, e.Message)
}

func runtimeErrorf(format string, args ...any) *Error {
	return &Error{Name: ErrRuntime, Message: fmt.Sprintf(format, args...)}
}

func queryErrorf(location, format string, args ...any) *Error {
	return &Error{Name: ErrQueryEvaluation, Message: fmt.Sprintf(format, args...), Location: location}
}

// Failure is an error that a Catch sees, and a Fail state makes.
type Failure struct {
	Error, Cause *string // nil: absent
}

// value is the error output: {"Error": …, "Cause": …}.
func (f Failure) value() *jsonvalue.Object {
	output := jsonvalue.NewObject()
	if f.Error != nil {
		output.Set("Error", *f.Error)
	}
	if f.Cause != nil {
		output.Set("Cause", *f.Cause)
	}
	return output
}
