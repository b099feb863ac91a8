package origin

import (
	"strconv"
	"strings"
	"time"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/jsonscan"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// Execution is what the context object of Step Functions tells of who invoked the function.
//
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
type Execution struct {
	ARN        string
	State      string
	Entered    time.Time // to the millisecond; zero if not told
	RetryCount int
}

// maxARN bounds an execution's ARN; the longest, of a Map Run's child, have about 300 characters.
const maxARN = 1024

// rootEventID is the history event that opens an execution: ExecutionStarted is always the first.
const rootEventID = 1

// Known tells whether there was a context object.
func (e Execution) Known() bool { return e.ARN != "" }

// Trace is the execution's trace.
func (e Execution) Trace() spanid.TraceID { return spanid.Trace(e.ARN) }

// Parent is the attempt that invoked the function, by its alias; the execution if it cannot be told which.
func (e Execution) Parent() spanid.SpanID {
	if e.State == "" || e.Entered.IsZero() {
		return spanid.Span(semconv.KindExecution, e.ARN, 0, rootEventID)
	}
	return spanid.AttemptAlias(e.ARN, e.State, e.Entered.UnixMilli(), e.RetryCount)
}

// executionOf reads a context object, whole or in parts.
func executionOf(object []byte) Execution {
	return executionFrom(jsonscan.Find(object, "Execution"), jsonscan.Find(object, "State"))
}

// executionFrom reads the members Execution and State of a context object.
func executionFrom(execution, state []byte) Execution {
	arn := jsonscan.Text(jsonscan.Find(execution, "Id"))
	if !isExecutionARN(arn) {
		return Execution{}
	}
	e := Execution{ARN: arn, State: jsonscan.Text(jsonscan.Find(state, "Name"))}
	e.Entered, _ = time.Parse(time.RFC3339Nano, jsonscan.Text(jsonscan.Find(state, "EnteredTime"))) // zero is "not told"
	// Absent on a first attempt.
	e.RetryCount, _ = strconv.Atoi(string(jsonscan.Find(state, "RetryCount")))
	return e
}

// isExecutionARN knows arn:PARTITION:states:REGION:ACCOUNT:execution:MACHINE:NAME, and express:MACHINE:NAME:ID.
func isExecutionARN(arn string) bool {
	if len(arn) > maxARN {
		return false
	}
	parts := strings.SplitN(arn, ":", 7)
	return len(parts) == 7 && parts[0] == "arn" && parts[2] == "states" &&
		(parts[5] == "execution" || parts[5] == "express")
}
