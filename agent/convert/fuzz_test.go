package convert_test

import (
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

// eventTypes are the 62 of HistoryEventType, and one that AWS does not have.
var eventTypes = append(slices.Clone(history.Types), "NobodyKnowsThis")

// FuzzConvert makes up histories that AWS would never send, from five bytes an event: whatever the events and their
// links are, the trace is one tree.
func FuzzConvert(f *testing.F) {
	at := make(map[string]byte)
	for i, t := range eventTypes {
		at[t] = byte(i)
	}
	f.Add([]byte{})
	f.Add([]byte{
		at["ExecutionStarted"], 0, 0, 0, 0, at["ParallelStateEntered"], 0, 1, 0, 1, at["ParallelStateStarted"], 1, 0, 0, 1,
		at["MapStateEntered"], 1, 2, 0, 1, at["MapStateStarted"], 1, 0, 0, 1, at["MapIterationStarted"], 1, 2, 0, 1,
		at["TaskStateEntered"], 1, 0, 0, 1, at["TaskScheduled"], 1, 0, 0, 1, at["TaskFailed"], 1, 0, 0, 1,
		at["MapIterationFailed"], 1, 2, 0, 1, at["MapStateStarted"], 2, 0, 0, 1, at["MapIterationStarted"], 1, 2, 0, 1,
		at["TaskStateAborted"], 1, 0, 0, 1, at["ParallelStateFailed"], 1, 0, 0, 1, at["ExecutionFailed"], 1, 0, 0, 1,
		at["ExecutionRedriven"], 1, 0, 0, 1, at["TaskScheduled"], 1, 0, 0, 1, at["TaskSucceeded"], 1, 0, 0, 1,
		at["ExecutionSucceeded"], 1, 0, 0, 1,
	})
	d := definitionOf(f, madeUpDefinition)
	f.Fuzz(func(t *testing.T, made []byte) {
		events := madeUp(made)
		if len(events) == 0 {
			return
		}
		for _, d := range []*definition.Definition{nil, d} {
			if found := violations(events, d); len(found) > 0 {
				t.Fatalf("%v\n%+v", found, events)
			}
		}
	})
}

// FuzzConvertHistory changes histories as the API sends them.
func FuzzConvertHistory(f *testing.F) {
	f.Add([]byte(`{"events":[{"id":1,"type":"ExecutionStarted","timestamp":1},{"id":5,"previousEventId":1,"timestamp":0,
		"type":"TaskScheduled","taskScheduledEventDetails":{"resourceType":"http","resource":"invoke","parameters":"{}"}}]}`))
	historytest.Seeds(f, "histories/*.history.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		decoded, err := history.Decode("fuzz", body)
		if err != nil || len(decoded) > 60 {
			return
		}
		events := possible(decoded)
		if len(events) == 0 {
			return
		}
		if found := violations(events, nil); len(found) > 0 {
			t.Fatalf("%v\n%+v", found, events)
		}
	})
}

// possible leaves out what no history can have: two events of one id, any but a redrive after the end, and attempts of
// types that are not known.
func possible(events []history.Event) (kept []history.Event) {
	history.Sort(events)
	for _, e := range events {
		twice := len(kept) > 0 && kept[len(kept)-1].ID == e.ID
		afterEnd := len(kept) > 0 && kept[len(kept)-1].Terminal() && e.Type != "ExecutionRedriven"
		unknown := strings.HasSuffix(e.Type, "Scheduled") && !slices.Contains(history.Types, e.Type)
		if !twice && !afterEnd && !unknown {
			kept = append(kept, e)
		}
	}
	return kept
}

const madeUpDefinition = `{"States":{"a":{"Type":"Task"},"b":{"Type":"Parallel","Branches":[
	{"States":{"c":{"Type":"Map","ItemProcessor":{"States":{"d":{"Type":"Fail","Error":"E"}}}}}},
	{"States":{"e":{"Type":"Pass"}}}]}}}`

// TestMadeUpHistories is FuzzConvert with random input, a little in every run of the tests.
func TestMadeUpHistories(t *testing.T) {
	d := definitionOf(t, madeUpDefinition)
	rapid.Check(t, func(t *rapid.T) {
		events := madeUp(rapid.SliceOfN(rapid.Byte(), 5, 300).Draw(t, "made"))
		require.Empty(t, append(violations(events, nil), violations(events, d)...))
	})
}

func definitionOf(tb interface {
	Helper()
	Fatal(args ...any)
}, text string,
) *definition.Definition {
	tb.Helper()
	d, err := definition.Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func madeUp(made []byte) []history.Event {
	var events []history.Event
	at, ended := historytest.Epoch, false
	for id := int64(1); len(made) >= 5 && id <= 60; id, made = id+1, made[5:] {
		e := history.Event{ID: id, Type: eventTypes[int(made[0])%len(eventTypes)]}
		if ended { // only a redrive can follow
			e.Type = "ExecutionRedriven"
		}
		ended = e.Terminal()
		e.PreviousID = max(0, id-int64(made[1]%16))
		e.Details.Name = string("abcde"[made[2]%5])
		e.Details.State = e.Details.Name
		index := int64(made[3] % 4)
		e.Details.Index = &index
		if e.Failed() && made[3]%2 == 0 {
			e.Details.Error = "E"
		}
		at = at.Add(time.Duration(int8(made[4])) * time.Millisecond) // backwards, too
		e.Time = at
		events = append(events, e)
	}
	return events
}
