package clickhouseexporter

import (
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// batch is rows for one table. Those of metrics are in metricbatch.go.
type batch interface {
	table() string
	rows() int
	encode(*encoders) (payload, error)
	// part copies the rows from..to.
	part(from, to int) batch
	// join copies another batch of the same kind behind this one.
	join(batch) batch
	// otlp is the batch as OTLP/JSON.
	otlp() ([]byte, error)
	// again is an error upon which only this batch is tried again, in place of the one that it is a part of.
	again(cause error) error
}

type spans struct{ ptrace.Traces }

func (b spans) table() string { return tracesTable }

func (b spans) rows() int { return b.SpanCount() }

func (b spans) encode(e *encoders) (payload, error) { return e.traces(b.Traces) }

func (b spans) otlp() ([]byte, error) { return new(ptrace.JSONMarshaler).MarshalTraces(b.Traces) }

func (b spans) again(cause error) error { return consumererror.NewTraces(cause, b.Traces) }

func (b spans) part(from, to int) batch {
	out, row := ptrace.NewTraces(), 0
	for _, rs := range b.ResourceSpans().All() {
		var resource ptrace.ResourceSpans
		inResource := false
		for _, ss := range rs.ScopeSpans().All() {
			first, last := within(from-row, to-row, ss.Spans().Len())
			if row += ss.Spans().Len(); first == last {
				continue
			}
			if !inResource {
				resource, inResource = out.ResourceSpans().AppendEmpty(), true
				rs.Resource().CopyTo(resource.Resource())
				resource.SetSchemaUrl(rs.SchemaUrl())
			}
			scope := resource.ScopeSpans().AppendEmpty()
			ss.Scope().CopyTo(scope.Scope())
			scope.SetSchemaUrl(ss.SchemaUrl())
			for i := first; i < last; i++ {
				ss.Spans().At(i).CopyTo(scope.Spans().AppendEmpty())
			}
		}
	}
	return spans{out}
}

func (b spans) join(other batch) batch {
	out := b.part(0, b.rows()).(spans)
	other.part(0, other.rows()).(spans).ResourceSpans().MoveAndAppendTo(out.ResourceSpans())
	return out
}

// within is what a range has of the first n.
func within(from, to, n int) (first, last int) {
	return min(max(from, 0), n), min(max(to, 0), n)
}

type records struct{ plog.Logs }

func (b records) table() string { return logsTable }

func (b records) rows() int { return b.LogRecordCount() }

func (b records) encode(e *encoders) (payload, error) { return e.records(b.Logs) }

func (b records) otlp() ([]byte, error) { return new(plog.JSONMarshaler).MarshalLogs(b.Logs) }

func (b records) again(cause error) error { return consumererror.NewLogs(cause, b.Logs) }

func (b records) part(from, to int) batch {
	out, row := plog.NewLogs(), 0
	for _, rl := range b.ResourceLogs().All() {
		var resource plog.ResourceLogs
		inResource := false
		for _, sl := range rl.ScopeLogs().All() {
			first, last := within(from-row, to-row, sl.LogRecords().Len())
			if row += sl.LogRecords().Len(); first == last {
				continue
			}
			if !inResource {
				resource, inResource = out.ResourceLogs().AppendEmpty(), true
				rl.Resource().CopyTo(resource.Resource())
				resource.SetSchemaUrl(rl.SchemaUrl())
			}
			scope := resource.ScopeLogs().AppendEmpty()
			sl.Scope().CopyTo(scope.Scope())
			scope.SetSchemaUrl(sl.SchemaUrl())
			for i := first; i < last; i++ {
				sl.LogRecords().At(i).CopyTo(scope.LogRecords().AppendEmpty())
			}
		}
	}
	return records{out}
}

func (b records) join(other batch) batch {
	out := b.part(0, b.rows()).(records)
	other.part(0, other.rows()).(records).ResourceLogs().MoveAndAppendTo(out.ResourceLogs())
	return out
}
