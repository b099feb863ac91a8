package clickhouseexporter

import (
	"iter"

	"github.com/ClickHouse/ch-go/proto"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

type spanRow struct {
	ptrace.Span
	resource pcommon.Resource
	service  string
	scope    pcommon.InstrumentationScope
}

// spanTable is otel_traces' rows of the spans.
func spanTable(td ptrace.Traces) table {
	columns := []column[spanRow]{
		instant("Timestamp", func(r spanRow) pcommon.Timestamp { return r.StartTimestamp() }),
		text("TraceId", func(r spanRow) string { return hexTraceID(r.TraceID()) }),
		text("SpanId", func(r spanRow) string { return hexSpanID(r.SpanID()) }),
		text("ParentSpanId", func(r spanRow) string { return hexSpanID(r.ParentSpanID()) }),
		text("TraceState", func(r spanRow) string { return r.TraceState().AsRaw() }),
		term("SpanName", func(r spanRow) string { return r.Name() }),
		term("SpanKind", func(r spanRow) string { return r.Kind().String() }),
		term("ServiceName", func(r spanRow) string { return r.service }),
		dictionary("ResourceAttributes", func(r spanRow) pcommon.Map { return r.resource.Attributes() }),
		text("ScopeName", func(r spanRow) string { return r.scope.Name() }),
		text("ScopeVersion", func(r spanRow) string { return r.scope.Version() }),
		dictionary("SpanAttributes", func(r spanRow) pcommon.Map { return r.Attributes() }),
		number("Duration", duration),
		term("StatusCode", func(r spanRow) string { return r.Status().Code().String() }),
		text("StatusMessage", func(r spanRow) string { return r.Status().Message() }),
	}
	return newTable("otel_traces", append(append(columns, eventColumns()...), linkColumns()...), spanRows(td))
}

// duration is in nanoseconds; a span that ends before it starts has none.
func duration(r spanRow) uint64 {
	return uint64(max(nanos(r.EndTimestamp())-nanos(r.StartTimestamp()), 0))
}

func eventColumns() []column[spanRow] {
	length := func(r spanRow) int { return r.Events().Len() }
	times := new(proto.ColDateTime64).WithPrecision(proto.PrecisionNano).Raw()
	names, maps := newTerms(), newDictionary()
	return []column[spanRow]{
		list("Events.Timestamp", times, length, func(r spanRow, n int) { times.Append(nanos(r.Events().At(n).Timestamp())) }),
		list("Events.Name", names, length, func(r spanRow, n int) { names.Append(r.Events().At(n).Name()) }),
		list("Events.Attributes", maps, length, func(r spanRow, n int) { addMap(maps, r.Events().At(n).Attributes()) }),
	}
}

func linkColumns() []column[spanRow] {
	length := func(r spanRow) int { return r.Links().Len() }
	traces, spans, states, maps := new(proto.ColStr), new(proto.ColStr), new(proto.ColStr), newDictionary()
	return []column[spanRow]{
		list("Links.TraceId", traces, length, func(r spanRow, n int) {
			traces.Append(hexTraceID(r.Links().At(n).TraceID()))
		}),
		list("Links.SpanId", spans, length, func(r spanRow, n int) { spans.Append(hexSpanID(r.Links().At(n).SpanID())) }),
		list("Links.TraceState", states, length, func(r spanRow, n int) {
			states.Append(r.Links().At(n).TraceState().AsRaw())
		}),
		list("Links.Attributes", maps, length, func(r spanRow, n int) { addMap(maps, r.Links().At(n).Attributes()) }),
	}
}

func spanRows(td ptrace.Traces) iter.Seq[spanRow] {
	return func(yield func(spanRow) bool) {
		for _, rs := range td.ResourceSpans().All() {
			row := spanRow{resource: rs.Resource(), service: serviceName(rs.Resource())}
			for _, ss := range rs.ScopeSpans().All() {
				row.scope = ss.Scope()
				for _, row.Span = range ss.Spans().All() {
					if !yield(row) {
						return
					}
				}
			}
		}
	}
}
