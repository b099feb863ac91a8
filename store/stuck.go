package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// What makes an execution stuck.
const (
	stuckTimes  = 3 // of its state machine's 99th percentile
	stuckWithin = 7 * 24 * time.Hour
	stuckLeast  = 20 // executions, for a percentile to tell something
)

// StuckFilter selects executions that run; zero fields select all.
type StuckFilter struct {
	StateMachines []string  // names or ARNs
	Now           time.Time // until when they have been running; zero is now
	Limit         int       // 0 is 100, 1000 the most
}

// StuckExecution is one that has been running three times as long as 99 of a hundred of its state machine took, or longer.
type StuckExecution struct {
	Execution
	Usual float64 `json:"usual_ms"` // that 99th percentile, of the last 7 days
	Times float64 `json:"times"`    // how many times that it has been running
}

// A percentile of 0 ms counts as 1.
const stuckQuery = `
SELECT ` + executionColumns + `, toFloat64(usual), {now:Int64} - toUnixTimestamp64Milli(Start) AS ran, ran / usual AS times
FROM (
    SELECT * FROM sfn_executions FINAL
    {where}
) AS running
INNER JOIN (
    SELECT StateMachineArn, StateMachineName,
        greatest(quantileExact(0.99)(dateDiff('millisecond', Start, End)), 1) AS usual
    FROM sfn_executions FINAL
    {ended}
    GROUP BY StateMachineArn, StateMachineName
    HAVING count() >= {least:UInt32}
) AS slow USING (StateMachineArn, StateMachineName)
WHERE times >= {times:UInt32}
ORDER BY times DESC, ExecutionArn
LIMIT {limit:UInt32}` + finalSettings

// Stuck lists the executions that have been running for much longer than theirs do, the worst first. Only state machines
// of which 20 executions or more have ended within 7 days tell. A Map Run's children are compared with each other.
func (db *DB) Stuck(ctx context.Context, filter StuckFilter) ([]StuckExecution, error) {
	q, text := filter.query(time.Now())
	q.limit(filter.Limit, defaultExecutionLimit, maxExecutionLimit)
	found := []StuckExecution{}
	err := db.ask(ctx, "list stuck executions", &q, text, func(rows driver.Rows) error {
		s, err := scanStuck(rows)
		found = append(found, s)
		return err
	})
	return found, err
}

func (f StuckFilter) query(now time.Time) (query, string) {
	if !f.Now.IsZero() {
		now = f.Now
	}
	var q, ended query
	q.machines(f.StateMachines)
	ended.conditions = append(ended.conditions, q.conditions...)
	ended.ended(now.Add(-stuckWithin), now)
	ended.where("Status != 'RUNNING'")
	q.where("Status = 'RUNNING'")
	q.params = append(q.params, ended.params...)
	q.param("now", now.UnixMilli())
	q.param("least", stuckLeast)
	q.param("times", stuckTimes)
	return q, replaceWhere(stuckQuery, "{ended}", ended)
}

func scanStuck(rows driver.Rows) (StuckExecution, error) {
	var s StuckExecution
	var redrive uint32
	var start, end, ran int64
	err := rows.Scan(&s.ExecutionARN, &s.Name, &s.StateMachine, &s.StateMachineARN, &s.TraceID, &redrive, &s.Status,
		&start, &end, &s.MapRunARN, &s.Error, &s.Cause, &s.Usual, &ran, &s.Times)
	s.RedriveCount, s.Start, s.End = int(redrive), knownTime(start), knownTime(end)
	return s, err
}
