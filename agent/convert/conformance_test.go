package convert_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// TestConformance converts every recorded history, with and without its definition: whole, event by event, out of
// order, and each of its beginnings; what must hold of the trace is in violations and misjudged.
func TestConformance(t *testing.T) {
	for _, file := range historytest.Histories(t) {
		events := historytest.Events(t, file)
		for _, d := range []*definition.Definition{nil, historytest.Definition(t, file)} {
			require.Empty(t, violations(events, d), "%s, definition %v", file, d != nil)
			require.Empty(t, misjudged(events, d), "%s, definition %v", file, d != nil)
		}
	}
}

// TestConformanceWithGaps leaves events out of every recorded history: whatever is missing, what is there is one trace.
func TestConformanceWithGaps(t *testing.T) {
	for _, file := range historytest.Histories(t) {
		events := historytest.Events(t, file)
		d := historytest.Definition(t, file)
		for every := 2; every <= 5; every++ {
			for from := range every {
				kept := slices.Clone(events)
				kept = slices.DeleteFunc(kept, func(e history.Event) bool { return int(e.ID)%every == from })
				if len(kept) > 0 {
					require.Empty(t, violations(kept, d), "%s without %d of %d", file, from, every)
				}
			}
		}
	}
}

// TestStatesAreWhereTheDefinitionHasThem wants the state visits of each recorded history in the branch, iteration or
// execution that the definition has them in, be the definition known to the converter or not.
func TestStatesAreWhereTheDefinitionHasThem(t *testing.T) {
	placed := 0
	for _, file := range historytest.Histories(t) {
		d := historytest.Definition(t, file)
		events := historytest.Events(t, file)
		for _, given := range []*definition.Definition{nil, d} {
			spans := last(convertedWith(given, events))
			for _, s := range spans {
				place, ok := d.Place(text(s.Attributes, semconv.StateName))
				if s.Kind != semconv.KindState || !ok {
					continue
				}
				placed++
				require.Equal(t, place.Type, text(s.Attributes, semconv.StateType), "%s, %s", file, s.Name)
				require.Equal(t, place.Parent, parentState(spans, s), "%s, %s", file, s.Name)
			}
		}
	}
	if placed < 1300 {
		t.Fatalf("%d states were placed", placed)
	}
}

func convertedWith(d *definition.Definition, events []history.Event) []convert.Span {
	c := convert.New(convert.Execution{ARN: arn}, d)
	out := c.Feed(events...)
	return append(out.Spans, c.Open(events[len(events)-1].Time)...)
}

// parentState is the name of the Parallel or Map state that the state is in; empty at the top level.
func parentState(spans []convert.Span, s convert.Span) string {
	for _, p := range spans {
		if p.ID != s.Parent {
			continue
		}
		if p.Kind == semconv.KindBranch || p.Kind == semconv.KindIteration {
			return text(p.Attributes, semconv.StateName)
		}
	}
	return ""
}

// TestLogLinesGiveTheHistorysTrace feeds the lines of executions that were recorded both ways, in the order in which they
// were delivered and one by one. Only the bodies may lack what lines leave out.
func TestLogLinesGiveTheHistorysTrace(t *testing.T) {
	compared := 0
	for _, file := range historytest.Recorded(t, "histories/*.vendedlog.jsonl", 14) {
		whole := historytest.Events(t, strings.TrimSuffix(file, ".vendedlog.jsonl")+".history.json")
		var lines []history.Event
		for _, l := range historytest.Logged(t, file) {
			lines = append(lines, l.Event)
		}
		if len(lines) != len(whole) { // recorded at a log level that leaves events out
			require.Empty(t, violations(lines, nil), file)
			continue
		}
		compared++
		require.Equal(t, outline(convertedWith(nil, whole)), outline(convertedWith(nil, lines)), filepath.Base(file))
		require.Empty(t, violations(lines, nil), file)
		require.Empty(t, misjudged(lines, nil), file)
	}
	require.Positive(t, compared)
}

// outline is what a trace says but for payloads.
func outline(spans []convert.Span) (lines []string) {
	for _, s := range spans {
		lines = append(lines, fmt.Sprint(s.ID, s.Parent, s.Kind, s.Name, s.Start, s.End, s.Status))
	}
	return lines
}
