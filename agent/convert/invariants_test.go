package convert_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const arn = "arn:aws:states:eu-west-1:123456789012:execution:recorded:run"

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
		open := single.Open(now)
		prefix := last(append(append([]convert.Span(nil), stepped.Spans...), open...))
		found = append(found, check(events[:i+1], prefix, stepped.Records)...)
		found = append(found, checkOpen(prefix, open)...)
	}
	if fmt.Sprint(whole) != fmt.Sprint(stepped) {
		found = append(found, "one by one and all at once differ")
	}
	if again := convert.New(convert.Execution{ARN: arn}, d).Feed(disordered(events)...); fmt.Sprint(whole) != fmt.Sprint(again) {
		found = append(found, "in order and out of order differ")
	}
	if terminal := events[len(events)-1].Terminal(); terminal != single.Done() {
		found = append(found, fmt.Sprintf("done is %v, ended is %v", single.Done(), terminal))
	}
	if single.Done() && len(single.Open(time.Time{})) > 0 {
		found = append(found, "spans open after the end")
	}
	return found
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
		keys := make(map[attribute.Key]bool)
		for _, a := range s.Attributes {
			if keys[a.Key] {
				violated("%s %s #%d says %s twice", s.Kind, s.Name, eventID(s), a.Key)
			}
			keys[a.Key] = true
		}
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
	checkAcyclic(spans, byID, violated)
	checkOpeners(events, spans, violated)
	checkNumbers(spans, byID, violated)
	checkRecords(events, byID, records, violated)
	return found
}

// disordered are the events newest first, each second one twice.
func disordered(events []history.Event) []history.Event {
	var out []history.Event
	for i, e := range slices.Backward(events) {
		if out = append(out, e); i%2 == 0 {
			out = append(out, e)
		}
	}
	return out
}

// checkOpen wants exactly those marked as open that have not ended.
func checkOpen(spans, open []convert.Span) (found []string) {
	isOpen := make(map[spanid.SpanID]bool)
	for _, s := range open {
		isOpen[s.ID] = true
	}
	for _, s := range spans {
		if marked := attr(s.Attributes, semconv.Open) == true; marked != isOpen[s.ID] {
			found = append(found, fmt.Sprintf("%s %s #%d: open %v, marked %v", s.Kind, s.Name, eventID(s), isOpen[s.ID], marked))
		}
	}
	return found
}

// checkAcyclic wants the root above each span.
func checkAcyclic(spans []convert.Span, byID map[spanid.SpanID]convert.Span, violated func(string, ...any)) {
	for _, s := range spans {
		above := s
		for range spans {
			if above.Parent == (spanid.SpanID{}) {
				break
			}
			above = byID[above.Parent]
		}
		if above.Parent != (spanid.SpanID{}) {
			violated("%s %s #%d is in a circle", s.Kind, s.Name, eventID(s))
		}
	}
}

// checkNumbers wants the attempts of a state, in each redrive, to be numbered from 0 on, and branches and iterations by
// the runs of what they are in.
func checkNumbers(spans []convert.Span, byID map[spanid.SpanID]convert.Span, violated func(string, ...any)) {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b convert.Span) int { return cmp.Compare(eventID(a), eventID(b)) })
	next := make(map[string]int64)
	for _, s := range spans {
		number, _ := attr(s.Attributes, semconv.RetryCount).(int64)
		of := fmt.Sprint(s.Parent, s.Kind)
		switch s.Kind {
		case semconv.KindAttempt:
			of += fmt.Sprint(attr(s.Attributes, semconv.RedriveCount))
			if number != next[of] {
				violated("attempt #%d of %s is number %d, want %d", eventID(s), byID[s.Parent].Name, number, next[of])
			}
			next[of] = number + 1
		case semconv.KindBranch, semconv.KindIteration:
			if number < next[of] { // a run can have had none
				violated("%s #%d of %s is of run %d after %d", s.Kind, eventID(s), byID[s.Parent].Name, number, next[of])
			}
			next[of] = number
		}
	}
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
