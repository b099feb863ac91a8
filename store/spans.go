package store

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Limits of one read. A 25,000-event history makes fewer spans than the limit.
const (
	maxSpans        = 50_000
	maxTracesAtOnce = 200 // trace ids in one query; they travel in the URL
)

// spanExtras are a span's events and links; times are nanoseconds.
const spanExtras = `arrayMap(t -> toUnixTimestamp64Nano(t), Events.Timestamp), Events.Name, Events.Attributes,
    Links.TraceId, Links.SpanId, Links.Attributes`

// whereTraced is where the primary key has spans of traces, which spares reading an index of every granule.
const whereTraced = `toStartOfFiveMinutes(Timestamp) IN (
        SELECT FiveMinutes FROM trace_times WHERE TraceHash IN {hashes:Array(UInt32)})`

// A span stored twice is read once: the longer of its rows.
const spansQuery = `
SELECT TraceId, SpanId, ParentSpanId, SpanName, SpanKind, start, Duration, StatusCode, StatusMessage, ServiceName,
    SpanAttributes, ` + spanExtras + `
FROM (
    SELECT *, toUnixTimestamp64Nano(Timestamp) AS start
    FROM otel_traces
    WHERE TraceId IN {traces:Array(String)} AND ` + whereTraced + `
    ORDER BY Duration DESC
    LIMIT 1 BY TraceId, SpanId
)
ORDER BY start, SpanId
LIMIT {limit:UInt32}`

// traceSpan is a span with the trace that it is stored under.
type traceSpan struct {
	Span
	traceID string
}

// spansOf reads the spans of the traces, at most so many; full says that there were more.
func (db *DB) spansOf(ctx context.Context, traceIDs []string, most int) (found []traceSpan, full bool, err error) {
	for chunk := range slices.Chunk(traceIDs, maxTracesAtOnce) {
		err := db.each(ctx, "read spans", spansQuery, func(rows driver.Rows) error {
			s, err := scanSpan(rows)
			found = append(found, s)
			return err
		}, clickhouse.Named("traces", chunk), clickhouse.Named("hashes", traceHashes(chunk...)),
			clickhouse.Named("limit", most+1-len(found)))
		if err != nil {
			return nil, false, err
		}
		if len(found) > most {
			return found[:most], true, nil
		}
	}
	return found, false, nil
}

// traceHashes is what trace_times keeps of trace ids, as an array.
func traceHashes(traceIDs ...string) string {
	hashes := make([]string, 0, len(traceIDs))
	for _, id := range traceIDs {
		hashes = append(hashes, strconv.FormatUint(sipHash64(id)&math.MaxUint32, 10))
	}
	return numbers(hashes)
}

func scanSpan(rows driver.Rows) (traceSpan, error) {
	var s traceSpan
	var duration uint64
	var events spanEvents
	var links spanLinks
	err := rows.Scan(&s.traceID, &s.SpanID, &s.ParentSpanID, &s.Name, &s.Kind, &s.StartUnixNano, &duration, &s.Status,
		&s.StatusMessage, &s.Service, &s.Attributes, &events.times, &events.names, &events.attributes,
		&links.traces, &links.spans, &links.attributes)
	s.EndUnixNano = s.StartUnixNano + int64(duration)
	s.Kind, s.Status = strings.ToUpper(s.Kind), strings.ToUpper(s.Status)
	s.Events, s.Links = events.list(), links.list()
	return s, err
}
