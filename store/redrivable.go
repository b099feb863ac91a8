package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// redrivableFor is how long after its end AWS redrives an execution.
const redrivableFor = 14 * 24 * time.Hour

// RedrivableFilter selects executions that can be redriven; zero fields select all.
type RedrivableFilter struct {
	StateMachines []string  // names or ARNs
	Since, Until  time.Time // when they ended
	Now           time.Time // AWS redrives what ended less than 14 days before; zero is now
	Limit         int       // state machines; 0 is 500, 10,000 the most
}

// RedrivableCount is how many executions of a state machine can be redriven.
type RedrivableCount struct {
	StateMachineARN string    `json:"state_machine_arn"`
	StateMachine    string    `json:"state_machine"`
	Executions      uint64    `json:"executions"`
	LastEnd         time.Time `json:"last_end"`
}

const redrivableQuery = `
SELECT StateMachineArn, StateMachineName, count() AS executions, toUnixTimestamp64Milli(max(End))
FROM sfn_executions FINAL
{where}
GROUP BY StateMachineArn, StateMachineName
ORDER BY executions DESC, StateMachineArn, StateMachineName
LIMIT {limit:UInt32}` + finalSettings

// Redrivable counts Standard executions that failed, timed out or were aborted, and have not been redriven since, by
// state machine, most first. A Map Run's children are not counted: the execution whose run it is is redriven.
func (db *DB) Redrivable(ctx context.Context, filter RedrivableFilter) ([]RedrivableCount, error) {
	q := filter.query(time.Now())
	q.limit(filter.Limit, defaultMachineLimit, maxMachineLimit)
	found := []RedrivableCount{}
	err := db.ask(ctx, "count redrivable executions", &q, redrivableQuery, func(rows driver.Rows) error {
		var c RedrivableCount
		var last int64
		err := rows.Scan(&c.StateMachineARN, &c.StateMachine, &c.Executions, &last)
		c.LastEnd = knownTime(last)
		found = append(found, c)
		return err
	})
	return found, err
}

func (f RedrivableFilter) query(now time.Time) query {
	if !f.Now.IsZero() {
		now = f.Now
	}
	if oldest := now.Add(-redrivableFor); f.Since.Before(oldest) {
		f.Since = oldest
	}
	var q query
	q.machines(f.StateMachines)
	q.ended(f.Since, f.Until)
	q.where("Status IN ('FAILED', 'TIMED_OUT', 'ABORTED')")
	q.where("MapRunArn = '' AND position(ExecutionArn, ':express:') = 0")
	return q
}
