package vendedlogs

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// feed converts events, which are in order and behind the last one, and says on the execution's span how many are
// missing before its end.
func (x *execution) feed(events []history.LogEvent) convert.Output {
	var out convert.Output
	for len(events) > 0 {
		n := x.together(events)
		join(&out, x.convert(events[:n]))
		events = events[n:]
	}
	return out
}

// together is how many of the events can be converted at once: up to the end of the execution or of its redrive.
func (x *execution) together(events []history.LogEvent) int {
	for i := range events {
		if i > 0 && events[i].RedriveCount > events[0].RedriveCount {
			return i
		}
		if events[i].Terminal() {
			return i + 1
		}
	}
	return len(events)
}

func (x *execution) convert(events []history.LogEvent) convert.Output {
	out := x.follow(events[0])
	batch := make([]history.Event, len(events))
	for i := range events {
		batch[i] = x.bridges.link(events[i].Event, x.converted)
		x.fed = append(x.fed, events[i])
	}
	join(&out, x.converter.Feed(batch...))
	x.bridges.restore(out.Records)
	x.last = events[len(events)-1].ID
	mark(out.Spans, x.missing())
	return out
}

// follow lets the converter go on with the redrive that the event belongs to, when the lines that say so are missing:
// ids depend on it. What it makes up for that stays within.
func (x *execution) follow(e history.LogEvent) (out convert.Output) {
	if e.RedriveCount <= x.redrive {
		return out
	}
	x.redrive = e.RedriveCount
	told := e.Type == "ExecutionRedriven"
	if !x.converter.Done() {
		out.Spans = attempts(x.converter.Open(e.Time))
		id := e.ID - 2
		if told {
			id = e.ID - 1
		}
		x.converter.Feed(history.Event{ID: id, Type: "ExecutionAborted", Time: e.Time})
	}
	if !told {
		x.converter.Feed(history.Event{
			ID: e.ID - 1, Type: "ExecutionRedriven", Time: e.Time,
			Details: history.Details{RedriveCount: new(e.RedriveCount)},
		})
	}
	return out
}

// attempts are those that a redrive does not take up again: their ends were not seen.
func attempts(spans []convert.Span) []convert.Span {
	return slices.DeleteFunc(spans, func(s convert.Span) bool { return s.Kind != semconv.KindAttempt })
}

// missing counts the events up to the last one that the spans are made without.
func (x *execution) missing() int64 { return x.last - int64(len(x.fed)) }

func mark(spans []convert.Span, missing int64) []convert.Span {
	for i := range spans {
		if spans[i].Kind == semconv.KindExecution && missing > 0 {
			spans[i].Attributes = append(slices.Clone(spans[i].Attributes), attribute.Int64(semconv.EventsMissing, missing))
		}
	}
	return spans
}

// amend converts the execution anew with the lines that came late, and returns what is new or different.
func (x *execution) amend(stats *Stats) convert.Output {
	if len(x.late) == 0 {
		return convert.Output{}
	}
	stats.Late += int64(len(x.late))
	events := slices.AppendSeq(slices.Clone(x.fed), maps.Values(x.late))
	slices.SortFunc(events, func(a, b history.LogEvent) int { return cmp.Compare(a.ID, b.ID) })
	_, before := x.replay(x.fed)
	y, after := x.replay(events)
	x.converter, x.bridges, x.fed, x.last, x.redrive = y.converter, y.bridges, y.fed, y.last, y.redrive
	clear(x.late)
	x.lateDue = time.Time{}
	return different(before, after)
}

func (x *execution) replay(events []history.LogEvent) (*execution, convert.Output) {
	y := newExecution(x.about, x.options)
	if x.former != nil {
		y.resume(x.former)
	}
	return y, y.feed(events)
}

// different is what of the output was not put out before.
func different(before, after convert.Output) (out convert.Output) {
	spans := make(map[spanid.SpanID]convert.Span)
	for i := range before.Spans {
		spans[before.Spans[i].ID] = before.Spans[i]
	}
	for _, s := range latest(after.Spans) {
		if old, ok := spans[s.ID]; !ok || !reflect.DeepEqual(old, s) {
			out.Spans = append(out.Spans, s)
		}
	}
	records := make(map[any]convert.Record)
	for _, r := range before.Records {
		records[eventID(r)] = r
	}
	for _, r := range after.Records {
		if old, ok := records[eventID(r)]; !ok || !reflect.DeepEqual(old, r) {
			out.Records = append(out.Records, r)
		}
	}
	return out
}

// latest leaves the last span of each id: what a redrive went on with has come more than once.
func latest(spans []convert.Span) []convert.Span {
	seen := make(map[spanid.SpanID]bool)
	var kept []convert.Span
	for _, s := range slices.Backward(spans) {
		if !seen[s.ID] {
			seen[s.ID] = true
			kept = append(kept, s)
		}
	}
	slices.Reverse(kept)
	return kept
}

func eventID(r convert.Record) any {
	for _, a := range r.Attributes {
		if string(a.Key) == semconv.EventID {
			return a.Value.AsInt64()
		}
	}
	return nil
}
