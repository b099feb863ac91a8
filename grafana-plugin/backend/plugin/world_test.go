package plugin

import (
	"crypto/sha256"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const (
	account = "arn:aws:states:eu-west-1:123456789012:"
	fetch   = "arn:aws:lambda:eu-west-1:123456789012:function:fetch"
	mapRun  = account + "mapRun:orders/Each:run"
)

// tale is the history of an execution, told event after event.
type tale struct {
	convert.Execution
	events []history.Event
}

func of(machine, name string) *tale {
	return &tale{Execution: convert.Execution{ARN: account + "execution:" + machine + ":" + name}}
}

// then adds what happened so many seconds into the day, after the event before.
func (t *tale) then(second float64, typ string, d history.Details) *tale {
	id := int64(len(t.events) + 1)
	t.events = append(t.events, history.Event{
		ID: id, PreviousID: id - 1, Type: typ, Time: day.Add(time.Duration(second * float64(time.Second))), Details: d,
	})
	return t
}

func (t *tale) starts(second float64) *tale {
	return t.then(second, "ExecutionStarted", history.Details{Input: "{}"})
}

func (t *tale) enters(second float64, state string) *tale {
	return t.then(second, "TaskStateEntered", history.Details{Name: state})
}

func (t *tale) exits(second float64, state string) *tale {
	return t.then(second, "TaskStateExited", history.Details{Name: state})
}

// invokes is an attempt that begins half a second after it was scheduled, and fails with an error if there is one.
func (t *tale) invokes(from, to float64, failure string) *tale {
	t.then(from, "LambdaFunctionScheduled", history.Details{Resource: fetch})
	t.then(from+0.5, "LambdaFunctionStarted", history.Details{})
	if failure != "" {
		return t.then(to, "LambdaFunctionFailed", history.Details{Error: failure, Cause: "it broke"})
	}
	return t.then(to, "LambdaFunctionSucceeded", history.Details{Output: "{}"})
}

func (t *tale) ends(second float64, how, failure string) *tale {
	d := history.Details{}
	if failure != "" {
		d = history.Details{Error: failure, Cause: "it broke"}
	}
	return t.then(second, "Execution"+how, d)
}

// storeWorld stores executions of all statuses.
//
//	orders   a  0:00–0:02   SUCCEEDED  Fetch
//	         b  1:00–1:10   FAILED     Fetch; Store fails twice with Boom
//	         c  2:00–2:04   SUCCEEDED  Fetch fails with Odd, which is caught
//	         d  3:00–4:00   TIMED_OUT
//	         e  3:30–3:31   ABORTED
//	         m  5:00–6:00   SUCCEEDED  Each, a Map Run with three children: two succeed, one fails
//	         r  9:00–       RUNNING
//	express  x  6:00–6:01   SUCCEEDED
func (s *stored) storeWorld() {
	s.t.Helper()
	for _, t := range []*tale{
		of("orders", "a").starts(0).enters(0, "Fetch").invokes(0, 1.5, "").exits(2, "Fetch").ends(2, "Succeeded", ""),
		of("orders", "b").starts(60).enters(60, "Fetch").invokes(60, 61.5, "").exits(62, "Fetch").
			enters(62, "Store").invokes(62, 63, "Boom").invokes(65, 70, "Boom").ends(70, "Failed", "Boom"),
		of("orders", "c").starts(120).enters(120, "Fetch").invokes(120, 123, "Odd").exits(123, "Fetch").
			ends(124, "Succeeded", ""),
		of("orders", "d").starts(180).ends(240, "TimedOut", "States.Timeout"),
		of("orders", "e").starts(210).ends(211, "Aborted", ""),
		of("orders", "r").starts(540).enters(540, "Fetch"),
	} {
		s.store(t.Execution, t.events...)
	}
	express := of("", "").starts(360).ends(361, "Succeeded", "")
	express.ARN = account + "express:express:x:id"
	s.store(express.Execution, express.events...)
	s.storeMapRun()
	s.storeInvocation(60.5, 0.9, false)
	s.storeInvocation(62.5, 0.4, true)
}

func (s *stored) storeMapRun() {
	s.t.Helper()
	length := int64(3)
	m := of("orders", "m").starts(300).then(300, "MapStateEntered", history.Details{Name: "Each"}).
		then(300, "MapStateStarted", history.Details{Length: &length}).
		then(301, "MapRunStarted", history.Details{MapRunARN: mapRun}).
		then(359, "MapRunSucceeded", history.Details{}).
		then(360, "MapStateExited", history.Details{Name: "Each"}).ends(360, "Succeeded", "")
	s.store(m.Execution, m.events...)
	for n, how := range []string{"Succeeded", "Failed", "Succeeded"} {
		failure := map[string]string{"Failed": "Bad"}[how]
		child := of("orders/Each", string(rune('1'+n))).starts(310).ends(312+float64(n), how, failure)
		child.MapRunARN = mapRun
		s.store(child.Execution, child.events...)
	}
}

// storeInvocation stores an invocation of fetch by the execution b, in whose trace it is, with one AWS call in it, which
// begins a tenth of a second later and ends with it.
func (s *stored) storeInvocation(second, lasts float64, fails bool) {
	s.t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	require.NoError(s.t, rs.Resource().Attributes().FromRaw(map[string]any{
		semconv.ServiceName: "fetch", semconv.FaaSMaxMemory: 512 << 20, semconv.CloudResourceID: fetch,
	}))
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	id := sha256.Sum256([]byte(time.Duration(second * float64(time.Second)).String()))
	at := func(s float64) pcommon.Timestamp {
		return pcommon.NewTimestampFromTime(day.Add(time.Duration(s * float64(time.Second))))
	}
	fill := func(to ptrace.Span, n int, name string, from float64, attributes map[string]any) {
		to.SetTraceID(pcommon.TraceID(spanid.Trace(of("orders", "b").ARN)))
		to.SetSpanID(pcommon.SpanID(id[n:]))
		to.SetName(name)
		to.SetStartTimestamp(at(from))
		to.SetEndTimestamp(at(second + lasts))
		require.NoError(s.t, to.Attributes().FromRaw(attributes))
		if fails {
			to.Status().SetCode(ptrace.StatusCodeError)
		}
	}
	fill(spans.AppendEmpty(), 0, "fetch", second, map[string]any{
		semconv.Kind: semconv.KindInvocation, semconv.LambdaInvokedARN: fetch, semconv.FaaSColdStart: !fails,
	})
	call := map[string]any{
		semconv.Kind: semconv.KindCall, semconv.RPCService: "DynamoDB", semconv.RPCMethod: "PutItem",
		semconv.HTTPStatus: 200, semconv.HTTPResendCount: 1, semconv.DynamoDBTables: []any{"orders"},
	}
	if fails {
		call[semconv.HTTPStatus], call[semconv.ErrorType] = 400, "ThrottlingException"
	}
	fill(spans.AppendEmpty(), 8, "DynamoDB.PutItem", second+0.1, call)
	require.NoError(s.t, s.traces.ConsumeTraces(s.t.Context(), td))
}

var redriveOne = history.Details{RedriveCount: func() *int64 { one := int64(1); return &one }()}
