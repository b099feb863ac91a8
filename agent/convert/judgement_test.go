package convert_test

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// misjudged compares the errors of the trace with what the events say.
func misjudged(events []history.Event, d *definition.Definition) []string {
	events = append([]history.Event(nil), events...)
	history.Sort(events)
	whole := convert.New(convert.Execution{ARN: arn}, d).Feed(events...)
	return checkErrors(events, last(whole.Spans), whole.Records)
}

// checkErrors compares the errors of a finished execution with what its events say.
func checkErrors(events []history.Event, spans []convert.Span, records []convert.Record) (found []string) {
	end := events[len(events)-1]
	if !end.Terminal() {
		return nil
	}
	failed, failure := make(map[spanid.SpanID]bool), make(map[spanid.SpanID]history.Details)
	for i, r := range records {
		if events[i].Failed() && attr(r.Attributes, semconv.Kind) == semconv.KindAttempt {
			failed[r.Span], failure[r.Span] = true, events[i].Details
		}
	}
	for _, s := range spans {
		isError := s.Status == codes.Error
		reported, known := failure[s.ID]
		switch {
		case known && s.Kind == semconv.KindAttempt && text(s.Attributes, semconv.Error) != reported.Error:
			found = append(found, fmt.Sprintf("attempt #%d has the error %q, its event %q", eventID(s),
				text(s.Attributes, semconv.Error), reported.Error))
		case known && s.Kind == semconv.KindAttempt && !strings.HasPrefix(s.Message, reported.Error):
			found = append(found, fmt.Sprintf("attempt #%d has the message %q, its event the error %q", eventID(s), s.Message,
				reported.Error))
		case s.Kind == semconv.KindExecution && text(s.Attributes, semconv.Error) != end.Details.Error:
			found = append(found, fmt.Sprintf("execution has the error %q, its end %q", text(s.Attributes, semconv.Error),
				end.Details.Error))
		case s.Kind == semconv.KindExecution && text(s.Attributes, semconv.ExecutionStatus) != statusBy(end.Type):
			found = append(found, fmt.Sprintf("execution is %s after %s", text(s.Attributes, semconv.ExecutionStatus), end.Type))
		case s.Kind == semconv.KindExecution && isError != end.Failed():
			found = append(found, fmt.Sprintf("execution failed is %v, its end %s", isError, end.Type))
		case s.Kind == semconv.KindAttempt && isError != failed[s.ID]:
			found = append(found, fmt.Sprintf("attempt #%d failed is %v, by its events %v", eventID(s), isError, failed[s.ID]))
		case isError && attr(s.Attributes, semconv.CaughtError) != nil:
			found = append(found, fmt.Sprintf("%s %s failed and was caught", s.Kind, s.Name))
		case isError && attr(s.Attributes, semconv.Aborted) != nil:
			found = append(found, fmt.Sprintf("%s %s failed and was aborted", s.Kind, s.Name))
		case s.Kind == semconv.KindExecution && isError && s.Message == "" && end.Details.Error != "":
			found = append(found, "execution failed without a message")
		}
	}
	return found
}

func text(attrs []attribute.KeyValue, key string) string {
	s, _ := attr(attrs, key).(string)
	return s
}

// statusBy is the status that an execution has after the event.
func statusBy(typ string) string {
	return map[string]string{
		"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED", "ExecutionTimedOut": "TIMED_OUT",
		"ExecutionAborted": "ABORTED",
	}[typ]
}
