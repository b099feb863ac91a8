package vendedlogs

import (
	"maps"
	"slices"
	"time"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/spanid"
)

// bound gives up the executions that nothing was heard of for longest while there is too much.
func (a *Assembler) bound() {
	for len(a.executions) > a.limits.MaxExecutions || a.stats.Bytes > a.limits.MaxBytes && len(a.executions) > 0 {
		a.stats.Evicted++
		a.giveUp(a.recent.Front().Value.(*execution))
	}
}

// giveUp puts out all that is held of an execution. Spans that have not ended come out marked as open, up to the last
// event: nothing is said of what was not seen.
func (a *Assembler) giveUp(x *execution) {
	a.stats.Waiting -= x.held()
	a.put(x, x.flush(&a.stats))
	a.put(x, convert.Output{Spans: x.open()})
	a.forget(x)
}

func (a *Assembler) forget(x *execution) {
	a.recent.Remove(x.place)
	delete(a.executions, x.about.ARN)
	a.stats.Bytes -= x.bytes
	a.remembered.put(spanid.Trace(x.about.ARN), x.record())
}

// flush converts all that waits.
func (x *execution) flush(stats *Stats) convert.Output {
	out := x.amend(stats)
	if len(x.waiting) > 0 {
		join(&out, x.skip(slices.Max(slices.Collect(maps.Keys(x.waiting))), stats))
	}
	return out
}

// open are the spans that have not ended, as if they ended with the latest event.
func (x *execution) open() []convert.Span {
	var latest time.Time
	for i := range x.fed {
		if x.fed[i].Time.After(latest) {
			latest = x.fed[i].Time
		}
	}
	return mark(x.converter.Open(latest), x.missing())
}

// record is what stays of the execution when it is not held any more.
func (x *execution) record() *Record {
	r := &Record{Last: x.last, Placed: x.newest, Started: x.about.Started}
	from := int64(0)
	if x.former != nil {
		r.Gaps = slices.Clone(x.former.Gaps)
		r.place(x.former.Placed)
		from = x.base
	}
	for i := range x.fed {
		r.skip(from+1, x.fed[i].ID-1)
		from = x.fed[i].ID
	}
	if r.Started.IsZero() && len(x.fed) > 0 {
		r.Started = x.fed[0].Time
	}
	return r
}
