package intake

import (
	"context"
	"time"

	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// Resumption is what another process needs to go on.
type Resumption struct {
	From       map[string]time.Time         // by source: what is to be read again
	Executions map[string]vendedlogs.Record // by trace id: what of that was handed over
}

// Resume remembers what another process has handed over.
func (in *Intake) Resume(executions map[string]vendedlogs.Record) error {
	return in.assembler.Restore(executions)
}

// Resumption tells how to go on, given from when on each source would be read if nothing were held, and the earliest
// time to go back to for what is. What came since the given time is remembered in any case. Nothing can be told while
// something is pending.
func (in *Intake) Resumption(
	ctx context.Context, from, earliest map[string]time.Time, since time.Time,
) (r Resumption, ok bool) {
	if in.enter(ctx) != nil {
		return r, false
	}
	defer func() { <-in.turn }()
	if len(in.pending) > 0 {
		return r, false
	}
	r.From = make(map[string]time.Time, len(from))
	for source, t := range from {
		if oldest, held := in.assembler.Oldest(source); held && oldest.Before(t) {
			t = later(oldest, earliest[source])
		}
		r.From[source] = t
	}
	r.Executions = in.assembler.Snapshot(r.From, since)
	return r, true
}

// Oldest is the place of the first line of an execution of the source that is held and has not ended.
func (in *Intake) Oldest(ctx context.Context, source string) (time.Time, bool) {
	if in.enter(ctx) != nil {
		return time.Time{}, false
	}
	defer func() { <-in.turn }()
	return in.assembler.Oldest(source)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
