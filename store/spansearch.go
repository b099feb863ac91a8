package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	defaultSpanLimit = 100
	maxSpanLimit     = 1000
	maxAttributes    = 16 // of one search
)

// Attribute is one that a span must have.
type Attribute struct {
	Key, Value string
	Resource   bool // of what sent the span, instead of the span's own
}

// SpanFilter selects spans; zero fields select all.
type SpanFilter struct {
	Attributes  []Attribute // all of them; values by an index, whole
	Kind        string      // steptrace.kind: execution, state, attempt, invocation, call, …
	Service     string      // service.name
	Name        string
	Failed      bool          // only those whose status is an error
	MinDuration time.Duration // as short at least
	TraceID     string
	Since       time.Time // when they began
	Until       time.Time
	Limit       int // newest first; 0 is 100, 1000 the most
}

// FoundSpan is a span and the trace that it is stored under, which of a Lambda's may be one of its own: Trace unites
// them.
type FoundSpan struct {
	TraceID string `json:"trace_id"`
	Span
}

// Which spans they are is found first, of all copies the longest, without reading whole rows.
const spanSearchQuery = `
SELECT TraceId, SpanId, ParentSpanId, SpanName, SpanKind, start, Duration, StatusCode, StatusMessage, ServiceName,
    SpanAttributes, ` + spanExtras + `
FROM (
    SELECT *, toUnixTimestamp64Nano(Timestamp) AS start
    FROM otel_traces
    WHERE (toStartOfFiveMinutes(Timestamp), ServiceName, TraceId, Timestamp, SpanId) IN (
        SELECT toStartOfFiveMinutes(Timestamp), ServiceName, TraceId, Timestamp, SpanId
        FROM otel_traces
        {where}
        GROUP BY ServiceName, TraceId, Timestamp, SpanId
        ORDER BY Timestamp DESC, TraceId, SpanId
        LIMIT {limit:UInt32})
    ORDER BY Duration DESC
    LIMIT 1 BY TraceId, SpanId
)
ORDER BY start DESC, TraceId, SpanId`

// Spans searches spans, the newest first.
func (db *DB) Spans(ctx context.Context, filter SpanFilter) ([]FoundSpan, error) {
	q := filter.query()
	q.limit(filter.Limit, defaultSpanLimit, maxSpanLimit)
	found := []FoundSpan{}
	err := db.ask(ctx, "search spans", &q, spanSearchQuery, func(rows driver.Rows) error {
		s, err := scanSpan(rows)
		found = append(found, FoundSpan{s.traceID, s.Span})
		return err
	})
	return found, err
}

func (f SpanFilter) query() query {
	var q query
	q.between("Timestamp", 9, f.Since, f.Until)
	q.text("Kind = {kind:String}", "kind", f.Kind)
	q.text("ServiceName = {service:String}", "service", f.Service)
	q.text("SpanName = {name:String}", "name", f.Name)
	if trace := strings.ToLower(f.TraceID); trace != "" {
		q.text("TraceId = {trace:String}", "trace", trace)
		q.where(whereTraced)
		q.param("hashes", traceHashes(trace))
	}
	if f.Failed {
		q.where("StatusCode = 'Error'")
	}
	if f.MinDuration > 0 {
		q.where("Duration >= {least:UInt64}")
		q.param("least", uint64(f.MinDuration))
	}
	if len(f.Attributes) > maxAttributes {
		q.fail("attributes", fmt.Sprintf("%d are too many: at most %d", len(f.Attributes), maxAttributes))
		return q
	}
	for n, a := range f.Attributes {
		q.attribute(n, a)
	}
	return q
}

// attribute needs the attribute to be there: reading one that a map has not gives an empty text.
func (q *query) attribute(n int, a Attribute) {
	key, value := fmt.Sprintf("key_%d", n), fmt.Sprintf("value_%d", n)
	attributes := "SpanAttributes"
	if a.Resource {
		attributes = "ResourceAttributes"
	}
	q.check(key, a.Key)
	q.check(value, a.Value)
	q.where(fmt.Sprintf("mapContains(%s, {%s:String}) AND %s[{%s:String}] = {%s:String}",
		attributes, key, attributes, key, value))
	q.param(key, a.Key)
	q.param(value, a.Value)
}
