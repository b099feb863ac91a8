package conversion

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/steptrace/steptrace/agent/history"
)

// sourced is an event and the file that it was in.
type sourced struct {
	history.Event
	file string
}

// run is the events of one execution: by id, each once.
type run struct {
	arn    string
	events []sourced
}

// Range is event ids From to To, both included.
type Range struct{ From, To int64 }

func (r Range) String() string {
	if r.From == r.To {
		return fmt.Sprint(r.From)
	}
	return fmt.Sprintf("%d–%d", r.From, r.To)
}

// missing lists the gaps before and between the events: pages that were not given, log lines that were lost.
func (r *run) missing() []Range {
	var gaps []Range
	next := int64(1)
	for i := range r.events {
		if id := r.events[i].ID; id > next {
			gaps = append(gaps, Range{next, id - 1})
		}
		next = r.events[i].ID + 1
	}
	return gaps
}

func (r *run) history() []history.Event {
	events := make([]history.Event, len(r.events))
	for i := range r.events {
		events[i] = r.events[i].Event
	}
	return events
}

// contradiction is two events of one id that cannot both be of one execution.
type contradiction struct{ a, b sourced }

func (c *contradiction) Error() string {
	return fmt.Sprintf("event %d is a %s at %s in %s and a %s at %s in %s", c.a.ID,
		c.a.Type, c.a.Time.Format(timeFormat), c.a.file, c.b.Type, c.b.Time.Format(timeFormat), c.b.file)
}

const timeFormat = "2006-01-02T15:04:05.000Z"

// merge orders events by id and leaves each once. Where the execution is certain, the details of one event may differ,
// as they do with and without execution data, and the fuller ones stay; where it is not, they tell executions apart.
func merge(events []sourced, certain bool) ([]sourced, error) {
	events = slices.Clone(events)
	slices.SortFunc(events, func(a, b sourced) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), a.Time.Compare(b.Time), cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.PreviousID, b.PreviousID), cmp.Compare(a.file, b.file))
	})
	kept := events[:0]
	for _, e := range events {
		if len(kept) == 0 || kept[len(kept)-1].ID != e.ID {
			kept = append(kept, e)
			continue
		}
		last := &kept[len(kept)-1]
		if !agree(last.Event, e.Event) || !certain && last.Details.JSON() != e.Details.JSON() {
			return nil, &contradiction{*last, e}
		}
		if fuller(e.Details.JSON(), last.Details.JSON()) {
			*last = e
		}
	}
	return kept, nil
}

func agree(a, b history.Event) bool {
	return a.Type == b.Type && a.Time.Equal(b.Time) && a.PreviousID == b.PreviousID
}

// fuller orders equally long details by text, so that the order of input does not matter.
func fuller(a, b string) bool { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) > 0 }
