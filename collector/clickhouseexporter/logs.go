package clickhouseexporter

import (
	"iter"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

type logRow struct {
	plog.LogRecord
	resource              pcommon.Resource
	service               string
	scope                 pcommon.InstrumentationScope
	resourceURL, scopeURL string
}

// logTable is otel_logs' rows of the records.
func logTable(ld plog.Logs) table {
	columns := []column[logRow]{
		instant("Timestamp", logTime),
		text("TraceId", func(r logRow) string { return hexTraceID(r.TraceID()) }),
		text("SpanId", func(r logRow) string { return hexSpanID(r.SpanID()) }),
		octet("TraceFlags", func(r logRow) uint8 { return uint8(r.Flags()) }), // the W3C flags are its low byte
		term("SeverityText", func(r logRow) string { return r.SeverityText() }),
		octet("SeverityNumber", func(r logRow) uint8 { return uint8(r.SeverityNumber()) }),
		term("ServiceName", func(r logRow) string { return r.service }),
		text("Body", func(r logRow) string { return r.Body().AsString() }),
		term("ResourceSchemaUrl", func(r logRow) string { return r.resourceURL }),
		dictionary("ResourceAttributes", func(r logRow) pcommon.Map { return r.resource.Attributes() }),
		term("ScopeSchemaUrl", func(r logRow) string { return r.scopeURL }),
		text("ScopeName", func(r logRow) string { return r.scope.Name() }),
		term("ScopeVersion", func(r logRow) string { return r.scope.Version() }),
		dictionary("ScopeAttributes", func(r logRow) pcommon.Map { return r.scope.Attributes() }),
		dictionary("LogAttributes", func(r logRow) pcommon.Map { return r.Attributes() }),
		text("EventName", func(r logRow) string { return r.EventName() }),
	}
	return newTable("otel_logs", columns, logRows(ld))
}

// logTime is when it happened, or else when it was seen.
func logTime(r logRow) pcommon.Timestamp {
	if t := r.Timestamp(); t != 0 {
		return t
	}
	return r.ObservedTimestamp()
}

func logRows(ld plog.Logs) iter.Seq[logRow] {
	return func(yield func(logRow) bool) {
		for _, rl := range ld.ResourceLogs().All() {
			row := logRow{resource: rl.Resource(), service: serviceName(rl.Resource()), resourceURL: rl.SchemaUrl()}
			for _, sl := range rl.ScopeLogs().All() {
				row.scope, row.scopeURL = sl.Scope(), sl.SchemaUrl()
				for _, row.LogRecord = range sl.LogRecords().All() {
					if !yield(row) {
						return
					}
				}
			}
		}
	}
}
