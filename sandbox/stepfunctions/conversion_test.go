package stepfunctions

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// Whatever machine runs, and however often it is redriven, its trace has each state in the Parallel or Map state that
// the definition has it in, whether the converter knows the definition or not.
func TestTracesOfAnyMachineHaveEachStateInItsPlace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		redriven := rapid.Bool().Draw(rt, "redriven")
		text, err := json.Marshal((&machines{lucky: redriven}).draw(rt, 3))
		require.NoError(rt, err)
		run := runToTheEnd
		if redriven {
			run = redriveToTheEnd
		}
		body, err := json.Marshal(map[string]any{"events": run(t, rt, string(text))})
		require.NoError(rt, err)
		events, err := history.Decode("history", body)
		require.NoError(rt, err)
		d, err := definition.Parse(text)
		require.NoError(rt, err)
		for _, given := range []*definition.Definition{nil, d} {
			spans := latest(convert.New(convert.Execution{ARN: "arn:x"}, given).Feed(events...).Spans)
			checkPlaces(rt, spans, d)
			checkVisits(rt, spans, events)
		}
	})
}

// latest has the last of the spans that came more than once, as redriven ones do.
func latest(spans []convert.Span) map[spanid.SpanID]convert.Span {
	byID := make(map[spanid.SpanID]convert.Span)
	for _, s := range spans {
		byID[s.ID] = s
	}
	return byID
}

func checkPlaces(t *rapid.T, spans map[spanid.SpanID]convert.Span, d *definition.Definition) {
	for _, s := range spans {
		parent, ok := spans[s.Parent]
		require.True(t, ok || s.Kind == semconv.KindExecution, "%s %s has no parent", s.Kind, s.Name)
		if s.Kind != semconv.KindState {
			continue
		}
		around := ""
		if parent.Kind == semconv.KindBranch || parent.Kind == semconv.KindIteration {
			around = spans[parent.Parent].Name
		}
		place, known := d.Place(s.Name)
		require.True(t, known, s.Name)
		require.Equal(t, place.Parent, around, s.Name)
	}
}

// checkVisits wants one span for each state that was entered.
func checkVisits(t *rapid.T, spans map[spanid.SpanID]convert.Span, events []history.Event) {
	entered, visits := 0, 0
	for _, e := range events {
		if strings.HasSuffix(e.Type, "StateEntered") {
			entered++
		}
	}
	for _, s := range spans {
		if s.Kind == semconv.KindState {
			visits++
		}
	}
	require.Equal(t, entered, visits)
}
