package vendedlogs

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/steptrace/steptrace/spanid"
)

// Oldest is the place of the first line of an execution of the source that is not handed over as a whole. Lines from
// there on have to be read again when what is held is lost.
func (a *Assembler) Oldest(source string) (oldest time.Time, ok bool) {
	for _, x := range a.executions {
		if x.source != source || x.complete() {
			continue
		}
		if !ok || x.first.Before(oldest) {
			oldest, ok = x.first, true
		}
	}
	return oldest, ok
}

// complete is true for an execution that has ended, as far as lines say.
func (x *execution) complete() bool { return x.settled() && !x.ended.IsZero() }

// Snapshot is what has to be remembered, by trace id, so that reading each source again from the given place gives
// nothing else than before: which events were handed over of executions that have ended, or that began before. Those of
// which lines came since the given time are remembered in any case, as a line may be sent again.
func (a *Assembler) Snapshot(from map[string]time.Time, since time.Time) map[string]Record {
	for _, t := range from {
		if t.Before(since) {
			since = t
		}
	}
	records := make(map[string]Record)
	for id, at := range a.remembered.records {
		if r := at.Value.(remembered).record; !r.Placed.Before(since) {
			records[id.String()] = *r
		}
	}
	for arn, x := range a.executions {
		if len(x.fed) > 0 && (x.complete() || x.first.Before(from[x.source])) {
			records[spanid.Trace(arn).String()] = *x.record()
		}
	}
	return records
}

// Restore remembers what a snapshot has.
func (a *Assembler) Restore(records map[string]Record) error {
	for text, r := range records {
		var id spanid.TraceID
		decoded, err := hex.DecodeString(text)
		if err != nil || copy(id[:], decoded) != len(decoded) || len(decoded) != len(id) {
			return fmt.Errorf("execution %q is not a trace id", text)
		}
		if err := r.check(); err != nil {
			return fmt.Errorf("execution %s: %w", text, err)
		}
		a.remembered.put(id, &r)
	}
	return nil
}

// check refuses a record that contradicts itself.
func (r *Record) check() error {
	before := int64(0)
	for _, g := range r.Gaps {
		if g[0] <= before || g[1] < g[0] || g[1] >= r.Last || len(r.Gaps) > maxGaps {
			return fmt.Errorf("gaps %v do not lie within the events 1 to %d", r.Gaps, r.Last)
		}
		before = g[1]
	}
	return nil
}
