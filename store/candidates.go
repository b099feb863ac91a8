package store

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/store/join"
)

// maxCandidates bounds what one read's joins weigh, on either side.
const maxCandidates = 20_000

// ownAttempts is the part both queries start from: the traces' attempts that invoke a Lambda. An open attempt may still
// get its invocation now.
const ownAttempts = `
WITH own AS (
    SELECT FunctionArn, RequestHash, FingerprintHash, Start, if(Open, now64(9), End) AS Until
    FROM sfn_attempts FINAL
    WHERE TraceId IN {traces:Array(String)} AND FunctionArn != ''
),
(SELECT min(Start) FROM own) - INTERVAL 1 SECOND AS earliest,
(SELECT max(Until) FROM own) + INTERVAL 1 SECOND AS latest
`

// hashes are what request ids and fingerprints are compared by; empty for none.
const hashes = `if(RequestHash = 0, '', toString(RequestHash)) AS request,
        if(FingerprintHash = 0, '', toString(FingerprintHash)) AS fingerprint`

// The invocations that one of the traces' attempts may have caused. A request id is trusted for longer than the
// attempt, for Lambda keeps an asynchronous event for up to six hours.
const invocationsQuery = ownAttempts + `
SELECT TraceId, SpanId, InvokedArn, request, fingerprint, toUnixTimestamp64Nano(Start), toUnixTimestamp64Nano(End)
FROM (
    SELECT *, ` + hashes + ` FROM lambda_invocations
    WHERE (FunctionArn, FingerprintHash) IN (SELECT FunctionArn, FingerprintHash FROM own WHERE FingerprintHash != 0)
        AND Start BETWEEN earliest AND latest
    UNION ALL
    SELECT *, ` + hashes + ` FROM lambda_invocations
    WHERE RequestHash IN (SELECT RequestHash FROM own WHERE RequestHash != 0)
        AND Start BETWEEN earliest AND latest + INTERVAL 6 HOUR
)
ORDER BY End DESC
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}`

// The traces' own attempts and those of other executions that may claim the same invocations: same function and
// payload at the same time. A day bounds how long before they may have begun.
const attemptsQuery = ownAttempts + `
SELECT TraceId, SpanId, InvokedArn, request, fingerprint, toUnixTimestamp64Nano(Start), toUnixTimestamp64Nano(End),
    Open
FROM (
    SELECT *, ` + hashes + ` FROM sfn_attempts WHERE TraceId IN {traces:Array(String)} AND FunctionArn != ''
    UNION ALL
    SELECT *, ` + hashes + ` FROM sfn_attempts
    WHERE TraceId NOT IN {traces:Array(String)}
        AND (FunctionArn, FingerprintHash) IN (SELECT FunctionArn, FingerprintHash FROM own WHERE FingerprintHash != 0)
        AND Start BETWEEN earliest - INTERVAL 1 DAY AND latest AND (Open OR End >= earliest)
)
ORDER BY End DESC
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}`

func (db *DB) candidateInvocations(ctx context.Context, traceIDs []string) (found []join.Invocation, err error) {
	err = db.each(ctx, "read candidate invocations", invocationsQuery, func(rows driver.Rows) error {
		var i join.Invocation
		err := rows.Scan(&i.TraceID, &i.SpanID, &i.InvokedARN, &i.RequestID, &i.Fingerprint, &i.Start, &i.End)
		found = append(found, i)
		return err
	}, clickhouse.Named("traces", traceIDs), clickhouse.Named("limit", maxCandidates))
	return found, err
}

func (db *DB) candidateAttempts(ctx context.Context, traceIDs []string) (found []join.Attempt, err error) {
	err = db.each(ctx, "read candidate attempts", attemptsQuery, func(rows driver.Rows) error {
		var a join.Attempt
		err := rows.Scan(&a.TraceID, &a.SpanID, &a.InvokedARN, &a.RequestID, &a.Fingerprint, &a.Start, &a.End, &a.Open)
		found = append(found, a)
		return err
	}, clickhouse.Named("traces", traceIDs), clickhouse.Named("limit", maxCandidates))
	return found, err
}
