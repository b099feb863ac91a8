package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const defaultExecutionLimit = 100

// The rows of sfn_executions are parts: the inner query makes redrives of them, the outer one executions. Rows before
// the day of {since} cannot belong to an execution that started after it.
const executionsQuery = `
SELECT
    ExecutionArn,
    max(name),
    max(machine),
    max(machineArn),
    max(trace),
    max(RedriveCount),
    toString(argMax(redriveStatus, RedriveCount)) AS status,
    toUnixTimestamp64Nano(minIf(redriveStart, redriveStart > toDateTime64(0, 9))) AS start,
    toUnixTimestamp64Nano(argMax(redriveEnd, RedriveCount)),
    argMax(error, RedriveCount),
    argMax(cause, RedriveCount)
FROM (
    SELECT
        ExecutionArn,
        RedriveCount,
        max(ExecutionName) AS name,
        max(StateMachineName) AS machine,
        max(StateMachineArn) AS machineArn,
        max(TraceId) AS trace,
        max(Status) AS redriveStatus,
        max(Start) AS redriveStart,
        max(End) AS redriveEnd,
        max(Error) AS error,
        max(Cause) AS cause
    FROM sfn_executions
    WHERE EventDate >= toDate(fromUnixTimestamp64Nano({since:Int64}), 'UTC')
        AND ({machine:String} = '' OR StateMachineArn = {machine:String} OR StateMachineName = {machine:String})
        AND ({arn:String} = '' OR ExecutionArn = {arn:String})
        AND ({trace:String} = '' OR TraceId = {trace:String})
    GROUP BY ExecutionArn, RedriveCount
)
GROUP BY ExecutionArn
HAVING start >= {since:Int64} AND ({status:String} = '' OR status = {status:String})
ORDER BY start DESC, ExecutionArn
LIMIT {limit:UInt32}`

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
		since = s.Since.UnixNano()
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

// knownTime turns Unix nanoseconds into a time, 0 (not known) into the zero time.
func knownTime(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}
