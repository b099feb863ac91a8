package convert_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// tree draws a trace as an indented tree, one span a line:
//
//	KIND NAME +START..END MARKS #OPENING-EVENT [EVENTS]
//
// START and END are milliseconds from the first span's start; MARKS are ERROR with its message, caught, aborted, open,
// retry N; EVENTS are the ids of the events that belong to the span.
func tree(spans []convert.Span, records []convert.Record) string {
	children := make(map[spanid.SpanID][]convert.Span)
	for _, s := range spans {
		children[s.Parent] = append(children[s.Parent], s)
	}
	events := make(map[spanid.SpanID][]string)
	for _, r := range records {
		events[r.Span] = append(events[r.Span], fmt.Sprint(attr(r.Attributes, semconv.EventID)))
	}
	var b strings.Builder
	var draw func(parent spanid.SpanID, indent string)
	draw = func(parent spanid.SpanID, indent string) {
		group := children[parent]
		slices.SortFunc(group, func(a, b convert.Span) int { return cmp.Compare(eventID(a), eventID(b)) })
		for _, s := range group {
			fmt.Fprintf(&b, "%s%s %s%s%s%s\n", indent, s.Kind, s.Name, times(s, children), marks(s), own(s, events[s.ID]))
			draw(s.ID, indent+"  ")
		}
	}
	draw(spanid.SpanID{}, "")
	return b.String()
}

func times(s convert.Span, children map[spanid.SpanID][]convert.Span) string {
	origin := children[spanid.SpanID{}][0].Start
	return fmt.Sprintf(" +%d..%d", s.Start.Sub(origin).Milliseconds(), s.End.Sub(origin).Milliseconds())
}

func marks(s convert.Span) string {
	var b strings.Builder
	if s.Status == codes.Error {
		fmt.Fprintf(&b, " ERROR(%s)", s.Message)
	}
	for _, a := range s.Attributes {
		switch string(a.Key) {
		case semconv.CaughtError:
			fmt.Fprintf(&b, " caught(%s)", a.Value.AsString())
		case semconv.Aborted:
			b.WriteString(" aborted")
		case semconv.Open:
			b.WriteString(" open")
		case semconv.RetryCount:
			if n := a.Value.AsInt64(); n > 0 {
				fmt.Fprintf(&b, " retry %d", n)
			}
		}
	}
	return b.String()
}

func own(s convert.Span, events []string) string {
	if s.Kind == semconv.KindTrigger {
		return ""
	}
	return fmt.Sprintf(" #%d [%s]", eventID(s), strings.Join(events, " "))
}

func eventID(s convert.Span) int64 {
	v, _ := attr(s.Attributes, semconv.EventID).(int64)
	return v
}

func attr(attrs []attribute.KeyValue, key string) any {
	for _, a := range attrs {
		if string(a.Key) == key {
			return a.Value.AsInterface()
		}
	}
	return nil
}

// last keeps the latest of the spans with one id: what a redrive continued comes out once more.
func last(spans []convert.Span) []convert.Span {
	at := make(map[spanid.SpanID]int)
	var kept []convert.Span
	for _, s := range spans {
		if i, ok := at[s.ID]; ok {
			kept[i] = s
			continue
		}
		at[s.ID] = len(kept)
		kept = append(kept, s)
	}
	return kept
}
