package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// maxPoints bounds the points of a series of executions or failures.
const maxPoints = 20_000

// ExecutionStatisticsFilter selects executions to be counted. After and Limit do not count.
type ExecutionStatisticsFilter struct {
	ExecutionFilter               // Since and Until zero: the last 24 hours
	Ended           bool          // Since and Until are when they ended; those that run are left out
	Step            time.Duration // whole seconds; 0 is one point for all of the range, whose time is zero
}

// ExecutionStatistics is a series of points for each state machine.
type ExecutionStatistics struct {
	Points    []ExecutionPoint `json:"points"` // by time, state machine
	Truncated bool             `json:"truncated,omitempty"`
}

// ExecutionPoint is the executions of one state machine that started, or ended, in one step. A Map Run's children have
// points of their own: StateMachine is STATE-MACHINE/LABEL.
type ExecutionPoint struct {
	Time            time.Time `json:"time,omitzero"` // the step's begin
	StateMachineARN string    `json:"state_machine_arn"`
	StateMachine    string    `json:"state_machine"`
	ChildrenCounts            // by the status that they have now
	P50             float64   `json:"p50_ms"` // of those that have ended
	P95             float64   `json:"p95_ms"`
	P99             float64   `json:"p99_ms"`
}

// HasEnded is how many of them have.
func (c ChildrenCounts) HasEnded() uint64 { return c.Succeeded + c.Failed + c.TimedOut + c.Aborted }

const countsByStatus = `countIf(Status = 'RUNNING'), countIf(Status = 'SUCCEEDED'), countIf(Status = 'FAILED'),
    countIf(Status = 'TIMED_OUT'), countIf(Status = 'ABORTED')`

const executionStatisticsColumns = ` AS time, StateMachineArn, StateMachineName, ` + countsByStatus + `,
    arrayMap(q -> toFloat64(q),
        quantilesExactIf(0.5, 0.95, 0.99)(dateDiff('millisecond', Start, End), Status != 'RUNNING'))
FROM sfn_executions FINAL
{where}
GROUP BY time, StateMachineArn, StateMachineName
ORDER BY time, StateMachineArn, StateMachineName
LIMIT {limit:UInt32}` + finalSettings

const (
	startedStatisticsQuery = `SELECT ` + stepOf + executionStatisticsColumns
	endedStatisticsQuery   = `SELECT ` + stepBegin + `toUnixTimestamp64Milli(End)` + stepEnd + executionStatisticsColumns
)

// ExecutionStatistics counts executions over time.
func (db *DB) ExecutionStatistics(
	ctx context.Context, filter ExecutionStatisticsFilter,
) (ExecutionStatistics, error) {
	q, text := filter.query(time.Now())
	q.param("limit", maxPoints+1)
	q.param("step", stepSeconds(filter.Step))
	found := ExecutionStatistics{Points: []ExecutionPoint{}}
	err := db.ask(ctx, "count executions", &q, text, func(rows driver.Rows) error {
		p, err := scanExecutionPoint(rows)
		found.Points = append(found.Points, p)
		return err
	})
	if len(found.Points) > maxPoints {
		found.Points, found.Truncated = found.Points[:maxPoints], true
	}
	return found, err
}

func scanExecutionPoint(rows driver.Rows) (ExecutionPoint, error) {
	var p ExecutionPoint
	var at int64
	var quantiles []float64
	err := rows.Scan(&at, &p.StateMachineARN, &p.StateMachine, &p.Running, &p.Succeeded, &p.Failed, &p.TimedOut,
		&p.Aborted, &quantiles)
	if err != nil {
		return ExecutionPoint{}, err
	}
	p.Time = knownTime(at)
	if p.HasEnded() > 0 {
		p.P50, p.P95, p.P99 = quantiles[0], quantiles[1], quantiles[2]
	}
	return p, nil
}

func (f ExecutionStatisticsFilter) query(now time.Time) (query, string) {
	if f.Until.IsZero() {
		f.Until = now
	}
	if f.Since.IsZero() {
		f.Since = f.Until.Add(-24 * time.Hour)
	}
	f.After = ExecutionCursor{}
	if !f.Ended {
		return selection{ExecutionFilter: f.ExecutionFilter}.query(), startedStatisticsQuery
	}
	since, until := f.Since, f.Until
	f.Since, f.Until = time.Time{}, time.Time{}
	q := selection{ExecutionFilter: f.ExecutionFilter}.query()
	q.where("Status != 'RUNNING'")
	q.ended(since, until)
	return q, endedStatisticsQuery
}

// ended selects executions by when they ended, which the table is not sorted by: a look at all ends, without what else a
// row has, tells from which start on they are.
func (q *query) ended(since, until time.Time) {
	q.between("End", 3, since, until)
	if !until.IsZero() {
		q.where("Start < fromUnixTimestamp64Milli({until:Int64})")
	}
	if since.IsZero() {
		return
	}
	var ends query
	ends.between("End", 3, since, until)
	q.where(`Start >= (SELECT if(count() = 0, toDateTime64('2200-01-01', 3, 'UTC'), min(Start)) FROM sfn_executions
        WHERE ` + ends.joined() + `)`)
}
