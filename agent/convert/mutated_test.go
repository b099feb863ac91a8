package convert_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

// TestMutatedRecordings damages recorded histories: whatever links, types, times, details and order have become, what is
// there is one trace.
func TestMutatedRecordings(t *testing.T) {
	type recording struct {
		events []history.Event
		d      *definition.Definition
	}
	var recorded []recording
	for _, file := range historytest.Histories(t) {
		if events := historytest.Events(t, file); len(events) <= 60 {
			recorded = append(recorded, recording{events, historytest.Definition(t, file)})
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		r := recorded[rapid.IntRange(0, len(recorded)-1).Draw(t, "recording")]
		events := slices.Clone(r.events)
		for range rapid.IntRange(1, 6).Draw(t, "mutations") {
			events = mutated(t, events)
		}
		events = possible(events)
		for _, d := range []*definition.Definition{nil, r.d} {
			require.Empty(t, violations(events, d), "%s", listed(events))
		}
	})
}

// mutated changes one event, or repeats it.
func mutated(t *rapid.T, events []history.Event) []history.Event {
	i := rapid.IntRange(0, len(events)-1).Draw(t, "event")
	e := events[i]
	switch rapid.IntRange(0, 6).Draw(t, "mutation") {
	case 0:
		e.PreviousID = int64(rapid.IntRange(0, len(events)+3).Draw(t, "link")) // forward and to itself, too
	case 1:
		e.Type = rapid.SampledFrom(eventTypes).Draw(t, "type")
	case 2:
		e.Time = e.Time.Add(time.Duration(rapid.IntRange(-1e4, 1e4).Draw(t, "ms")) * time.Millisecond)
	case 3:
		e.Details = history.Details{}
	case 4:
		e.Details.Name = events[rapid.IntRange(0, len(events)-1).Draw(t, "named")].Details.Name
	case 5:
		if len(events) == 1 {
			return events
		}
		return slices.Delete(events, i, i+1)
	case 6: // once more, later
		at := rapid.IntRange(i, len(events)-1).Draw(t, "at")
		events = slices.Insert(events, at+1, e)
		for j := at + 1; j < len(events); j++ {
			events[j].ID++
		}
		events[at+1].ID = events[at].ID + 1
		return events
	}
	events[i] = e
	return events
}

func listed(events []history.Event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "\n%d <- %d %s %s %s", e.ID, e.PreviousID, e.Time.Format(time.StampMilli), e.Type, e.Details.Name)
	}
	return b.String()
}
