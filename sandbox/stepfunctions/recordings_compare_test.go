package stepfunctions

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// compareHistories tells how two histories differ, if at all. Events must be the same in type, id, link and members;
// where branches ran at once their events may come in another order, and the rest must be the same.
func compareHistories(want, got []map[string]any) string {
	if reflect.DeepEqual(normalized(want), normalized(got)) ||
		(concurrent(want) && reflect.DeepEqual(tree(want), tree(got))) {
		return ""
	}
	return firstDifference(want, got) + "expected:\n" + outline(want) + "got:\n" + outline(got)
}

// firstDifference shows the first event that is not the same.
func firstDifference(want, got []map[string]any) string {
	for n := range min(len(want), len(got)) {
		a, b := normalizedEvent(want[n]), normalizedEvent(got[n])
		if !reflect.DeepEqual(a, b) {
			return fmt.Sprintf("event %d differs:\nexpected %v\ngot      %v\n", n+1, a, b)
		}
	}
	return fmt.Sprintf("expected %d events, got %d\n", len(want), len(got))
}

func outline(events []map[string]any) string {
	var b strings.Builder
	for _, e := range events {
		text, _ := json.Marshal(details(e))
		fmt.Fprintf(&b, "%v<-%v %v %.300s\n", e["id"], e["previousEventId"], e["type"], text)
	}
	return b.String()
}

func concurrent(events []map[string]any) bool {
	return slices.ContainsFunc(events, func(e map[string]any) bool {
		return e["type"] == "ParallelStateStarted" || (e["type"] == "MapStateStarted" && details(e)["length"].(float64) > 1)
	})
}

func normalized(events []map[string]any) []map[string]any {
	out := make([]map[string]any, len(events))
	for n, e := range events {
		out[n] = normalizedEvent(e)
	}
	return out
}

// normalizedEvent is an event without what differs from run to run, JSON texts being replaced by what they say.
func normalizedEvent(event map[string]any) map[string]any {
	out := maps.Clone(event)
	delete(out, "timestamp")
	for name, value := range out {
		out[name] = normalizedValue(value)
	}
	return out
}

func normalizedValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range value {
			out[name] = normalizedValue(member)
			if name == "StartDate" || name == "StopDate" {
				out[name] = "<date>"
			}
		}
		return out
	case []any:
		out := make([]any, len(value))
		for n, element := range value {
			out[n] = normalizedValue(element)
		}
		return out
	case string:
		return normalizedText(value)
	}
	return value
}

func normalizedText(text string) any {
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") || strings.HasPrefix(text, `"`) {
		var value any
		if json.Unmarshal([]byte(text), &value) == nil {
			return []any{"JSON", normalizedValue(value)}
		}
	}
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.name)
	}
	return text
}

// varying are the texts that differ from run to run.
var varying = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"<uuid>", regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)},
	{"<time>", regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)},
	{"<date>", regexp.MustCompile(`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`)},
	{"<root>", regexp.MustCompile(`1-[0-9a-f]{8}-[0-9a-f]{24}`)},
	{"<parent>", regexp.MustCompile(`Parent=[0-9a-f]{16}`)},
	{"<lineage>", regexp.MustCompile(`Lineage=1:[0-9a-f]{8}:0`)},
	{"<token>", regexp.MustCompile(`a_task_token|[0-9A-Za-z+/]{150,}={0,2}`)},
	{"<request>", regexp.MustCompile(`\b[0-9A-Z]{52}\b`)},
}

// node is an event with what follows from it, in an order that does not depend on when things happened.
type node struct {
	Event map[string]any
	Next  []*node
}

// tree is a history as a tree along previousEventId, ids left out. What ends a Parallel or Map state points to
// whatever was last within it; here it hangs on the state's start.
func tree(events []map[string]any) []*node {
	nodes := map[int64]*node{0: {}}
	starts := map[int64]int64{} // the innermost open *StateStarted event of each event
	for _, e := range events {
		id, previous := eventNumber(e, "id"), eventNumber(e, "previousEventId")
		starts[id] = starts[previous]
		switch e["type"] {
		case "ParallelStateStarted", "MapStateStarted":
			starts[id] = id
		case "ParallelStateSucceeded", "MapStateSucceeded":
			previous = starts[previous]
		case "ParallelStateExited", "MapStateExited":
			previous = starts[previous]
			starts[id] = starts[eventNumber(events[max(previous, 1)-1], "previousEventId")]
		}
		n := &node{Event: normalizedEvent(e)}
		delete(n.Event, "id")
		delete(n.Event, "previousEventId")
		nodes[id] = n
		parent := nodes[previous]
		parent.Next = append(parent.Next, n)
	}
	return nodes[0].sorted()
}

func (n *node) sorted() []*node {
	for _, next := range n.Next {
		next.sorted()
	}
	slices.SortStableFunc(n.Next, func(a, b *node) int { return cmp.Compare(a.text(), b.text()) })
	return n.Next
}

func (n *node) text() string {
	text, _ := json.Marshal(n)
	return string(text)
}

// A comparison that cannot fail would prove nothing.
func TestCompareHistoriesSeesDifferences(t *testing.T) {
	history := func(edit func([]map[string]any)) []map[string]any {
		var events []map[string]any
		require.NoError(t, json.Unmarshal([]byte(`[
			{"id":1,"previousEventId":0,"type":"ParallelStateStarted","timestamp":1.5},
			{"id":2,"previousEventId":1,"type":"PassStateEntered","timestamp":1.5,
			 "stateEnteredEventDetails":{"name":"A","input":"{\"a\":1,\"b\":2}"}},
			{"id":3,"previousEventId":1,"type":"PassStateEntered","timestamp":1.5,
			 "stateEnteredEventDetails":{"name":"B","input":"{}"}},
			{"id":4,"previousEventId":3,"type":"ParallelStateSucceeded","timestamp":1.5}]`), &events))
		edit(events)
		return events
	}
	want := history(func([]map[string]any) {})
	same := map[string]func(e []map[string]any){
		"other times":    func(e []map[string]any) { e[0]["timestamp"] = 2.5 },
		"order of names": func(e []map[string]any) { details(e[1])["input"] = `{"b": 2, "a": 1}` },
		"order of branches": func(e []map[string]any) {
			e[1], e[2] = e[2], e[1]
			e[1]["id"], e[2]["id"] = 2.0, 3.0
		},
	}
	for name, edit := range same {
		require.Empty(t, compareHistories(want, history(edit)), name)
	}
	different := map[string]func(e []map[string]any){
		"a type":   func(e []map[string]any) { e[3]["type"] = "ParallelStateFailed" },
		"a link":   func(e []map[string]any) { e[2]["previousEventId"] = 2.0 },
		"a member": func(e []map[string]any) { details(e[1])["inputDetails"] = map[string]any{"truncated": false} },
		"a value":  func(e []map[string]any) { details(e[1])["input"] = `{"a":1,"b":3}` },
	}
	for name, edit := range different {
		require.NotEmpty(t, compareHistories(want, history(edit)), name)
	}
}
