package dashboards_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const prefix = "arn:aws:states:eu-west-1:123456789012:"

// run is an execution, as the agent tells of it: when it started, how long before now, and how long it took; one that
// has no end runs.
type run struct {
	machine, name string
	ago, took     time.Duration
	end           string // ExecutionSucceeded, …
	state         string // the state that it enters last
	failure       string // the error that this state and the execution fail with
	mapRun        string // the ARN of the Map Run whose child it is
}

func (e run) arn() string { return prefix + "execution:" + e.machine + ":" + e.name }

func (e run) span(kind string, event int64) pcommon.SpanID {
	return pcommon.SpanID(spanid.Span(kind, e.arn(), 0, event))
}

// write stores executions with their history and spans.
func (r *rig) write(runs ...run) {
	r.t.Helper()
	logs, spans := plog.NewLogs(), ptrace.NewTraces()
	for _, e := range runs {
		started := r.now.Add(-e.ago)
		r.record(logs, e, 1, "ExecutionStarted", started, "{}")
		if e.state != "" {
			r.record(logs, e, 2, "TaskStateEntered", started, "{}")
		}
		if e.end == "" {
			continue
		}
		r.record(logs, e, 5, e.end, started.Add(e.took), fmt.Sprintf(`{"error":%q,"cause":"it broke"}`, e.failure))
		r.span(spans, e, semconv.KindExecution, 1, e.machine)
		if e.state != "" {
			r.span(spans, e, semconv.KindState, 2, e.state)
		}
	}
	require.NoError(r.t, r.logs.ConsumeLogs(r.t.Context(), logs))
	require.NoError(r.t, r.traces.ConsumeTraces(r.t.Context(), spans))
}

func (e run) describe(resource pcommon.Map) {
	resource.PutStr(semconv.ServiceName, e.machine)
	resource.PutStr(semconv.StateMachineName, e.machine)
	resource.PutStr(semconv.StateMachineARN, prefix+"stateMachine:"+e.machine)
}

func (r *rig) record(logs plog.Logs, e run, id int64, kind string, at time.Time, body string) {
	rl := logs.ResourceLogs().AppendEmpty()
	e.describe(rl.Resource().Attributes())
	to := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	to.SetEventName(kind)
	to.SetTraceID(pcommon.TraceID(spanid.Trace(e.arn())))
	to.SetSpanID(e.span(semconv.KindExecution, 1))
	to.SetTimestamp(pcommon.NewTimestampFromTime(at))
	to.Body().SetStr(body)
	to.Attributes().PutStr(semconv.ExecutionARN, e.arn())
	to.Attributes().PutInt(semconv.EventID, id)
	to.Attributes().PutInt(semconv.ExecutionStartTime, r.now.Add(-e.ago).UnixMilli())
	if e.mapRun != "" {
		to.Attributes().PutStr(semconv.MapRunARN, e.mapRun)
	}
	if id == 2 {
		to.Attributes().PutStr(semconv.StateName, e.state)
	}
}

func (r *rig) span(spans ptrace.Traces, e run, kind string, event int64, name string) ptrace.Span {
	rs := spans.ResourceSpans().AppendEmpty()
	e.describe(rs.Resource().Attributes())
	s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetName(name)
	s.SetTraceID(pcommon.TraceID(spanid.Trace(e.arn())))
	s.SetSpanID(e.span(kind, event))
	if event > 1 {
		s.SetParentSpanID(e.span(semconv.KindExecution, 1))
	}
	s.SetStartTimestamp(pcommon.NewTimestampFromTime(r.now.Add(-e.ago)))
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(r.now.Add(-e.ago + e.took)))
	s.Attributes().PutStr(semconv.Kind, kind)
	s.Attributes().PutStr(semconv.ExecutionARN, e.arn())
	s.Attributes().PutInt(semconv.EventID, event)
	if kind != semconv.KindExecution {
		s.Attributes().PutStr(semconv.StateName, name)
		s.Attributes().PutStr(semconv.StateType, "Task")
	}
	if e.failure != "" {
		s.Status().SetCode(ptrace.StatusCodeError)
		s.Status().SetMessage(e.failure + ": it broke")
		s.Attributes().PutStr(semconv.Error, e.failure)
	}
	return s
}

// mapped stores an execution with a Map Run of which so many children succeeded and failed.
func (r *rig) mapped(e run, succeeded, failed int) {
	r.t.Helper()
	arn := prefix + "mapRun:" + e.machine + "/" + e.state + ":" + e.name
	r.write(e)
	spans := ptrace.NewTraces()
	r.span(spans, e, semconv.KindMapRun, 3, e.state).Attributes().PutStr(semconv.MapRunARN, arn)
	require.NoError(r.t, r.traces.ConsumeTraces(r.t.Context(), spans))
	for n := range succeeded + failed {
		child := run{
			machine: e.machine + "/" + e.state, name: fmt.Sprint(e.name, "-", n), ago: e.ago, took: time.Second,
			end: "ExecutionSucceeded", mapRun: arn,
		}
		if n >= succeeded {
			child.end, child.failure = "ExecutionFailed", "Odd"
		}
		r.write(child)
	}
}

// invoke stores, in an execution's trace, an invocation of a Lambda function that called DynamoDB in vain.
func (r *rig) invoke(e run, function string) {
	r.t.Helper()
	spans := ptrace.NewTraces()
	rs := spans.ResourceSpans().AppendEmpty()
	arn := "arn:aws:lambda:eu-west-1:123456789012:function:" + function
	rs.Resource().Attributes().PutStr(semconv.ServiceName, function)
	rs.Resource().Attributes().PutStr(semconv.CloudResourceID, arn)
	rs.Resource().Attributes().PutInt(semconv.FaaSMaxMemory, 512<<20)
	all := rs.ScopeSpans().AppendEmpty().Spans()
	for n, kind := range []string{semconv.KindInvocation, semconv.KindCall} {
		s := all.AppendEmpty()
		s.SetTraceID(pcommon.TraceID(spanid.Trace(e.arn())))
		s.SetSpanID(e.span(kind, 9))
		s.SetParentSpanID(e.span([]string{semconv.KindState, semconv.KindInvocation}[n], []int64{2, 9}[n]))
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(r.now.Add(-e.ago)))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(r.now.Add(-e.ago + e.took)))
		s.Attributes().PutStr(semconv.Kind, kind)
		s.Attributes().PutStr(semconv.LambdaInvokedARN, arn)
		s.Attributes().PutStr(semconv.RPCService, "DynamoDB")
		s.Attributes().PutStr(semconv.RPCMethod, "PutItem")
		s.Attributes().PutStr(semconv.ErrorType, "ProvisionedThroughputExceededException")
		s.Status().SetCode(ptrace.StatusCodeError)
	}
	require.NoError(r.t, r.traces.ConsumeTraces(r.t.Context(), spans))
}

// measure stores what a Collector with an agent says of itself: points of a metric, the latest last and 15 s apart.
func (r *rig) measure(name string, counter bool, labels map[string]any, latest time.Duration, values ...float64) {
	r.t.Helper()
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr(semconv.ServiceName, "steptrace")
	m := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(name)
	points := pmetric.NewNumberDataPointSlice()
	for n, value := range values {
		p := points.AppendEmpty()
		p.SetTimestamp(pcommon.NewTimestampFromTime(r.now.Add(-latest - time.Duration(len(values)-1-n)*15*time.Second)))
		p.SetStartTimestamp(pcommon.NewTimestampFromTime(r.now.Add(-time.Hour)))
		p.SetDoubleValue(value)
		require.NoError(r.t, p.Attributes().FromRaw(labels))
	}
	if counter {
		m.SetEmptySum().SetIsMonotonic(true)
		m.Sum().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		points.CopyTo(m.Sum().DataPoints())
	} else {
		points.CopyTo(m.SetEmptyGauge().DataPoints())
	}
	require.NoError(r.t, r.metrics.ConsumeMetrics(r.t.Context(), md))
}
