package vendedlogs

import (
	"cmp"
	"container/list"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
)

// execution is one that lines come of, or came of lately.
type execution struct {
	about   convert.Execution
	options []convert.Option
	express bool
	source  string
	first   time.Time     // the earliest place of a line
	newest  time.Time     // the latest
	heard   time.Time     // when a line that was not known arrived last
	place   *list.Element // among the assembler's recent ones
	bytes   int64

	converter *convert.Converter
	bridges   *bridges
	redrive   int64
	base      int64              // events up to this one are not held: what they are is in former
	former    *Record            // nil unless base > 0
	fed       []history.LogEvent // what was converted, by id
	last      int64              // the last event that was converted
	ended     time.Time          // when the event that ended it was converted; zero: it has not

	waiting map[int64]arrival // events behind a gap
	due     time.Time         // before that no gap is given up
	late    map[int64]history.LogEvent
	lateDue time.Time // when those are converted
}

// arrival is an event that waits.
type arrival struct {
	event history.LogEvent
	at    time.Time
}

func newExecution(about convert.Execution, options []convert.Option) *execution {
	return &execution{
		about: about, options: options, express: strings.Contains(about.ARN, ":express:"),
		converter: convert.New(about, nil, options...), bridges: newBridges(),
		waiting: make(map[int64]arrival), late: make(map[int64]history.LogEvent),
	}
}

// resume goes on behind what was handed over of the execution before.
func (x *execution) resume(r *Record) {
	x.former, x.base, x.last = r, r.Last, r.Last
	x.about.Started = r.Started
	x.converter = convert.New(x.about, nil, x.options...)
}

// take holds a line that is not known yet.
func (x *execution) take(now time.Time, l *Line) bool {
	if l.Placed.After(x.newest) {
		x.newest = l.Placed
	}
	if x.knows(l.ID) {
		return false
	}
	if l.ID > x.last {
		x.waiting[l.ID] = arrival{l.LogEvent, now}
	} else {
		x.late[l.ID] = l.LogEvent
	}
	x.heard = now
	if l.Placed.Before(x.first) {
		x.first = l.Placed
	}
	x.bytes += cost(&l.Event)
	return true
}

func (x *execution) knows(id int64) bool {
	return x.waits(id) || x.converted(id)
}

func (x *execution) converted(id int64) bool {
	_, found := slices.BinarySearchFunc(x.fed, id, func(e history.LogEvent, id int64) int { return cmp.Compare(e.ID, id) })
	return found
}

func (x *execution) waits(id int64) bool {
	_, early := x.waiting[id]
	_, late := x.late[id]
	return early || late
}

// settled is true when all that came was converted.
func (x *execution) settled() bool { return x.held() == 0 }

// held is how many lines were not converted yet.
func (x *execution) held() int { return len(x.waiting) + len(x.late) }

// advance converts what can be: what follows on the last event, what has waited for the window, and late lines.
// heard is up to when what its source has is known.
func (x *execution) advance(now, heard time.Time, window time.Duration, stats *Stats) convert.Output {
	var out convert.Output
	if len(x.late) > 0 && x.lateDue.IsZero() {
		x.lateDue = now.Add(window)
	}
	if len(x.late) > 0 && !heard.Before(x.lateDue) {
		out = x.amend(stats)
	}
	join(&out, x.feed(x.contiguous()))
	for len(x.waiting) > 0 && !heard.Before(x.due) {
		upTo := x.expired(heard, window)
		if upTo == 0 {
			break
		}
		join(&out, x.skip(upTo, stats))
		join(&out, x.feed(x.contiguous()))
	}
	if len(out.Records) > 0 {
		x.ended = time.Time{}
		if x.converter.Done() {
			x.ended = now
		}
	}
	return out
}

// contiguous takes the events that follow on the last one out of those that wait.
func (x *execution) contiguous() []history.LogEvent {
	var events []history.LogEvent
	for id := x.last + 1; len(x.waiting) > 0; id++ {
		a, ok := x.waiting[id]
		if !ok {
			break
		}
		events = append(events, a.event)
		delete(x.waiting, id)
	}
	return events
}

// expired is the last event that has waited for the window, 0 when there is none. What is before it goes with it.
func (x *execution) expired(heard time.Time, window time.Duration) (upTo int64) {
	x.due = heard.Add(window)
	for id, a := range x.waiting {
		deadline := a.at.Add(window)
		if !heard.Before(deadline) {
			upTo = max(upTo, id)
		} else if deadline.Before(x.due) {
			x.due = deadline
		}
	}
	return upTo
}

// skip converts the waiting events up to the given one, over the gaps between them.
func (x *execution) skip(upTo int64, stats *Stats) convert.Output {
	var events []history.LogEvent
	last := x.last
	for _, id := range slices.Sorted(maps.Keys(x.waiting)) {
		if id > upTo {
			break
		}
		events = append(events, x.waiting[id].event)
		delete(x.waiting, id)
		stats.Missing += id - last - 1
		last = id
	}
	return x.feed(events)
}

func join(to *convert.Output, more convert.Output) {
	to.Spans = append(to.Spans, more.Spans...)
	to.Records = append(to.Records, more.Records...)
}

// cost is roughly what an event takes in memory.
func cost(e *history.Event) int64 {
	const fixed = 600
	d := &e.Details
	n := fixed + len(d.Input) + len(d.Output) + len(d.Parameters) + len(d.Cause) + len(d.Resource) + len(d.Name)
	for _, m := range d.Rest {
		n += len(m.Name) + len(m.Value)
	}
	return int64(n)
}
