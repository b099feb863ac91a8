package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// FunctionFilter selects Lambda functions; zero fields select all.
type FunctionFilter struct {
	Functions     []string  // ARNs without a version, or names
	StateMachines []string  // names or ARNs: the functions that their tasks invoke
	Since, Until  time.Time // when they were invoked
	Limit         int       // 0 is 500, 10,000 the most
}

// Function is a Lambda function that the store knows invocations of.
type Function struct {
	ARN         string    `json:"arn"`
	Name        string    `json:"name"`
	Invocations uint64    `json:"invocations"`
	Errors      uint64    `json:"errors"`
	TimedOut    uint64    `json:"timed_out"`
	ColdStarts  uint64    `json:"cold_starts"`
	P50         float64   `json:"p50_ms"`
	P95         float64   `json:"p95_ms"`
	P99         float64   `json:"p99_ms"`
	Memory      uint64    `json:"memory_bytes"` // what the newest invocation might take; 0 while unknown
	LastStart   time.Time `json:"last_start"`
}

const functionsQuery = `
SELECT FunctionArn, splitByChar(':', toString(FunctionArn))[7] AS name, count(), countIf(Failed), countIf(TimedOut),
    countIf(ColdStart), quantilesExact(0.5, 0.95, 0.99)(toUInt64(greatest(0, dateDiff('nanosecond', Start, End)))),
    argMax(Memory, Start), toUnixTimestamp64Milli(toDateTime64(max(Start), 3))
FROM lambda_invocations FINAL
{where}
GROUP BY FunctionArn
ORDER BY FunctionArn
LIMIT {limit:UInt32}` + finalSettings

// Functions lists the Lambda functions that were invoked, by ARN.
func (db *DB) Functions(ctx context.Context, filter FunctionFilter) ([]Function, error) {
	var q query
	q.between("Start", 9, filter.Since, filter.Until)
	q.texts("(FunctionArn IN {texts} OR splitByChar(':', toString(FunctionArn))[7] IN {texts})", "functions",
		filter.Functions)
	q.invokedBy(filter.StateMachines, filter.Since, filter.Until)
	q.limit(filter.Limit, defaultMachineLimit, maxMachineLimit)
	found := []Function{}
	err := db.ask(ctx, "list functions", &q, functionsQuery, func(rows driver.Rows) error {
		var f Function
		var quantiles []uint64
		var last int64
		err := rows.Scan(&f.ARN, &f.Name, &f.Invocations, &f.Errors, &f.TimedOut, &f.ColdStarts, &quantiles, &f.Memory,
			&last)
		if err != nil {
			return err
		}
		f.P50, f.P95, f.P99, f.LastStart = millis(quantiles[0]), millis(quantiles[1]), millis(quantiles[2]), knownTime(last)
		found = append(found, f)
		return nil
	})
	return found, err
}
