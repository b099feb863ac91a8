package vendedlogs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

func at(seconds int) time.Time { return historytest.Epoch.Add(time.Duration(seconds) * time.Second) }

func TestContiguousLinesAreHandedOverAtOnce(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	got := traces{}
	for _, l := range all {
		out := a.Add(at(0), l)
		require.Equal(t, []int64{l.ID}, recordIDs(out))
		got.store(out...)
	}
	requireSame(t, whole(all), got[express])
	require.Equal(t, vendedlogs.Stats{Lines: 12, Executions: 1, Bytes: a.Stats().Bytes}, a.Stats())
	require.Empty(t, a.Advance(at(29)))
	require.Equal(t, 1, a.Stats().Executions)
	require.Empty(t, a.Advance(at(30)))
	require.Equal(t, vendedlogs.Stats{Lines: 12}, a.Stats(), "what has ended is forgotten after the window")
}

func TestALineThatComesEarlyWaits(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	require.Equal(t, []int64{1}, recordIDs(a.Add(at(0), pick(all, 1, 4, 3, 4)...)))
	require.Equal(t, 2, a.Stats().Waiting)
	require.Equal(t, int64(1), a.Stats().Duplicates)
	require.Equal(t, []int64{2, 3, 4}, recordIDs(a.Add(at(29), pick(all, 2)...)))
	require.Equal(t, []int64{5}, recordIDs(a.Add(at(29), pick(all, 5)...)))
	require.Zero(t, a.Stats().Missing)
}

func TestAGapIsGivenUpAfterTheWindow(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	got := traces{}.store(a.Add(at(0), pick(all, 1, 2, 3, 4, 5, 6, 7, 8, 10)...)...)
	got.store(a.Add(at(20), pick(all, 12)...)...)
	require.Empty(t, a.Advance(at(29)))
	out := a.Advance(at(30))
	require.Equal(t, []int64{10}, recordIDs(out), "12 has not waited for 11 yet")
	got.store(out...)
	require.Empty(t, a.Advance(at(49)))
	got.store(a.Advance(at(50))...)
	require.Equal(t, int64(2), a.Stats().Missing)
	require.Equal(t, []string{
		"execution resize 95 missing 2", "attempt lambda invoke resize 30", "attempt lambda invoke resize 30",
		"state Resize 85", "state Note 4",
	}, unordered(got[express], "execution", "attempt", "attempt", "state", "state"))
}

// A lost Started is bridged where only one attempt can be meant.
func TestHowAnAttemptEndedIsNotLostWithItsStart(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	got := traces{}.store(a.Add(at(0), pick(all, 1, 2, 3, 5, 6, 8, 9, 10, 11, 12)...)...)
	got.store(a.Advance(at(30))...)
	require.Equal(t, []string{
		"execution resize 95 missing 2", "attempt lambda invoke resize 30", "attempt lambda invoke resize 30",
		"state Resize 80", "state Note 0",
	}, unordered(got[express], "execution", "attempt", "attempt", "state", "state"))
	first := got[express].spans[spanid.Span(semconv.KindAttempt, express, 0, 3)]
	require.Equal(t, "Throttled: busy", first.Message)
	require.Equal(t, spanid.Span(semconv.KindState, express, 0, 2), first.Parent)
	require.Equal(t, int64(4), attr(got[express].records[5].Attributes, semconv.PreviousEventID), "as AWS wrote it")
}

func TestWhereTwoAttemptsCanBeMeantNeitherIsTaken(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, `
		1 <- 0 +0 ExecutionStarted input={}
		2 <- 0 +5 ParallelStateEntered name=Both
		3 <- 2 +5 ParallelStateStarted
		4 <- 3 +6 TaskStateEntered name=A
		5 <- 3 +6 TaskStateEntered name=B
		6 <- 4 +6 TaskScheduled resourceType=lambda resource=invoke
		7 <- 5 +6 TaskScheduled resourceType=lambda resource=invoke
		8 <- 6 +7 TaskStarted resourceType=lambda resource=invoke
		9 <- 7 +7 TaskStarted resourceType=lambda resource=invoke
		10 <- 9 +8 TaskSucceeded resourceType=lambda resource=invoke
		11 <- 8 +9 TaskFailed resourceType=lambda resource=invoke error=No
		12 <- 11 +9 ExecutionFailed error=No`)
	got := traces{}.store(a.Add(at(0), pick(all, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12)...)...)
	got.store(a.Advance(at(30))...)
	require.Equal(t, "No", got[express].spans[spanid.Span(semconv.KindAttempt, express, 0, 6)].Message)
	require.Empty(t, got[express].spans[spanid.Span(semconv.KindAttempt, express, 0, 7)].Message)
	require.Empty(t, violations(got[express]))
}

func TestASecondGapDoesNotHoldUpTheFirst(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	a.Add(at(0), pick(all, 1, 6)...)
	a.Add(at(10), pick(all, 4)...)
	require.Equal(t, []int64{4, 6}, recordIDs(a.Advance(at(30))), "4 goes with 6: it would be late behind it")
	require.Equal(t, []int64{7}, recordIDs(a.Add(at(30), pick(all, 7)...)))
}

func TestALateLineCompletesTheTrace(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	got := traces{}.store(a.Add(at(0), pick(all, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)...)...)
	got.store(a.Advance(at(30))...)
	require.Contains(t, names(got[express])[0], "missing 1")
	require.Empty(t, a.Add(at(50), pick(all, 2)...), "more may come")
	out := a.Advance(at(80))
	require.Contains(t, recordIDs(out), int64(2))
	requireSame(t, whole(all), got.store(out...)[express])
	require.Equal(t, int64(1), a.Stats().Late)
	require.Empty(t, a.Advance(at(110)))
	require.Zero(t, a.Stats().Executions)
}

func TestWhatComesAgainAfterTheEndBeginsNothing(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	a.Add(at(0), pick(all, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12)...)
	a.Advance(at(30))
	a.Advance(at(60))
	require.Zero(t, a.Stats().Executions)
	require.Empty(t, a.Add(at(61), pick(all, 1, 10, 12)...))
	require.Equal(t, int64(3), a.Stats().Duplicates)
	out := a.Add(at(62), pick(all, 11, 11)...)
	require.Equal(t, []int64{11}, recordIDs(out), "it was missing: it is a log record")
	require.Empty(t, out[0].Spans, "the spans stay as they are")
	require.Empty(t, a.Advance(at(1000)))
}

func TestWhatFallsSilentIsGivenUpOpen(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	got := traces{}.store(a.Add(at(0), pick(all, 1, 2, 3, 4, 6)...)...)
	got.store(a.Advance(at(30))...)
	require.Empty(t, a.Advance(at(359)))
	got.store(a.Advance(at(360))...)
	require.Equal(t, int64(1), a.Stats().Silent)
	require.Zero(t, a.Stats().Executions)
	require.Equal(t, []string{
		"execution resize 60 open missing 1", "state Resize 50 open", "attempt lambda invoke resize 50 open",
		"attempt lambda invoke resize 0 open",
	}, unordered(got[express], "execution", "state", "attempt", "attempt"))
	root := spanid.Span(semconv.KindExecution, express, 0, 1)
	require.Equal(t, at(0).Add(60*time.Millisecond), got[express].spans[root].End, "no later than what was seen")

	out := a.Add(at(400), pick(all, 7, 8, 9, 10, 11, 12)...)
	require.Equal(t, []int64{7, 8, 9, 10, 11, 12}, recordIDs(out), "nothing is missing behind what was handed over")
	got.store(out...)
	require.False(t, isOpen(got[express].spans[root]))
	require.Equal(t, at(0), got[express].spans[root].Start)
	require.Contains(t, names(got[express]), "execution resize 95 missing 6", "its spans are made without what came before")
}

func TestAStandardExecutionMayBeSilentForLonger(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, standard, resizing)
	a.Add(at(0), pick(all, 1, 2)...)
	require.Empty(t, a.Advance(at(23*3600)))
	require.NotEmpty(t, a.Advance(at(24*3600)))
}

func TestMemoryIsBounded(t *testing.T) {
	limits := defaults()
	limits.MaxExecutions = 2
	a := vendedlogs.New(limits)
	got := traces{}
	for i := range 4 {
		arn := fmt.Sprintf("%s%d", express, i)
		got.store(a.Add(at(i), pick(parse(t, arn, resizing), 1, 2, 5)...)...)
	}
	require.Equal(t, 2, a.Stats().Executions)
	require.Equal(t, int64(2), a.Stats().Evicted)
	require.Len(t, got[express+"0"].records, 3, "all that came is handed over")
	require.Contains(t, names(got[express+"1"])[0], "open missing 2")
	require.Len(t, got[express+"2"].records, 2)

	limits = defaults()
	limits.MaxBytes = 2000
	a = vendedlogs.New(limits)
	for _, l := range parse(t, express, resizing) {
		got.store(a.Add(at(0), l)...)
		require.LessOrEqual(t, a.Stats().Bytes, limits.MaxBytes)
	}
	require.Len(t, got[express].records, 12)
	require.False(t, isOpen(got[express].spans[spanid.Span(semconv.KindExecution, express, 0, 1)]))
}

func TestNothingIsGivenUpWhileItsSourceCannotBeRead(t *testing.T) {
	a := vendedlogs.New(defaults())
	all := parse(t, express, resizing)
	a.Reached(group, at(0))
	a.Add(at(1), pick(all, 1, 12)...)
	require.Empty(t, a.Advance(at(1000)))
	a.Reached(group, at(30))
	require.Empty(t, a.Advance(at(1000)))
	got := traces{}.store(a.Add(at(1000), pick(all, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)...)...)
	require.Len(t, got[express].records, 11)
	a.Reached(group, at(1029))
	require.Empty(t, a.Advance(at(2000)))
	require.Equal(t, 1, a.Stats().Executions)
	a.Reached(group, at(1030))
	a.Advance(at(2000))
	require.Zero(t, a.Stats().Executions)
}

func TestPartialHistories(t *testing.T) {
	all := parse(t, standard, `
		1 <- 0 +0 ExecutionStarted input={}
		2 <- 0 +10 FailStateEntered name=Stop
		3 <- 2 +10 ExecutionFailed error=Stopped cause=because`)
	for level, test := range map[string]struct {
		ids  []int64
		want []string
	}{
		"ERROR": {[]int64{2, 3}, []string{"execution order 0 missing 1", "state Stop 0"}},
		"FATAL": {[]int64{3}, []string{"execution order 0 missing 2"}},
	} {
		t.Run(level, func(t *testing.T) {
			a := vendedlogs.New(defaults())
			a.Add(at(0), pick(all, test.ids...)...)
			got := traces{}.store(a.Advance(at(30))...)[standard]
			require.ElementsMatch(t, test.want, names(got))
			root := got.spans[spanid.Span(semconv.KindExecution, standard, 0, 1)]
			require.Equal(t, "Stopped: because", root.Message)
			require.Equal(t, "FAILED", attr(root.Attributes, semconv.ExecutionStatus))
		})
	}
}

// unordered puts the names of a trace into the order of the kinds, for comparison.
func unordered(t *trace, kinds ...string) []string {
	left := names(t)
	var found []string
	for _, kind := range kinds {
		for i, name := range left {
			if len(name) > len(kind) && name[:len(kind)] == kind {
				found = append(found, name)
				left = append(left[:i:i], left[i+1:]...)
				break
			}
		}
	}
	return append(found, left...)
}
