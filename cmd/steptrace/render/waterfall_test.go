package render

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

func span(id, parent, kind, name string, startMs, endMs int64) store.Span {
	return store.Span{
		SpanID: id, ParentSpanID: parent, Name: name, Status: "UNSET",
		StartUnixNano: startMs * 1e6, EndUnixNano: endMs * 1e6, Attributes: map[string]string{semconv.Kind: kind},
	}
}

func failed(s store.Span, errorName, cause string) store.Span {
	s.Status, s.StatusMessage = "ERROR", cause
	s.Attributes[semconv.Error], s.Attributes[semconv.Cause] = errorName, cause
	return s
}

func drawn(t *testing.T, want, got string) {
	t.Helper()
	rows := strings.Split(strings.TrimRight(ansi.Strip(got), "\n"), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	require.Equal(t, strings.Trim(want, "\n"), strings.Join(rows, "\n"))
}

func TestTraceDrawsTheTreeWithBarsAndTheErrorWhereItHappened(t *testing.T) {
	invocation := span("e", "d", semconv.KindInvocation, "rekognition", 500, 900)
	invocation.Join = &store.Join{Method: "fingerprint", Confidence: 0.9}
	trace := store.Trace{TraceID: "0af7", ExecutionARN: "arn:x", Status: "FAILED", Spans: []store.Span{
		span("a", "", semconv.KindTrigger, "S3 PutObject", 0, 100),
		failed(span("b", "a", semconv.KindExecution, "images", 100, 1000), "Boom", "it broke"),
		span("c", "b", semconv.KindState, "Wait 10s", 100, 500),
		failed(span("d", "b", semconv.KindAttempt, "lambda", 500, 1000), "Boom", "it broke"),
		invocation,
	}}
	drawn(t, `
FAILED  arn:x
trace 0af7

                                                               0                     1.00s
✓ trigger S3 PutObject                                  100ms  ██
└─ ✗ execution images                                   900ms    █████████████████████████
   ├─ ✓ Wait 10s                                        400ms    ███████████
   └─ ✗ attempt lambda                                  500ms               ██████████████
      │  Boom: it broke
      └─ ✓ invocation rekognition ⇠ fingerprint 90%     400ms               ███████████
`, Trace(trace, 90))
}

// Where room is short the name is cut, not the evidence.
func TestTraceKeepsTheEvidenceOfAJoin(t *testing.T) {
	invocation := span("a", "", semconv.KindInvocation, strings.Repeat("long-name-", 9), 0, 10)
	invocation.Join = &store.Join{Method: "fingerprint", Confidence: 0.9}
	got := ansi.Strip(Trace(store.Trace{Spans: []store.Span{invocation}}, 80))
	require.Contains(t, got, "✓ invocation long-name-long-n… ⇠ fingerprint 90% ")
}

func TestBranchesComeInTheDefinitionsOrder(t *testing.T) {
	first, second := span("a", "", semconv.KindBranch, "branch 0", 5, 10), span("b", "", semconv.KindBranch, "branch 1", 4, 10)
	first.Attributes[semconv.BranchIndex], second.Attributes[semconv.BranchIndex] = "0", "1"
	got := ansi.Strip(Trace(store.Trace{Spans: []store.Span{second, first}}, 80))
	require.Less(t, strings.Index(got, "branch 0"), strings.Index(got, "branch 1"))
}

func TestTraceWithoutSpans(t *testing.T) {
	drawn(t, `
RUNNING  arn:x
trace 0af7

no spans yet: the execution has not ended a state
`, Trace(store.Trace{TraceID: "0af7", ExecutionARN: "arn:x", Status: "RUNNING"}, 80))
}

// No sender makes these; a reader must survive them and lose nothing.
func TestTraceSurvivesOrphansAndCircles(t *testing.T) {
	trace := store.Trace{Spans: []store.Span{
		span("a", "gone", semconv.KindState, "orphan", 0, 1),
		span("b", "c", semconv.KindState, "egg", 0, 1),
		span("c", "b", semconv.KindState, "hen", 0, 1),
		span("d", "d", semconv.KindState, "self", 0, 1),
	}}
	got := Trace(trace, 80)
	for _, name := range []string{"orphan", "egg", "hen", "self"} {
		require.Equal(t, 1, strings.Count(got, name), name)
	}
}

func TestTraceIsNeverWiderThanTheTerminal(t *testing.T) {
	long := failed(span("a", "", semconv.KindAttempt, strings.Repeat("very long name ", 20), 0, 10), "E", strings.Repeat("cause ", 200))
	for _, width := range []int{60, 80, 200} {
		for row := range strings.Lines(Trace(store.Trace{Spans: []store.Span{long}}, width)) {
			require.LessOrEqual(t, ansi.StringWidth(strings.TrimSuffix(row, "\n")), width)
		}
	}
}

func TestDuration(t *testing.T) {
	cases := map[time.Duration]string{
		0: "0µs", 850 * time.Microsecond: "850µs", 12345 * time.Microsecond: "12.3ms", 250 * time.Millisecond: "250ms",
		10020 * time.Millisecond: "10.02s", 184 * time.Second: "3m04s", 3*time.Hour + 7*time.Minute: "3h07m",
	}
	for d, want := range cases {
		require.Equal(t, want, Duration(d.Nanoseconds()))
	}
}

func TestExecutionsTable(t *testing.T) {
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	drawn(t, `
STATUS       STATE MACHINE  STARTED (UTC)   TOOK    TRACE  EXECUTION
✗ FAILED     images         11-23 10:00:00  10.50s  0af7   3f9c8a52-68f4-4085…
             Boom: it broke badly
✓ SUCCEEDED  images         11-23 10:00:00  11.00s  0af8   order-17
… RUNNING    images         11-23 10:00:00          0af9   order-18
`, Executions([]store.Execution{
		{
			Status: "FAILED", StateMachine: "images", Name: "3f9c8a52-68f4-4085-8fa8", TraceID: "0af7", Start: start,
			End: start.Add(10500 * time.Millisecond), Error: "Boom", Cause: `{"errorMessage":"it broke\nbadly","errorType":"Boom"}`,
		},
		{Status: "SUCCEEDED", StateMachine: "images", Name: "order-17", TraceID: "0af8", Start: start, End: start.Add(11 * time.Second)},
		{Status: "RUNNING", StateMachine: "images", Name: "order-18", TraceID: "0af9", Start: start},
	}, 78))
	require.Equal(t, "no executions\n", Executions(nil, 80))
}

// The trace id is what people copy.
func TestExecutionsFitAnOrdinaryTerminalWithTheWholeTraceID(t *testing.T) {
	id := strings.Repeat("0af7", 8)
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	got := ansi.Strip(Executions([]store.Execution{{
		Status: "SUCCEEDED", StateMachine: "a-rather-long-state-machine", Name: strings.Repeat("name", 10), TraceID: id,
		Start: start, End: start.Add(11 * time.Second),
	}}, 80))
	require.Contains(t, got, id)
	for row := range strings.Lines(got) {
		require.LessOrEqual(t, ansi.StringWidth(strings.TrimSuffix(row, "\n")), 80)
	}
}

// What comes from outside must not drive the terminal.
func TestControlCharactersAreNotPassedOn(t *testing.T) {
	evil := "a\x1b]0;owned\x07b\x1b[2J\u202ec\u009b31m"
	s := failed(span("a", "", semconv.KindAttempt, evil, 0, 10), evil, evil)
	got := Trace(store.Trace{ExecutionARN: evil, Spans: []store.Span{s}}, 80) +
		Executions([]store.Execution{{Status: "FAILED", StateMachine: evil, Name: evil, Error: evil, Cause: evil}}, 200)
	for _, bad := range []string{"\x1b]", "\x07", "\x1b[2J", "\u202e", "\u009b"} {
		require.NotContains(t, got, bad)
	}
}

// A state can fail without an attempt: of its own input, say.
func TestAFailedStateWithoutAttemptsSaysWhy(t *testing.T) {
	got := ansi.Strip(Trace(store.Trace{Spans: []store.Span{
		failed(span("a", "", semconv.KindExecution, "images", 0, 10), "States.Runtime", "no such path"),
		failed(span("b", "a", semconv.KindState, "Pick", 0, 10), "States.Runtime", "no such path"),
	}}, 80))
	require.Equal(t, 1, strings.Count(got, "States.Runtime: no such path"))
	require.Greater(t, strings.Index(got, "States.Runtime"), strings.Index(got, "Pick"))
}

func TestAStoppedExecutionSaysWhy(t *testing.T) {
	execution := span("a", "", semconv.KindExecution, "images", 0, 1000)
	execution.Attributes[semconv.Aborted], execution.Attributes[semconv.ExecutionStatus] = "true", "ABORTED"
	execution.Attributes[semconv.Error], execution.Attributes[semconv.Cause] = "Operator", "wrong picture"
	wait := span("b", "a", semconv.KindState, "Wait 10s", 0, 1000)
	wait.Attributes[semconv.Aborted] = "true"
	drawn(t, `
ABORTED  arn:x
trace 0af7

                              0                            1.00s
⊘ execution images     1.00s  ██████████████████████████████████
│  Operator: wrong picture
└─ ⊘ Wait 10s          1.00s  ██████████████████████████████████
`, Trace(store.Trace{TraceID: "0af7", ExecutionARN: "arn:x", Status: "ABORTED", Spans: []store.Span{execution, wait}}, 64))
}

func TestTraceShowsTheMessageOfALambdaError(t *testing.T) {
	got := Trace(store.Trace{Spans: []store.Span{
		failed(span("a", "", semconv.KindAttempt, "lambda", 0, 10), "Boom", `{"errorMessage":"it broke","errorType":"Boom"}`),
	}}, 80)
	require.Contains(t, ansi.Strip(got), "Boom: it broke\n")
}

// What comes from outside cannot move the cursor or write other lines.
func TestControlCharactersAreShownNotObeyed(t *testing.T) {
	s := failed(span("a", "", semconv.KindAttempt, "na\x1b[2Jme\nx", 0, 1), "Bo\x07om", "\u009b31mred")
	got := Trace(store.Trace{ExecutionARN: "arn:\x1b]0;title", Status: "FAILED", Spans: []store.Span{s}}, 90)
	text := ansi.Strip(got)
	require.NotContains(t, text, "\x1b")
	require.Contains(t, text, "na\ufffd[2Jme x")
	require.Contains(t, text, "Bo\ufffdom: \ufffd31mred")
	require.Contains(t, got, "arn:\ufffd]0;title")
	require.NotContains(t, Executions([]store.Execution{{Name: "a\x1b[2J", StateMachine: "b\r"}}, 200), "\x1b[2J")
}

// Each level of a tree would take more columns than the one before.
func TestTraceIsNotWiderTheDeeperItIs(t *testing.T) {
	var trace store.Trace
	for i := range 5000 {
		id, parent := strconv.Itoa(i+1), strconv.Itoa(i)
		trace.Spans = append(trace.Spans, span(id, parent, semconv.KindState, "Inner", 0, 100))
	}
	drawn := Trace(trace, 120)
	require.Equal(t, 5000, strings.Count(drawn, "Inner"))
	require.Less(t, len(drawn), 5000*1000)
}

func TestBarsOfATriggerYearsBefore(t *testing.T) {
	trace := store.Trace{Status: "SUCCEEDED", ExecutionARN: "arn:x", TraceID: "0af7", Spans: []store.Span{
		span("a", "", semconv.KindTrigger, "S3 PutObject", 0, 10*365*24*3600*1000),
		span("b", "a", semconv.KindExecution, "images", 10*365*24*3600*1000, 10*365*24*3600*1000+1000),
	}}
	require.Contains(t, Trace(trace, 90), "███████████████")
}
