package vendedlogs_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const (
	express  = "arn:aws:states:eu-west-1:123456789012:express:resize:run:3c1e"
	standard = "arn:aws:states:eu-west-1:123456789012:execution:order:run"
	group    = "/aws/vendedlogs/states/resize"
)

// resizing is an execution with a retry and a caught error.
const resizing = `
	1 <- 0 +0 ExecutionStarted input={}
	2 <- 0 +10 TaskStateEntered name=Resize input={}
	3 <- 2 +10 TaskScheduled resourceType=lambda resource=invoke parameters=` + "`{\"FunctionName\":\"resize\"}`" + `
	4 <- 3 +15 TaskStarted resourceType=lambda resource=invoke
	5 <- 4 +40 TaskFailed resourceType=lambda resource=invoke error=Throttled cause=busy
	6 <- 5 +60 TaskScheduled resourceType=lambda resource=invoke parameters=` + "`{\"FunctionName\":\"resize\"}`" + `
	7 <- 6 +65 TaskStarted resourceType=lambda resource=invoke
	8 <- 7 +90 TaskFailed resourceType=lambda resource=invoke error=Denied cause=no
	9 <- 8 +90 TaskStateExited name=Resize output={}
	10 <- 9 +91 PassStateEntered name=Note input={}
	11 <- 10 +91 PassStateExited name=Note output={}
	12 <- 11 +95 ExecutionSucceeded output={}
`

func defaults() vendedlogs.Limits {
	return vendedlogs.Limits{
		ReorderWindow: 30 * time.Second, ExpressSilence: 6 * time.Minute, StandardSilence: 24 * time.Hour,
		MaxExecutions: 1000, MaxBytes: 64 << 20, MaxRemembered: 1000,
	}
}

// lines are the log lines of a history. Events after ExecutionRedriven belong to that redrive.
func lines(arn string, events []history.Event) []vendedlogs.Line {
	var found []vendedlogs.Line
	redrive := int64(0)
	for _, e := range events {
		if e.Type == "ExecutionRedriven" {
			redrive++
		}
		found = append(found, vendedlogs.Line{
			LogEvent: history.LogEvent{ExecutionARN: arn, RedriveCount: redrive, Event: e}, Source: group, Placed: e.Time,
		})
	}
	return found
}

func parse(t *testing.T, arn, text string) []vendedlogs.Line {
	t.Helper()
	return lines(arn, historytest.Parse(t, text))
}

// pick are the lines with the ids, in that order.
func pick(from []vendedlogs.Line, ids ...int64) []vendedlogs.Line {
	var picked []vendedlogs.Line
	for _, id := range ids {
		at := slices.IndexFunc(from, func(l vendedlogs.Line) bool { return l.ID == id })
		picked = append(picked, from[at])
	}
	return picked
}

// trace is what a store holds of one execution: the last of what came for each id.
type trace struct {
	spans   map[spanid.SpanID]convert.Span
	records map[int64]convert.Record
	came    int // records, those that came again included
}

type traces map[string]*trace

// store keeps what came last.
func (ts traces) store(batches ...vendedlogs.Batch) traces {
	for _, b := range batches {
		t, ok := ts[b.Execution.ARN]
		if !ok {
			t = &trace{spans: map[spanid.SpanID]convert.Span{}, records: map[int64]convert.Record{}}
			ts[b.Execution.ARN] = t
		}
		for _, s := range b.Spans {
			t.spans[s.ID] = s
		}
		for _, r := range b.Records {
			t.records[attr(r.Attributes, semconv.EventID).(int64)] = r
			t.came++
		}
	}
	return ts
}

func isOpen(s convert.Span) bool { return attr(s.Attributes, semconv.Open) == true }

// whole is the trace that the history gives when it is read as a whole.
func whole(of []vendedlogs.Line) *trace {
	var events []history.Event
	for _, l := range of {
		events = append(events, l.Event)
	}
	out := convert.New(convert.Execution{ARN: of[0].ExecutionARN}, nil).Feed(events...)
	return traces{}.store(vendedlogs.Batch{Execution: convert.Execution{ARN: of[0].ExecutionARN}, Output: out})[of[0].ExecutionARN]
}

func requireSame(t require.TestingT, want, have *trace) {
	require.NotNil(t, have)
	require.Equal(t, slices.Sorted(maps.Keys(want.records)), slices.Sorted(maps.Keys(have.records)))
	for id, r := range want.records {
		require.Equal(t, r, have.records[id], "record of event %d", id)
	}
	require.Equal(t, names(want), names(have))
	for id, s := range want.spans {
		require.Equal(t, s, have.spans[id], "span %s %s", s.Kind, s.Name)
	}
}

// names are the spans, by start.
func names(t *trace) []string {
	spans := slices.SortedFunc(maps.Values(t.spans), func(a, b convert.Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	var found []string
	for _, s := range spans {
		name := fmt.Sprintf("%s %s %d", s.Kind, s.Name, s.End.Sub(s.Start).Milliseconds())
		if isOpen(s) {
			name += " open"
		}
		if n := attr(s.Attributes, semconv.EventsMissing); n != nil {
			name += fmt.Sprintf(" missing %d", n)
		}
		found = append(found, name)
	}
	return found
}

func attr(attrs []attribute.KeyValue, key string) any {
	for _, a := range attrs {
		if string(a.Key) == key {
			return a.Value.AsInterface()
		}
	}
	return nil
}

func recordIDs(batches []vendedlogs.Batch) (ids []int64) {
	for _, b := range batches {
		for _, r := range b.Records {
			ids = append(ids, attr(r.Attributes, semconv.EventID).(int64))
		}
	}
	return ids
}
