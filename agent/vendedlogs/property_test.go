package vendedlogs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const branching = `
	1 <- 0 +0 ExecutionStarted input={}
	2 <- 0 +5 ParallelStateEntered name=Both
	3 <- 2 +5 ParallelStateStarted
	4 <- 3 +6 WaitStateEntered name=Wait
	5 <- 3 +6 MapStateEntered name=Each
	6 <- 5 +6 MapStateStarted length=1
	7 <- 6 +7 MapIterationStarted name=Each index=0
	8 <- 7 +7 PassStateEntered name=One
	9 <- 8 +8 PassStateExited name=One
	10 <- 9 +8 MapIterationSucceeded name=Each index=0
	11 <- 10 +8 MapStateSucceeded
	12 <- 10 +8 MapStateExited name=Each
	13 <- 4 +20 WaitStateExited name=Wait
	14 <- 13 +20 ParallelStateSucceeded
	15 <- 13 +20 ParallelStateExited name=Both
	16 <- 15 +21 ExecutionSucceeded output={}
`

const redriven = `
	1 <- 0 +0 ExecutionStarted input={}
	2 <- 0 +5 TaskStateEntered name=Pay
	3 <- 2 +5 LambdaFunctionScheduled resource=arn:aws:lambda:eu-west-1:123456789012:function:pay
	4 <- 3 +9 LambdaFunctionFailed error=Denied
	5 <- 4 +9 ExecutionFailed error=Denied
	6 <- 5 +100 ExecutionRedriven redriveCount=1
	7 <- 6 +101 LambdaFunctionScheduled resource=arn:aws:lambda:eu-west-1:123456789012:function:pay
	8 <- 7 +105 LambdaFunctionSucceeded output={}
	9 <- 8 +105 TaskStateExited name=Pay
	10 <- 9 +106 ExecutionSucceeded output={}
`

var arns = []string{express, standard, "arn:aws:states:eu-west-1:123456789012:execution:pay:run"}

func histories(t *testing.T) map[string][]vendedlogs.Line {
	t.Helper()
	return map[string][]vendedlogs.Line{
		arns[0]: parse(t, arns[0], resizing), arns[1]: parse(t, arns[1], branching), arns[2]: parse(t, arns[2], redriven),
	}
}

// Whatever the order, and however often each line comes: the traces are those of the histories read as a whole.
func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	complete := histories(t)
	rapid.Check(t, func(t *rapid.T) {
		var all []vendedlogs.Line
		for _, arn := range arns {
			all = append(all, complete[arn]...)
		}
		order := rapid.SliceOfN(rapid.IntRange(0, len(all)-1), 0, 20).Draw(t, "repeated")
		for i := range all {
			order = append(order, i)
		}
		order = rapid.Permutation(order).Draw(t, "order")
		a := vendedlogs.New(defaults())
		got, now := traces{}, historytest.Epoch
		for len(order) > 0 {
			n := rapid.IntRange(1, len(order)).Draw(t, "batch")
			got.store(a.Add(now, nth(all, order[:n])...)...)
			order = order[n:]
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
		}
		got.store(a.Advance(now.Add(30 * time.Second))...)
		got.store(a.Advance(now.Add(60 * time.Second))...)
		for _, arn := range arns {
			requireComplete(t, complete[arn], got[arn])
		}
		require.Zero(t, a.Stats().Waiting)
	})
}

// nth are the lines at the indexes.
func nth(of []vendedlogs.Line, indexes []int) []vendedlogs.Line {
	var found []vendedlogs.Line
	for _, i := range indexes {
		found = append(found, of[i])
	}
	return found
}

// requireComplete allows for an execution that was forgotten because its end came long before another line: such a line
// is only a log record.
func requireComplete(t *rapid.T, all []vendedlogs.Line, got *trace) {
	if len(got.records) != len(all) {
		t.Fatalf("%d records of %d events", len(got.records), len(all))
	}
	root := got.spans[spanid.Span(semconv.KindExecution, all[0].ExecutionARN, 0, 1)]
	if attr(root.Attributes, semconv.EventsMissing) == nil {
		requireSame(t, whole(all), got)
	}
}

// Within the window nothing is given up: each record comes exactly once.
func TestWithinTheWindowEachRecordComesOnce(t *testing.T) {
	complete := histories(t)
	rapid.Check(t, func(t *rapid.T) {
		var all []vendedlogs.Line
		for _, arn := range arns {
			all = append(all, complete[arn]...)
		}
		order := make([]int, 2*len(all))
		for i := range order {
			order[i] = i % len(all)
		}
		all = nth(all, rapid.Permutation(order).Draw(t, "order"))
		a := vendedlogs.New(defaults())
		got := traces{}
		for i, l := range all {
			got.store(a.Add(historytest.Epoch.Add(time.Duration(i)*29*time.Second/time.Duration(len(all))), l)...)
		}
		for _, arn := range arns {
			requireSame(t, whole(complete[arn]), got[arn])
			require.Equal(t, len(complete[arn]), got[arn].came)
		}
		require.Zero(t, a.Stats().Missing+a.Stats().Late)
	})
}

// Whatever is lost, the trace is sound: what comes is a record, ids are those of the whole history.
func TestLossesLeaveASoundTrace(t *testing.T) {
	complete := histories(t)
	rapid.Check(t, func(t *rapid.T) {
		arn := rapid.SampledFrom(arns).Draw(t, "execution")
		left := rapid.SliceOfNDistinct(rapid.IntRange(0, len(complete[arn])-1), 1, len(complete[arn]), rapid.ID).Draw(t, "left")
		requireSoundTrace(t, nth(complete[arn], left))
	})
}

func requireSoundTrace(t require.TestingT, left []vendedlogs.Line) {
	arn := left[0].ExecutionARN
	a := vendedlogs.New(defaults())
	got := traces{}.store(a.Add(historytest.Epoch, left...)...)
	got.store(a.Advance(historytest.Epoch.Add(30 * time.Second))...)
	got.store(a.Advance(at(25 * 3600))...)
	require.Len(t, got[arn].records, len(left))
	require.Equal(t, len(left), got[arn].came)
	require.Empty(t, violations(got[arn]), "left: %v", eventIDs(left))
}

func eventIDs(lines []vendedlogs.Line) (ids []int64) {
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	slices.Sort(ids)
	return ids
}

func violations(t *trace) (found []string) {
	roots := 0
	for id, s := range t.spans {
		parent, ok := t.spans[s.Parent]
		switch {
		case s.Parent == spanid.SpanID{}:
			roots++
			continue
		case !ok:
			found = append(found, fmt.Sprintf("%s %s has no parent", s.Kind, s.Name))
		case s.Start.Before(parent.Start), s.End.After(parent.End) && parent.Kind != semconv.KindTrigger:
			found = append(found, fmt.Sprintf("%s %s is not within its parent", s.Kind, s.Name))
		}
		if s.End.Before(s.Start) || s.ID != id {
			found = append(found, fmt.Sprintf("%s %s ends before it starts", s.Kind, s.Name))
		}
	}
	if roots != 1 {
		found = append(found, fmt.Sprintf("%d roots", roots))
	}
	for id, r := range t.records {
		if _, ok := t.spans[r.Span]; !ok {
			found = append(found, fmt.Sprintf("record %d belongs to no span", id))
		}
	}
	return found
}

// The ids after a redrive are the same when the lines that tell of it are lost.
func TestIDsOfARedriveDoNotDependOnItsLines(t *testing.T) {
	all := parse(t, arns[2], redriven)
	want := whole(all)
	for _, left := range [][]int64{{7, 8, 9, 10}, {1, 2, 3, 4, 7, 8}, {1, 2, 3, 4, 5, 7, 8, 9, 10}, {1, 2, 3, 4, 6, 7, 8}} {
		a := vendedlogs.New(defaults())
		got := traces{}.store(a.Add(at(0), pick(all, left...)...)...)
		got.store(a.Advance(at(30))...)
		got.store(a.Advance(at(25 * 3600))...)
		attempt := spanid.Span(semconv.KindAttempt, arns[2], 1, 7)
		require.Contains(t, want.spans, attempt)
		require.Contains(t, got[arns[2]].spans, attempt, "left: %v", left)
		require.Empty(t, violations(got[arns[2]]), "left: %v", left)
		require.Len(t, got[arns[2]].records, len(left), "what is made up stays within")
	}
}

func TestRecordedLines(t *testing.T) {
	dir := os.Getenv("STEPTRACE_RECORDINGS")
	if dir == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	var files []string
	for _, pattern := range []string{"histories/*.vendedlog.jsonl", "logs/*.jsonl"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.GreaterOrEqual(t, len(files), 19)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		events, err := history.DecodeLogs(file, body)
		require.NoError(t, err)
		byARN := make(map[string][]vendedlogs.Line)
		for _, e := range events {
			byARN[e.ExecutionARN] = append(byARN[e.ExecutionARN], vendedlogs.Line{LogEvent: e, Source: group, Placed: e.Time})
		}
		for _, left := range byARN {
			slices.Reverse(left)
			requireSoundTrace(t, left)
		}
	}
}

// Recorded histories as log lines: complete and backwards, then without every third line.
func TestRecordedHistoriesAsLines(t *testing.T) {
	dir := os.Getenv("STEPTRACE_RECORDINGS")
	if dir == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "histories", "*.history.json"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 400)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		events, err := history.Decode(file, body)
		require.NoError(t, err)
		history.Sort(events)
		all := lines(standard, events)
		a := vendedlogs.New(defaults())
		backwards := slices.Clone(all)
		slices.Reverse(backwards)
		got := traces{}.store(a.Add(historytest.Epoch, backwards...)...)
		c := convert.New(convert.Execution{ARN: standard}, nil)
		out := c.Feed(events...)
		want := traces{}.store(vendedlogs.Batch{Execution: convert.Execution{ARN: standard}, Output: out})
		if int64(len(all)) == all[len(all)-1].ID {
			requireSame(t, want[standard], got[standard])
		}
		var left []vendedlogs.Line
		for i := range all {
			if i%3 != 1 {
				left = append(left, all[i])
			}
		}
		requireSoundTrace(t, left)
	}
}
