package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const defaultExecutionLimit = 100

// FINAL reads of each execution the row that tells most. It spans no partitions, for a row's is a function of the
// execution's start.
const executionsQuery = `
SELECT
    ExecutionArn,
    ExecutionName,
    StateMachineName,
    StateMachineArn,
    TraceId,
    RedriveCount,
    toString(Status),
    toUnixTimestamp64Milli(Start),
    toUnixTimestamp64Milli(End),
    Error,
    Cause
FROM sfn_executions FINAL
WHERE Start >= fromUnixTimestamp64Milli({since:Int64})
    AND ({machine:String} = '' OR StateMachineArn = {machine:String} OR StateMachineName = {machine:String})
    AND ({arn:String} = '' OR ExecutionArn = {arn:String})
    AND ({trace:String} = '' OR TraceId = {trace:String})
    AND ({status:String} = '' OR toString(Status) = {status:String})
ORDER BY Start DESC, ExecutionArn
LIMIT {limit:UInt32}
SETTINGS do_not_merge_across_partitions_select_final = 1`

// Executions lists executions, the newest start first, running ones included.
func (db *DB) Executions(ctx context.Context, filter ExecutionFilter) ([]Execution, error) {
	return db.selectExecutions(ctx, selection{ExecutionFilter: filter})
}

// selection adds to a filter what names one execution.
type selection struct {
	ExecutionFilter
	arn, traceID string
}

func (db *DB) selectExecutions(ctx context.Context, s selection) ([]Execution, error) {
	limit := s.Limit
	if limit <= 0 {
		limit = defaultExecutionLimit
	}
	since := int64(0)
	if !s.Since.IsZero() {
		since = s.Since.UnixMilli()
	}
	found := []Execution{}
	err := db.each(ctx, "list executions", executionsQuery, func(rows driver.Rows) error {
		e, err := scanExecution(rows)
		found = append(found, e)
		return err
	},
		clickhouse.Named("since", since), clickhouse.Named("machine", s.StateMachine), clickhouse.Named("arn", s.arn),
		clickhouse.Named("trace", s.traceID), clickhouse.Named("status", s.Status), clickhouse.Named("limit", limit))
	return found, err
}

func scanExecution(rows driver.Rows) (Execution, error) {
	var e Execution
	var redrive uint32
	var start, end int64
	err := rows.Scan(&e.ExecutionARN, &e.Name, &e.StateMachine, &e.StateMachineARN, &e.TraceID, &redrive, &e.Status,
		&start, &end, &e.Error, &e.Cause)
	e.RedriveCount, e.Start, e.End = int(redrive), knownTime(start), knownTime(end)
	return e, err
}

// knownTime turns Unix milliseconds into a time, 0 (not known) into the zero time.
func knownTime(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}
