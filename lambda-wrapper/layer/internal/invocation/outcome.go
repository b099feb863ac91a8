package invocation

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/runtimeapi"
)

// Trailers by which a runtime ends a streamed response with an error, the first also a header of an error.
const (
	headerErrorType = "Lambda-Runtime-Function-Error-Type"
	headerErrorBody = "Lambda-Runtime-Function-Error-Body"
)

// outcome is how an invocation ended.
type outcome struct {
	end      time.Time
	failure  *faas.Error // nil: it succeeded
	timedOut bool
}

// outcomeOf is false for an answer that Lambda did not take, and that is none therefore.
func outcomeOf(a runtimeapi.Answer) (outcome, bool) {
	o := outcome{end: a.End}
	switch {
	case a.Status == http.StatusRequestEntityTooLarge:
		o.failure = &faas.Error{
			Type: "Function.ResponseSizeTooLarge", Message: "Lambda refused the response, which is larger than it takes",
		}
	case a.Status/100 != 2:
		return outcome{}, false
	case a.Failed:
		o.failure = report(a.Header.Get(headerErrorType), a.Body)
	case a.Trailer.Get(headerErrorType) != "":
		body, _ := base64.StdEncoding.DecodeString(a.Trailer.Get(headerErrorBody)) // the type alone says something, too
		o.failure = report(a.Trailer.Get(headerErrorType), body)
	}
	return o, true
}

// unanswered is the end of an invocation that Lambda cut off, or whose runtime has gone. The errors are those that
// Lambda reports to the caller.
func unanswered(at, deadline time.Time, timedOut bool) outcome {
	if !timedOut {
		return outcome{end: at, failure: &faas.Error{
			Type:    faas.ExitError,
			Message: "the runtime ended before it answered: it exited, was killed or ran out of memory",
		}}
	}
	if !deadline.IsZero() && deadline.Before(at) {
		at = deadline
	}
	return outcome{end: at, timedOut: true, failure: &faas.Error{
		Type: faas.TimedOut, Message: "had not answered at the function's timeout",
	}}
}

// left is the end of an invocation whose runtime went on without an answer that Lambda took: one that broke off, or was
// refused.
func left(at time.Time) outcome {
	return outcome{end: at, failure: &faas.Error{
		Type: unknownError, Message: "the runtime asked for the next invocation without an answer that Lambda took",
	}}
}

// unknownError is Lambda's name for an error that the runtime gave none.
const unknownError = "Runtime.Unknown"

// report reads what a runtime says of an error. Python and Java have the stack in stackTrace, Node.js in trace.
func report(errorType string, body []byte) *faas.Error {
	var r struct {
		ErrorType    string          `json:"errorType"`
		ErrorMessage string          `json:"errorMessage"`
		StackTrace   json.RawMessage `json:"stackTrace"`
		Trace        json.RawMessage `json:"trace"`
	}
	e := &faas.Error{Type: errorType}
	if json.Unmarshal(body, &r) == nil {
		e.Message, e.Stack = r.ErrorMessage, lines(r.StackTrace)+lines(r.Trace)
		if r.ErrorType != "" {
			e.Type = r.ErrorType
		}
	}
	if e.Type == "" {
		e.Type = unknownError
	}
	return e
}

// lines reads a list of lines, which may end in line feeds, or one text.
func lines(raw json.RawMessage) string {
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		var one string
		_ = json.Unmarshal(raw, &one) // anything else is no stack
		return one
	}
	var b strings.Builder
	for _, line := range list {
		b.WriteString(strings.TrimSuffix(line, "\n") + "\n")
	}
	return b.String()
}
