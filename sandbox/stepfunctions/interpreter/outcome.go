package interpreter

import (
	"errors"
	"fmt"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// The statuses of an execution.
const (
	StatusRunning   = "RUNNING"
	StatusSucceeded = "SUCCEEDED"
	StatusFailed    = "FAILED"
	StatusTimedOut  = "TIMED_OUT"
	StatusAborted   = "ABORTED"
)

// Outcome is how an execution ended.
type Outcome struct {
	Status   string
	Output   []byte // JSON; only when it succeeded
	Failure         // when it did not
	StopTime time.Time
}

// details are those of the event that ends a history.
func (o Outcome) details() *Details {
	if o.Status == StatusSucceeded {
		return outputDetails(string(o.Output))
	}
	return &Details{Error: o.Error, Cause: o.Cause}
}

// Failure is an error in the sense of the Amazon States Language. Both members may be missing, which is not the same
// as empty.
type Failure = dataflow.Failure

// stateError is a Failure on its way from where it happened to whoever catches it.
type stateError struct {
	failure Failure
	event   int64 // the event that says so: what follows points to it
	silent  bool  // it is a timeout for want of a heartbeat
}

func (e *stateError) Error() string { return fmt.Sprintf("%s: %s", e.name(), deref(e.failure.Cause)) }

func (e *stateError) name() string { return deref(e.failure.Error) }

// asStateError is err as a stateError; nil when err only says that the execution or branch has ended.
func asStateError(err error) *stateError {
	var e *stateError
	if errors.As(err, &e) {
		return e
	}
	return nil
}

func failuref(name, format string, args ...any) Failure {
	cause := fmt.Sprintf(format, args...)
	return Failure{Error: &name, Cause: &cause}
}

func tooManyEvents() Failure {
	return failuref(dataflow.ErrRuntime, "The execution reached the maximum number of history events (%d).", MaxEvents)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Milliseconds is t as Step Functions knows times: in UTC, without anything finer than a millisecond.
func Milliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
