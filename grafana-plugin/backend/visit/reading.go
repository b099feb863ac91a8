package visit

import (
	"slices"
	"strings"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// reading is a trace and the events of one state, by what they are looked up by.
type reading struct {
	trace    store.Trace
	name     string
	events   []store.HistoryEvent
	spans    map[string]store.Span
	children map[string][]store.Span
	byID     map[int64]store.HistoryEvent
	bySpan   map[string][]store.HistoryEvent
	// scheduled are the events that began attempts whose span has not come, by the span id of the visit.
	scheduled map[string][]store.HistoryEvent
}

func newReading(t store.Trace, name string, events []store.HistoryEvent) reading {
	r := reading{
		trace: t, name: name, events: events, spans: map[string]store.Span{}, children: map[string][]store.Span{},
		byID: map[int64]store.HistoryEvent{}, bySpan: map[string][]store.HistoryEvent{},
		scheduled: map[string][]store.HistoryEvent{},
	}
	for _, s := range t.Spans {
		r.spans[s.SpanID] = s
		r.children[s.ParentSpanID] = append(r.children[s.ParentSpanID], s)
	}
	for _, e := range events {
		r.byID[e.ID] = e
		r.bySpan[e.SpanID] = append(r.bySpan[e.SpanID], e)
	}
	for _, e := range r.unseen(isScheduled) {
		visit := r.visitOf(e)
		r.scheduled[visit] = append(r.scheduled[visit], e)
	}
	return r
}

// states are the spans of the state's visits, without those of other executions in the trace.
func (r reading) states() []store.Span {
	var found []store.Span
	for _, s := range r.trace.Spans {
		own := r.trace.ExecutionARN == "" || s.Attributes[semconv.ExecutionARN] == r.trace.ExecutionARN
		if own && s.Attributes[semconv.Kind] == semconv.KindState && s.Attributes[semconv.StateName] == r.name {
			found = append(found, s)
		}
	}
	return found
}

// unseen are the events of a type whose span has not come: spans come when things end.
func (r reading) unseen(of func(store.HistoryEvent) bool) []store.HistoryEvent {
	var found []store.HistoryEvent
	for _, e := range r.events {
		_, seen := r.spans[e.SpanID]
		first := slices.IndexFunc(r.bySpan[e.SpanID], of)
		if !seen && of(e) && r.bySpan[e.SpanID][first].ID == e.ID {
			found = append(found, e)
		}
	}
	return found
}

func isEntered(e store.HistoryEvent) bool { return strings.HasSuffix(e.Type, "StateEntered") }

func isExited(e store.HistoryEvent) bool { return strings.HasSuffix(e.Type, "StateExited") }

// isScheduled tells the events that begin an attempt.
func isScheduled(e store.HistoryEvent) bool {
	return e.Type == "TaskScheduled" || e.Type == "LambdaFunctionScheduled" || e.Type == "ActivityScheduled"
}

func stateType(s store.Span) string { return s.Attributes[semconv.StateType] }

func enteredType(e store.HistoryEvent) string { return strings.TrimSuffix(e.Type, "StateEntered") }

// visitOf is the span of the visit that an event lies in: the events before it lead there.
func (r reading) visitOf(e store.HistoryEvent) string {
	for range len(r.events) + 1 { // a hostile history may go round
		if isEntered(e) {
			return e.SpanID
		}
		previous, known := r.byID[e.PreviousID]
		if !known {
			return ""
		}
		e = previous
	}
	return ""
}

// resumed tells whether events have come since the span: a redrive went on with it.
func (r reading) resumed(s store.Span) bool {
	if r.trace.Status != "RUNNING" {
		return false
	}
	for _, e := range r.bySpan[s.SpanID] {
		if e.Time.UnixNano() > s.EndUnixNano {
			return true
		}
	}
	return false
}

// around looks for the index that the innermost span of a kind around a span has.
func (r reading) around(s store.Span, kind, attribute string) *int {
	for range len(r.trace.Spans) {
		if s.Attributes[semconv.Kind] == kind {
			return index(s, attribute)
		}
		parent, known := r.spans[s.ParentSpanID]
		if !known {
			return nil
		}
		s = parent
	}
	return nil
}
