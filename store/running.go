package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// RunningCount is how many executions of a state machine run.
type RunningCount struct {
	StateMachineARN string    `json:"state_machine_arn"`
	StateMachine    string    `json:"state_machine"` // of a Map Run's children STATE-MACHINE/LABEL
	Running         uint64    `json:"running"`
	OldestStart     time.Time `json:"oldest_start"`
}

const runningQuery = `
SELECT StateMachineArn, StateMachineName, count(), toUnixTimestamp64Milli(min(Start))
FROM sfn_executions FINAL
{where}
GROUP BY StateMachineArn, StateMachineName
ORDER BY StateMachineArn, StateMachineName
LIMIT {limit:UInt32}` + finalSettings

// Running counts the executions that run, by state machine. Limit is of state machines: 0 is 500, 10,000 the most; After
// does not count.
func (db *DB) Running(ctx context.Context, filter ExecutionFilter) ([]RunningCount, error) {
	filter.After = ExecutionCursor{}
	q := selection{ExecutionFilter: filter}.query()
	q.where("Status = 'RUNNING'")
	q.limit(filter.Limit, defaultMachineLimit, maxMachineLimit)
	found := []RunningCount{}
	err := db.ask(ctx, "count running executions", &q, runningQuery, func(rows driver.Rows) error {
		var c RunningCount
		var oldest int64
		err := rows.Scan(&c.StateMachineARN, &c.StateMachine, &c.Running, &oldest)
		c.OldestStart = knownTime(oldest)
		found = append(found, c)
		return err
	})
	return found, err
}
