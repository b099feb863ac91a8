package store

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// maxInvokers bounds the executions that are looked into for the one that caused an invocation.
const maxInvokers = 8

const invokersQuery = `
WITH invoked AS (
    SELECT FunctionArn, RequestHash, FingerprintHash, Start, End
    FROM lambda_invocations FINAL
    WHERE TraceId = {trace:String}
)
SELECT TraceId
FROM (
    SELECT TraceId, Start FROM sfn_attempts
    WHERE RequestHash IN (SELECT RequestHash FROM invoked WHERE RequestHash != 0)
    UNION ALL
    SELECT TraceId, Start FROM sfn_attempts
    WHERE (FunctionArn, FingerprintHash) IN (
            SELECT FunctionArn, FingerprintHash FROM invoked WHERE FingerprintHash != 0)
        AND Start <= (SELECT max(Start) FROM invoked) + INTERVAL 1 SECOND
        AND (Open OR End >= (SELECT min(Start) FROM invoked) - INTERVAL 1 SECOND)
)
WHERE TraceId != {trace:String}
ORDER BY Start DESC
LIMIT 1 BY TraceId
LIMIT {limit:UInt32}`

// invoker reads the execution that one of the trace's Lambda invocations is joined to; found is false without one.
func (db *DB) invoker(ctx context.Context, t Trace, bounds TraceBounds) (united Trace, found bool, err error) {
	traceIDs, err := db.invokers(ctx, t.TraceID)
	if err != nil {
		return Trace{}, false, err
	}
	for _, id := range traceIDs {
		united, err := db.read(ctx, id, bounds)
		if err != nil {
			return Trace{}, false, err
		}
		if holdsInvocation(united, t.Spans) {
			return united, true, nil
		}
	}
	return Trace{}, false, nil
}

// invokers are the traces of executions that may have caused an invocation in the trace.
func (db *DB) invokers(ctx context.Context, traceID string) (traceIDs []string, err error) {
	err = db.each(ctx, "look for the execution that invoked", invokersQuery, func(rows driver.Rows) error {
		var id string
		err := rows.Scan(&id)
		traceIDs = append(traceIDs, id)
		return err
	}, clickhouse.Named("trace", traceID), clickhouse.Named("limit", maxInvokers))
	return traceIDs, err
}

// invokedBy is the chain from an invocation, which lies in a trace of its own, up to the root of the execution that it
// is joined to; empty without one.
func (db *DB) invokedBy(ctx context.Context, ref join.Ref) ([]Span, error) {
	traceIDs, err := db.invokers(ctx, ref.TraceID)
	if err != nil {
		return nil, err
	}
	for _, id := range traceIDs {
		spans, _, err := db.unitedSpans(ctx, []string{id}, db.maxSpans)
		if err != nil {
			return nil, err
		}
		if chain := upFrom(spans, ref.SpanID); len(chain) > 1 {
			return chain, nil
		}
	}
	return nil, nil
}

// holdsInvocation tells whether an invocation among the spans was joined to the trace.
func holdsInvocation(t Trace, spans []Span) bool {
	present := spanIDs(t.Spans)
	for _, s := range spans {
		if s.Attributes[semconv.Kind] == semconv.KindInvocation && present[s.SpanID] {
			return true
		}
	}
	return false
}
