package convert_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// TestSimulatedHistories wants every event in its span and every span in its place, numbered and ended as it was, for
// made-up executions whose flows interleave as they like, be the definition known or not.
func TestSimulatedHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := 0
		states := plan(t, 2, &names)
		s := simulate(states, rapid.Uint64().Draw(t, "seed"))
		stop := rapid.IntRange(1, len(s.events)-1).Draw(t, "stop")
		defined := definitionOf(t, definitionText(states))
		for _, d := range []*definition.Definition{nil, defined} {
			found := s.judge(d)
			if len(s.events) < 200 {
				found = append(found, violations(s.events, d)...)
				found = append(found, violations(lossy(t, s.events), d)...)
			}
			require.Empty(t, found, "%v, definition %v", s, d != nil)
			if r := s.redriven(int64(stop)); r != nil {
				require.Empty(t, r.judge(d), "%v, definition %v", r, d != nil)
			}
		}
	})
}

// TestStoppedBeforeItsFailStateFailed has a Parallel state be stopped from without after a Fail state in it was entered:
// the link is the Fail state's, which cannot be what is meant.
func TestStoppedBeforeItsFailStateFailed(t *testing.T) {
	var m maker
	m.add(0, "ExecutionStarted", history.Details{})
	outer := m.add(m.add(0, "ParallelStateEntered", named("Outer")), "ParallelStateStarted", history.Details{})
	inner := m.add(outer, "ParallelStateEntered", named("Inner"))
	fail := m.add(m.add(inner, "ParallelStateStarted", history.Details{}), "FailStateEntered", named("Stop"))
	failed := m.add(m.add(outer, "TaskStateEntered", named("Work")), "ActivityScheduleFailed", history.Details{Error: "E"})
	m.add(fail, "ParallelStateAborted", history.Details{})
	m.add(failed, "ParallelStateFailed", history.Details{})
	m.add(failed, "ExecutionFailed", history.Details{Error: "E"})

	out := convert.New(convert.Execution{ARN: arn}, nil).Feed(m.events...)

	require.Equal(t, `execution recorded +0..10 ERROR(E) #1 [1 11]
  state Outer +1..9 ERROR(E) #2 [2 3 10]
    branch branch Inner +3..9 aborted #4 []
      state Inner +3..8 aborted #4 [4 5 9]
        branch branch Stop +5..8 aborted #6 []
          state Stop +5..8 aborted #6 [6]
    branch branch Work +6..9 ERROR(E) #7 []
      state Work +6..7 ERROR(E) #7 [7 8]
`, tree(out.Spans, out.Records))
}

// lossy leaves out some of the events.
func lossy(t *rapid.T, events []history.Event) (kept []history.Event) {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "losses"), 0))
	for i, e := range events {
		if random.IntN(10) > 0 || i == 0 {
			kept = append(kept, e)
		}
	}
	return kept
}

func definitionText(states []*planned) string {
	var list []string
	for _, p := range states {
		var inner []string
		for _, states := range p.inner {
			inner = append(inner, definitionText(states))
		}
		members := fmt.Sprintf(`"Type":%q`, p.typ)
		switch p.typ {
		case "Parallel":
			members += fmt.Sprintf(`,"Branches":[%s]`, strings.Join(inner, ","))
		case "Map":
			members += `,"ItemProcessor":` + inner[0]
		}
		list = append(list, fmt.Sprintf(`%q:{%s}`, p.name, members))
	}
	return fmt.Sprintf(`{"States":{%s}}`, strings.Join(list, ","))
}

// String lists the events and the spans that they belong to.
func (s *simulation) String() string {
	var b strings.Builder
	for i, e := range s.events {
		fmt.Fprintf(&b, "\n%d <- %d +%d %s %s", e.ID, e.PreviousID, e.Time.Sub(s.events[0].Time).Milliseconds(), e.Type,
			e.Details.Name)
		if e.Details.Index != nil {
			fmt.Fprintf(&b, " %d", *e.Details.Index)
		}
		fmt.Fprintf(&b, " in %v", s.owners[i])
	}
	return b.String()
}

// redriven is the simulation stopped and redriven after the given number of events: what goes on has the same links.
// It is nil where a task is under way or something has failed, which starts anew.
func (s *simulation) redriven(after int64) *simulation {
	tasks := 0
	for _, e := range s.events[:after] {
		switch {
		case e.Type == "FailStateEntered", e.Failed():
			return nil
		case e.Type == "TaskStateEntered":
			tasks++
		case e.Type == "TaskStateExited":
			tasks--
		}
	}
	if tasks > 0 {
		return nil
	}
	later := func(id int64) int64 {
		if id > after {
			return id + 2
		}
		return id
	}
	moved := func(k spanKey) spanKey { return spanKey{k.kind, later(k.opener)} }
	r := &simulation{
		random: s.random, now: s.events[after-1].Time,
		parents: map[spanKey]spanKey{}, numbers: map[spanKey]int{}, ends: map[spanKey]string{},
	}
	r.events, r.owners = slices.Clone(s.events[:after]), slices.Clone(s.owners[:after])
	r.emit(0, "ExecutionAborted", history.Details{}, s.owners[0])
	r.emit(after+1, "ExecutionRedriven", history.Details{}, s.owners[0])
	for i, e := range s.events[after:] {
		e.ID, e.PreviousID = later(e.ID), later(e.PreviousID)
		r.events, r.owners = append(r.events, e), append(r.owners, moved(s.owners[after:][i]))
	}
	for k, parent := range s.parents {
		r.parents[moved(k)], r.numbers[moved(k)] = moved(parent), s.numbers[k]
	}
	for k, end := range s.ends {
		r.ends[moved(k)] = end
	}
	return r
}

func (s *simulation) judge(d *definition.Definition) (found []string) {
	wrong := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	out := convert.New(convert.Execution{ARN: arn}, d).Feed(s.events...)
	out.Spans = last(out.Spans)
	keys := map[spanid.SpanID]spanKey{}
	for _, span := range out.Spans {
		keys[span.ID] = spanKey{span.Kind, eventID(span)}
	}
	for i, r := range out.Records {
		if keys[r.Span] != s.owners[i] && !s.interchangeable(i) {
			wrong("event %d %s belongs to %v, want %v", i+1, r.EventName, keys[r.Span], s.owners[i])
		}
	}
	for _, span := range out.Spans {
		key := keys[span.ID]
		if keys[span.Parent] != s.parents[key] {
			wrong("%v %s is in %v, want %v", key, span.Name, keys[span.Parent], s.parents[key])
		}
		if number, _ := attr(span.Attributes, semconv.RetryCount).(int64); int(number) != s.numbers[key] {
			wrong("%v %s has number %d, want %d", key, span.Name, number, s.numbers[key])
		}
		end := ""
		switch {
		case span.Status == codes.Error:
			end = "error"
		case attr(span.Attributes, semconv.CaughtError) != nil:
			end = "caught"
		case attr(span.Attributes, semconv.Aborted) == true:
			end = "aborted"
		}
		if end != s.ends[key] {
			wrong("%v %s ends %q, want %q", key, span.Name, end, s.ends[key])
		}
	}
	if len(out.Spans) != len(s.parents)+1 {
		wrong("%d spans, want %d", len(out.Spans), len(s.parents)+1)
	}
	return found
}

// interchangeable is true for events that say a state was stopped, but not which: where there are branches, any of its
// type may be meant, unless links tell. Without, an event of its iteration comes before.
func (s *simulation) interchangeable(i int) bool {
	_, ok := s.events[i].StateAborted()
	return ok && !s.ownLinks && slices.ContainsFunc(s.events, func(e history.Event) bool { return e.Type == "ParallelStateEntered" })
}
