// Package telemetry writes converted executions as OpenTelemetry data: pdata traces and logs. It does no I/O.
package telemetry

import (
	"log/slog"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/spanid"
)

// scope names the instrumentation scope of everything made from histories.
const scope = "github.com/steptrace/steptrace/agent"

// AppendTraces adds the spans of one execution, one resource per service.
func AppendTraces(traces ptrace.Traces, e convert.Execution, spans []convert.Span) {
	id := pcommon.TraceID(spanid.Trace(e.ARN))
	slices := make(map[string]ptrace.SpanSlice)
	for i := range spans {
		s := &spans[i]
		to, ok := slices[s.Service]
		if !ok {
			to = appendScope(traces, e, s.Service)
			slices[s.Service] = to
		}
		writeSpan(to.AppendEmpty(), id, s)
	}
}

func appendScope(traces ptrace.Traces, e convert.Execution, service string) ptrace.SpanSlice {
	resource := convert.Resource(e)
	if service != "" {
		resource = convert.ServiceResource(e, service)
	}
	rs := traces.ResourceSpans().AppendEmpty()
	putAll(rs.Resource().Attributes(), resource)
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName(scope)
	return ss.Spans()
}

func writeSpan(to ptrace.Span, id pcommon.TraceID, s *convert.Span) {
	to.SetTraceID(id)
	to.SetSpanID(pcommon.SpanID(s.ID))
	to.SetParentSpanID(pcommon.SpanID(s.Parent))
	to.SetName(s.Name)
	to.SetKind(kind(s.SpanKind))
	to.SetStartTimestamp(pcommon.NewTimestampFromTime(s.Start))
	to.SetEndTimestamp(pcommon.NewTimestampFromTime(s.End))
	if s.Status == codes.Error {
		to.Status().SetCode(ptrace.StatusCodeError)
		to.Status().SetMessage(s.Message)
	}
	putAll(to.Attributes(), s.Attributes)
	for _, e := range s.Events {
		event := to.Events().AppendEmpty()
		event.SetName(e.Name)
		event.SetTimestamp(pcommon.NewTimestampFromTime(e.Time))
	}
}

func kind(k trace.SpanKind) ptrace.SpanKind {
	switch k {
	case trace.SpanKindClient:
		return ptrace.SpanKindClient
	case trace.SpanKindProducer:
		return ptrace.SpanKindProducer
	default:
		return ptrace.SpanKindInternal
	}
}

// AppendLogs adds the log records of one execution. observed is when the history was read.
func AppendLogs(logs plog.Logs, e convert.Execution, records []convert.Record, observed time.Time) {
	if len(records) == 0 {
		return
	}
	rl := logs.ResourceLogs().AppendEmpty()
	putAll(rl.Resource().Attributes(), convert.Resource(e))
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName(scope)
	id := pcommon.TraceID(spanid.Trace(e.ARN))
	for i := range records {
		writeRecord(sl.LogRecords().AppendEmpty(), id, &records[i], observed)
	}
}

func writeRecord(to plog.LogRecord, id pcommon.TraceID, r *convert.Record, observed time.Time) {
	to.SetTraceID(id)
	to.SetSpanID(pcommon.SpanID(r.Span))
	to.SetEventName(r.EventName)
	to.SetTimestamp(pcommon.NewTimestampFromTime(r.Time))
	to.SetObservedTimestamp(pcommon.NewTimestampFromTime(observed))
	to.SetSeverityNumber(severity(r.Severity))
	to.SetSeverityText(r.Severity.String())
	putAll(to.Attributes(), r.Attributes)
	to.Body().SetStr(r.Body)
}

func severity(l slog.Level) plog.SeverityNumber {
	switch {
	case l >= slog.LevelError:
		return plog.SeverityNumberError
	case l >= slog.LevelWarn:
		return plog.SeverityNumberWarn
	}
	return plog.SeverityNumberInfo
}

func putAll(to pcommon.Map, attrs []attribute.KeyValue) {
	to.EnsureCapacity(len(attrs))
	for _, a := range attrs {
		put(to, string(a.Key), a.Value)
	}
}

// put writes the value types that the converter uses.
func put(to pcommon.Map, key string, v attribute.Value) {
	switch v.Type() {
	case attribute.BOOL:
		to.PutBool(key, v.AsBool())
	case attribute.INT64:
		to.PutInt(key, v.AsInt64())
	case attribute.FLOAT64:
		to.PutDouble(key, v.AsFloat64())
	case attribute.STRINGSLICE:
		list := to.PutEmptySlice(key)
		for _, s := range v.AsStringSlice() {
			list.AppendEmpty().SetStr(s)
		}
	default:
		to.PutStr(key, v.AsString())
	}
}
