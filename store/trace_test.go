package store_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

const (
	metadataARN    = "arn:aws:lambda:eu-west-1:123456789012:function:metadata"
	rekognitionARN = "arn:aws:lambda:eu-west-1:123456789012:function:rekognition"
)

// hexID makes a readable id of the given number of digits.
func hexID(n, digits int) string { return fmt.Sprintf("%0*x", digits, n) }

func sid(n int) string { return hexID(n, 16) }

func tid(n int) string { return hexID(n, 32) }

// history is a small copy of the reference workflow: an upload, an execution, Parallel, two branches, a Lambda in each.
func history(arn, metadataPayload, rekognitionPayload string) []span {
	trace := traceID(arn)
	common := func(s span, more attrs) span {
		s.trace, s.service, s.otelKind = trace, "images", ptrace.SpanKindInternal
		s.attrs = attrs{semconv.ExecutionARN: arn}
		for k, v := range more {
			s.attrs[k] = v
		}
		return s
	}
	lambda := func(function, payload, state string) attrs {
		return attrs{semconv.LambdaInvokedARN: function, semconv.PayloadFingerprint: payload, semconv.StateName: state}
	}
	return []span{
		common(span{id: sid(1), name: "S3 PutObject", kind: "trigger", start: 0, end: 50}, nil),
		common(span{id: sid(2), parent: sid(1), name: "execution", kind: "execution", start: 50, end: 12000, failure: "E"},
			nil),
		common(span{id: sid(3), parent: sid(2), name: "Parallel", kind: "state", start: 60, end: 12000, failure: "E"}, nil),
		common(span{id: sid(4), parent: sid(3), name: "branch 0", kind: "branch", start: 60, end: 300}, nil),
		common(span{id: sid(5), parent: sid(3), name: "branch 1", kind: "branch", start: 60, end: 12000, failure: "E"}, nil),
		common(span{id: sid(6), parent: sid(4), name: "metadata", kind: "state", start: 60, end: 300},
			attrs{semconv.StateName: "metadata"}),
		common(span{id: sid(7), parent: sid(6), name: "attempt 1", kind: "attempt", start: 70, end: 300},
			lambda(metadataARN, metadataPayload, "metadata")),
		common(span{id: sid(8), parent: sid(5), name: "Wait 10s", kind: "state", start: 60, end: 10060}, nil),
		common(span{id: sid(9), parent: sid(5), name: "rekognition", kind: "state", start: 10060, end: 12000, failure: "E"},
			nil),
		common(span{id: sid(10), parent: sid(9), name: "attempt 1", kind: "attempt", start: 10070, end: 12000, failure: "E"},
			lambda(rekognitionARN, rekognitionPayload, "rekognition")),
	}
}

// invocation is what the wrapper sends: a trace of its own with the invocation n and the calls it made.
func invocation(n int, function, payload string, start, end int64, calls ...string) []span {
	_, name, _ := strings.Cut(function, "function:")
	spans := []span{{
		trace: tid(n), id: sid(n), name: name, kind: "invocation", start: start, end: end, service: name,
		otelKind: ptrace.SpanKindServer,
		attrs: attrs{
			semconv.LambdaInvokedARN: function, semconv.CloudResourceID: function, semconv.PayloadFingerprint: payload,
			semconv.FaaSInvocationID: "request-" + sid(n),
		},
	}}
	for c, call := range calls {
		spans = append(spans, span{
			trace: tid(n), id: sid(n*100 + c), parent: sid(n), name: call, kind: "call", service: name,
			start: start + 1 + int64(c), end: end - 1, otelKind: ptrace.SpanKindClient,
		})
	}
	return spans
}

// drawn draws a trace as an indented tree.
func drawn(t store.Trace) string {
	depth := map[string]int{}
	var b strings.Builder
	b.WriteString("\n")
	for _, s := range t.Spans {
		d := 0
		if parent, ok := depth[s.ParentSpanID]; ok {
			d = parent + 1
		}
		depth[s.SpanID] = d
		fmt.Fprintf(&b, "%s%s %s", strings.Repeat("  ", d), s.Attributes[semconv.Kind], s.Name)
		if s.Status == "ERROR" {
			b.WriteString(" !" + s.StatusMessage)
		}
		if s.Join != nil {
			fmt.Fprintf(&b, " <%s %g>", s.Join.Method, s.Join.Confidence)
		}
		b.WriteString("\n")
	}
	return b.String()
}

const unitedTree = `
trigger S3 PutObject
  execution execution !E
    state Parallel !E
      branch branch 0
        state metadata
          attempt attempt 1
            invocation metadata <fingerprint 0.9>
              call GetObject
              call PutItem
      branch branch 1 !E
        state Wait 10s
        state rekognition !E
          attempt attempt 1 !E
            invocation rekognition <fingerprint 0.9>
              call DetectFaces
              call DetectLabels
`

func TestTraceUnitesAnExecutionWithItsLambdas(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	r.lifecycle("images", "a", 50, "ExecutionFailed", 12000, nil)
	// Everything arrives in another order than it happened, most of it twice, in other batches.
	r.write(invocation(51, rekognitionARN, "p2", 10080, 11990, "DetectFaces", "DetectLabels")...)
	all := history(arn, "p1", "p2")
	r.write(all[5:]...)
	r.write(all...)
	r.write(invocation(50, metadataARN, "p1", 80, 290, "GetObject", "PutItem")...)
	r.write(append(invocation(50, metadataARN, "p1", 80, 290, "GetObject"), all[0])...)
	// What must not be joined: another payload, another time, another function.
	r.write(invocation(52, metadataARN, "p3", 80, 290, "GetObject")...)
	r.write(invocation(53, metadataARN, "p1", 20000, 20100)...)
	r.write(invocation(54, rekognitionARN, "p1", 80, 290)...)

	for _, ref := range []string{arn, traceID(arn), strings.ToUpper(traceID(arn)), store.Latest} {
		trace, err := r.db.Trace(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, unitedTree, drawn(trace))
		require.True(t, trace.Connected())
		require.Equal(t, arn, trace.ExecutionARN)
		require.Equal(t, traceID(arn), trace.TraceID)
		require.Equal(t, "FAILED", trace.Status)
		require.Equal(t, []store.Event{
			{ID: 1, Type: "ExecutionStarted", TimeUnixNano: at(50).UnixNano()},
			{ID: 9, Type: "ExecutionFailed", TimeUnixNano: at(12000).UnixNano()},
		}, trace.Events)
	}
}

func TestTraceAsJSON(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	trace := traceID(arn)
	r.record("images", event{arn: arn, trace: trace, span: sid(2), kind: "ExecutionStarted", id: 1, ms: 0})
	r.write(
		span{
			trace: trace, id: sid(2), name: "a", kind: "execution", start: 0, end: 100, service: "images",
			otelKind: ptrace.SpanKindInternal, failure: "boom", attrs: attrs{semconv.RedriveCount: 0},
		},
		span{
			trace: trace, id: sid(3), parent: sid(2), name: "try", kind: "attempt", start: 1, end: 99, service: "images",
			otelKind: ptrace.SpanKindClient,
			attrs:    attrs{semconv.LambdaInvokedARN: metadataARN, semconv.AWSRequestID: "request-" + sid(4)},
		})
	r.write(span{
		trace: tid(4), id: sid(4), name: "metadata", kind: "invocation", start: 2, end: 98, service: "metadata",
		otelKind: ptrace.SpanKindServer,
		attrs:    attrs{semconv.LambdaInvokedARN: metadataARN, semconv.FaaSInvocationID: "request-" + sid(4)},
	})

	got, err := r.db.Trace(t.Context(), arn)
	require.NoError(t, err)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/trace.json")
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(text))
	for _, key := range []string{`"trace_id"`, `"spans"`, `"events"`} {
		require.Contains(t, string(text), key)
	}
}

func TestARunningExecutionHasItsEvents(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	r.record("images",
		event{arn: arn, trace: traceID(arn), kind: "TaskStateEntered", id: 2, ms: 5},
		event{arn: arn, trace: traceID(arn), kind: "ExecutionStarted", id: 1, ms: 0})
	trace, err := r.db.Trace(t.Context(), store.Latest)
	require.NoError(t, err)
	require.Equal(t, "RUNNING", trace.Status)
	require.Len(t, trace.Events, 2)
	require.Equal(t, "TaskStateEntered", trace.Events[1].Type)
	text, err := json.Marshal(trace)
	require.NoError(t, err)
	require.Contains(t, string(text), `"spans":[]`)
}

func TestAFinishedSpanReplacesItsOpenCopyInAnyOrder(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	open := span{
		trace: traceID(arn), id: sid(2), name: "execution", kind: "execution", attrs: attrs{semconv.Open: true},
	}
	finished := span{trace: traceID(arn), id: sid(2), name: "execution", kind: "execution", end: 70}
	r.write(open)
	r.write(finished)
	r.write(open, span{trace: traceID(arn), id: sid(3), parent: sid(2), name: "s", kind: "state", end: 1}) // late
	trace, err := r.db.Trace(t.Context(), arn)
	require.NoError(t, err)
	require.Len(t, trace.Spans, 2)
	require.Equal(t, at(70).UnixNano(), trace.Spans[0].EndUnixNano)
}

func TestAnInvocationThatKnowsItsAttemptIsInTheTraceAlready(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	all := history(arn, "p1", "p2")
	r.write(all...)
	alias := spanid.AttemptAlias(arn, "metadata", at(60).UnixMilli(), 0).String()
	own := invocation(50, metadataARN, "p1", 80, 290, "GetObject")
	for n := range own {
		own[n].trace = traceID(arn)
	}
	own[0].parent = alias
	r.write(own...)
	r.write(invocation(51, metadataARN, "p1", 85, 280)...) // fits too, but the attempt has its invocation
	trace, err := r.db.Trace(t.Context(), arn)
	require.NoError(t, err)
	require.True(t, trace.Connected())
	require.Contains(t, drawn(trace), `
          attempt attempt 1
            invocation metadata <context 1>
              call GetObject
      branch branch 1`)
}

func TestAnInvocationThatKnowsOnlyItsExecutionIsJoinedToTheAttempt(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	all := history(arn, "p1", "p2")
	r.write(all...)
	own := invocation(50, metadataARN, "p1", 80, 290, "GetObject")
	for n := range own {
		own[n].trace = traceID(arn)
	}
	own[0].parent = all[1].id
	require.Equal(t, "execution", all[1].kind)
	r.write(own...)
	trace, err := r.db.Trace(t.Context(), arn)
	require.NoError(t, err)
	require.Contains(t, drawn(trace), `
          attempt attempt 1
            invocation metadata <fingerprint 0.9>
              call GetObject
      branch branch 1`)
	require.Equal(t, 1, strings.Count(drawn(trace), "call GetObject"))
}

func TestEqualPayloadsOfTwoExecutionsAreSharedOut(t *testing.T) {
	r := newRig(t)
	first, second := executionARN("images", "a"), executionARN("images", "b")
	r.write(history(first, "same", "p2")...)
	later := history(second, "same", "p3")
	for n := range later {
		later[n].start += 5
		later[n].end += 5
	}
	r.write(later...)
	r.write(invocation(50, metadataARN, "same", 77, 290)...)
	r.write(invocation(51, metadataARN, "same", 82, 290)...)
	joined := func(arn string) string {
		trace, err := r.db.Trace(t.Context(), arn)
		require.NoError(t, err)
		for _, s := range trace.Spans {
			if s.Join != nil {
				return s.SpanID + " " + s.Join.Method + fmt.Sprint(s.Join.Confidence)
			}
		}
		return "none"
	}
	require.Equal(t, sid(50)+" fingerprint0.45", joined(first))
	require.Equal(t, sid(51)+" fingerprint0.45", joined(second))
}

// Two invocations in one trace (their caller had a trace of its own) go to their attempts with nothing around them.
func TestOnlyTheInvocationsOwnSpansAreTaken(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	r.write(history(arn, "p1", "p2")...)
	r.write(span{trace: tid(70), id: sid(70), name: "caller", kind: "call", end: 99999})
	one := invocation(50, metadataARN, "p1", 80, 290, "GetObject")
	two := invocation(51, rekognitionARN, "p2", 10080, 11990, "DetectFaces")
	for _, spans := range [][]span{one, two} {
		for n := range spans {
			spans[n].trace = tid(70)
		}
		spans[0].parent = sid(70)
		r.write(spans...)
	}
	trace, err := r.db.Trace(t.Context(), arn)
	require.NoError(t, err)
	require.True(t, trace.Connected())
	require.NotContains(t, drawn(trace), "caller")
	require.Contains(t, drawn(trace), "invocation metadata <fingerprint 0.9>\n              call GetObject\n      branch")
}

func TestALambdaTraceWithoutExecution(t *testing.T) {
	r := newRig(t)
	r.write(invocation(50, metadataARN, "p1", 80, 290, "GetObject")...)
	trace, err := r.db.Trace(t.Context(), tid(50))
	require.NoError(t, err)
	require.Empty(t, trace.ExecutionARN)
	require.Equal(t, "\ninvocation metadata\n  call GetObject\n", drawn(trace))
}

func TestReferencesThatNameNothing(t *testing.T) {
	r := newRig(t)
	for ref, says := range map[string]string{
		store.Latest:                 "holds none",
		tid(99):                      "not found",
		executionARN("images", "no"): "not found",
		"":                           "neither an execution ARN",
		"abc' OR 1=1":                "neither an execution ARN",
	} {
		_, err := r.db.Trace(t.Context(), ref)
		require.ErrorContains(t, err, says, ref)
	}
	_, err := r.db.Trace(t.Context(), tid(99))
	require.ErrorIs(t, err, store.ErrNotFound)
}

// Someone who has a Lambda's trace id, from its log, finds the execution.
func TestALambdasTraceLeadsToItsExecution(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	r.write(history(arn, "p1", "p2")...)
	r.write(history(executionARN("images", "b"), "p1", "p3")...) // may have invoked it as well
	r.write(invocation(50, metadataARN, "p1", 80, 290, "GetObject")...)
	r.write(invocation(51, rekognitionARN, "p2", 10080, 11990)...)
	trace, err := r.db.Trace(t.Context(), tid(51))
	require.NoError(t, err)
	require.Equal(t, arn, trace.ExecutionARN)
	require.Contains(t, drawn(trace), "invocation rekognition <fingerprint 0.9>")
}

// The execution's span may be stored before its history events are.
func TestTheSpanTellsWhatTheEventsHaveNotYet(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	r.write(span{
		trace: traceID(arn), id: sid(2), name: "execution", kind: "execution", end: 70,
		attrs: attrs{semconv.ExecutionARN: arn, semconv.ExecutionStatus: "SUCCEEDED"},
	})
	for _, ref := range []string{arn, traceID(arn)} {
		trace, err := r.db.Trace(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, []string{arn, "SUCCEEDED"}, []string{trace.ExecutionARN, trace.Status})
	}
}

func TestATraceBeyondTheLimitSaysSo(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	r.write(history(arn, "p1", "p2")...)
	r.lifecycle("images", "a", 50, "ExecutionFailed", 12000, nil)
	for _, test := range []struct {
		spans, events         int
		wantSpans, wantEvents int
		truncated             bool
	}{
		{10, 2, 10, 2, false},
		{4, 2, 4, 2, true},
		{10, 1, 10, 1, true},
	} {
		r.db.LimitReads(test.spans, test.events)
		trace, err := r.db.Trace(t.Context(), arn)
		require.NoError(t, err)
		require.Len(t, trace.Spans, test.wantSpans)
		require.Len(t, trace.Events, test.wantEvents)
		require.Equal(t, test.truncated, trace.Truncated)
	}
}

// A redrive closes the execution's spans a second time, in the same batch when an old history is read.
func TestTheEndAfterARedriveCounts(t *testing.T) {
	r := newRig(t)
	arn := executionARN("images", "a")
	first := span{trace: traceID(arn), id: sid(2), name: "execution", kind: "execution", end: 70, failure: "E"}
	second := span{trace: traceID(arn), id: sid(2), name: "execution", kind: "execution", end: 900}
	r.write(second, first)
	r.write(first)
	trace, err := r.db.Trace(t.Context(), arn)
	require.NoError(t, err)
	require.Len(t, trace.Spans, 1)
	require.Equal(t, "UNSET", trace.Spans[0].Status)
}
