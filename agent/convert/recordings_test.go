package convert_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const arn = "arn:aws:states:eu-west-1:123456789012:execution:recorded:run"

// recordings is the folder of recorded histories; without the variable the test is skipped.
func recordings(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("STEPTRACE_RECORDINGS")
	if dir == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	return dir
}

func TestRecordingsHoldTheInvariants(t *testing.T) {
	dir := recordings(t)
	count := 0
	for _, folder := range []string{"histories", "histories_emulator"} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*.history.json"))
		require.NoError(t, err)
		for _, file := range files {
			count++
			events := readHistory(t, file)
			for _, d := range []*definition.Definition{nil, readDefinition(t, file)} {
				require.Empty(t, violations(events, d), "%s, definition %v", file, d != nil)
				require.Empty(t, misjudged(events, d), "%s, definition %v", file, d != nil)
			}
		}
	}
	require.GreaterOrEqual(t, count, 436)
}

func readHistory(t *testing.T, file string) []history.Event {
	t.Helper()
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	events, err := history.Decode(file, body)
	require.NoError(t, err)
	return events
}

func readDefinition(t *testing.T, file string) *definition.Definition {
	t.Helper()
	body, err := os.ReadFile(strings.TrimSuffix(file, ".history.json") + ".definition.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	d, err := definition.Parse(body)
	require.NoError(t, err, file)
	return d
}

// violations converts the history in every way that must not matter, and checks the trace of each of its prefixes.
func violations(events []history.Event, d *definition.Definition) (found []string) {
	events = append([]history.Event(nil), events...)
	history.Sort(events)
	whole := convert.New(convert.Execution{ARN: arn}, d).Feed(events...)
	single := convert.New(convert.Execution{ARN: arn}, d)
	var stepped convert.Output
	var now time.Time
	for i, e := range events {
		if e.Time.After(now) {
			now = e.Time
		}
		out := single.Feed(e)
		stepped.Spans = append(stepped.Spans, out.Spans...)
		stepped.Records = append(stepped.Records, out.Records...)
		stepped.Children = append(stepped.Children, out.Children...)
		stepped.MapRuns = append(stepped.MapRuns, out.MapRuns...)
		again := single.Feed(events[:i+1]...)
		if len(again.Spans)+len(again.Records) > 0 {
			found = append(found, fmt.Sprintf("event %d fed twice gave output", e.ID))
		}
		prefix := append(append([]convert.Span(nil), stepped.Spans...), single.Open(now)...)
		found = append(found, check(events[:i+1], last(prefix), stepped.Records)...)
	}
	if fmt.Sprint(whole) != fmt.Sprint(stepped) {
		found = append(found, "one by one and all at once differ")
	}
	if terminal := events[len(events)-1].Terminal(); terminal != single.Done() {
		found = append(found, fmt.Sprintf("done is %v, ended is %v", single.Done(), terminal))
	}
	if single.Done() && len(single.Open(time.Time{})) > 0 {
		found = append(found, "spans open after the end")
	}
	return found
}

// misjudged compares the errors of the trace with what the events say.
func misjudged(events []history.Event, d *definition.Definition) []string {
	events = append([]history.Event(nil), events...)
	history.Sort(events)
	whole := convert.New(convert.Execution{ARN: arn}, d).Feed(events...)
	return checkErrors(events, last(whole.Spans), whole.Records)
}

func check(events []history.Event, spans []convert.Span, records []convert.Record) (found []string) {
	violated := func(format string, args ...any) {
		found = append(found, fmt.Sprintf("after event %d: ", events[len(events)-1].ID)+fmt.Sprintf(format, args...))
	}
	byID := make(map[spanid.SpanID]convert.Span)
	for _, s := range spans {
		if _, twice := byID[s.ID]; twice {
			violated("two spans %s", s.ID)
		}
		byID[s.ID] = s
	}
	roots := 0
	for _, s := range spans {
		if s.Parent == (spanid.SpanID{}) {
			roots++
		} else if parent, ok := byID[s.Parent]; !ok {
			violated("%s %s #%d has no parent", s.Kind, s.Name, eventID(s))
		} else if s.Start.Before(parent.Start) {
			violated("%s %s #%d starts before its parent", s.Kind, s.Name, eventID(s))
		} else if s.End.After(parent.End) && parent.Kind != semconv.KindTrigger {
			violated("%s %s #%d ends after its parent", s.Kind, s.Name, eventID(s))
		}
		if s.End.Before(s.Start) {
			violated("%s %s #%d ends before it starts", s.Kind, s.Name, eventID(s))
		}
	}
	if roots != 1 {
		violated("%d roots", roots)
	}
	checkOpeners(events, spans, violated)
	checkRecords(events, byID, records, violated)
	return found
}

func checkOpeners(events []history.Event, spans []convert.Span, violated func(string, ...any)) {
	opened := make(map[string]int)
	for _, s := range spans {
		opened[fmt.Sprint(s.Kind, eventID(s))]++
	}
	states, attempts := 0, 0
	for _, e := range events {
		if _, ok := e.StateEntered(); ok {
			states++
			if opened[fmt.Sprint(semconv.KindState, e.ID)] != 1 {
				violated("%d spans for %s %d", opened[fmt.Sprint(semconv.KindState, e.ID)], e.Type, e.ID)
			}
		}
		if strings.HasSuffix(e.Type, "Scheduled") {
			attempts++
			if opened[fmt.Sprint(semconv.KindAttempt, e.ID)] != 1 {
				violated("%d spans for %s %d", opened[fmt.Sprint(semconv.KindAttempt, e.ID)], e.Type, e.ID)
			}
		}
	}
	for _, s := range spans {
		switch s.Kind {
		case semconv.KindState:
			states--
		case semconv.KindAttempt:
			attempts--
		}
	}
	if states != 0 || attempts != 0 {
		violated("%d states and %d attempts missing", states, attempts)
	}
}

func checkRecords(
	events []history.Event, spans map[spanid.SpanID]convert.Span, records []convert.Record, violated func(string, ...any),
) {
	if len(events) != len(records) {
		violated("%d records of %d events", len(records), len(events))
		return
	}
	for i, r := range records {
		if r.EventName != events[i].Type || attr(r.Attributes, semconv.EventID) != events[i].ID {
			violated("record %d is not event %d", i, events[i].ID)
		}
		if _, ok := spans[r.Span]; !ok {
			violated("record of event %d belongs to no span", events[i].ID)
		}
	}
}

// checkErrors compares the errors of a finished execution with what its events say.
func checkErrors(events []history.Event, spans []convert.Span, records []convert.Record) (found []string) {
	end := events[len(events)-1]
	if !end.Terminal() {
		return nil
	}
	failed := make(map[spanid.SpanID]bool)
	for i, r := range records {
		if events[i].Failed() && attr(r.Attributes, semconv.Kind) == semconv.KindAttempt {
			failed[r.Span] = true
		}
	}
	for _, s := range spans {
		isError := s.Status == codes.Error
		switch {
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
