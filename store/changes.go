package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Counts are how much the store has of something: a change tells that something came.
type Counts struct {
	Executions uint64 `json:"executions"`
	Events     uint64 `json:"events"` // of histories
	Spans      uint64 `json:"spans"`
}

// A row that is stored twice counts once, for a merge must not look like a change. The execution's start spares
// ClickHouse the days before. Lambda invocations in traces of their own are found by what joins them with the trace's
// attempts, which the tables index; one that in the end is joined with another's is a change too many.
const traceCountsQuery = `
WITH
    (SELECT min(Start) - toIntervalSecond(1) FROM sfn_executions WHERE TraceId = {trace:String}) AS began,
    attempts AS (
        SELECT FunctionArn, RequestHash, FingerprintHash FROM sfn_attempts
        WHERE TraceId = {trace:String} AND Start >= began AND FunctionArn != ''
    )
SELECT
    (SELECT uniqExact(ExecutionArn) FROM sfn_executions WHERE TraceId = {trace:String}),
    (SELECT uniqExact(RecordId) FROM otel_logs WHERE TraceId = {trace:String} AND Timestamp >= began),
    (SELECT uniqExact(TraceId, SpanId) FROM (
        SELECT TraceId, SpanId FROM otel_traces WHERE TraceId = {trace:String} AND ` + whereTraced + `
        UNION ALL
        SELECT TraceId, SpanId FROM lambda_invocations WHERE Start >= began
            AND (FunctionArn, RequestHash) IN (
                SELECT FunctionArn, RequestHash FROM attempts WHERE RequestHash != 0)
        UNION ALL
        SELECT TraceId, SpanId FROM lambda_invocations WHERE Start >= began
            AND (FunctionArn, FingerprintHash) IN (
                SELECT FunctionArn, FingerprintHash FROM attempts WHERE FingerprintHash != 0)))`

// Little is sent again within minutes; that merging it looks like a change costs less than telling the copies apart.
const recentCountsQuery = `
SELECT
    (SELECT uniqExact(ExecutionArn) FROM sfn_executions WHERE Start >= fromUnixTimestamp64Milli({since:Int64})),
    (SELECT count() FROM otel_logs WHERE Timestamp >= fromUnixTimestamp64Milli({since:Int64})),
    (SELECT count() FROM otel_traces WHERE Timestamp >= fromUnixTimestamp64Milli({since:Int64}))`

// TraceCounts counts what the store has of a trace: the execution, its events and its spans, and of Lambda invocations
// that have trace ids of their own those that its attempts may have made. What it knows by X-Ray alone, and executions
// that it started, count in their own traces only. A trace that is not there yet counts 0.
func (db *DB) TraceCounts(ctx context.Context, traceID string) (Counts, error) {
	if !isTraceID(traceID) {
		return Counts{}, fmt.Errorf("trace id %.100q: %w: 32 hex digits are one", traceID, ErrArgument)
	}
	var q query
	traceID = strings.ToLower(traceID)
	q.param("trace", traceID)
	q.param("hashes", traceHashes(traceID))
	return db.counts(ctx, &q, traceCountsQuery)
}

// RecentCounts counts what began since a time.
func (db *DB) RecentCounts(ctx context.Context, since time.Time) (Counts, error) {
	var q query
	q.param("since", since.UnixMilli())
	return db.counts(ctx, &q, recentCountsQuery)
}

func (db *DB) counts(ctx context.Context, q *query, text string) (c Counts, err error) {
	err = db.ask(ctx, "look for changes", q, text, func(rows driver.Rows) error {
		return rows.Scan(&c.Executions, &c.Events, &c.Spans)
	})
	return c, err
}
