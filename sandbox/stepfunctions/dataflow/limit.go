package dataflow

import (
	"fmt"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// MaxDataBytes is Step Functions' quota for a payload: input, output or result, as UTF-8 text.
const MaxDataBytes = 262144

// CheckSize is a *Error when v is over the quota. The subject is the state's name or, for the result of a task, the
// ARN of the function or the name of the service.
func CheckSize(subject string, v Value) error {
	if len(jsonvalue.Encode(v)) <= MaxDataBytes {
		return nil
	}
	return &Error{Name: ErrDataLimitExceeded, Message: fmt.Sprintf("The state/task '%s' returned a result with a size "+
		"exceeding the maximum number of bytes service limit.", subject)}
}
