package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// FailureCount is how often something failed in the same way.
type FailureCount struct {
	Time            time.Time `json:"time,omitzero"` // the step's begin
	Kind            string    `json:"kind"`
	StateMachineARN string    `json:"state_machine_arn"`
	State           string    `json:"state,omitempty"`
	Error           string    `json:"error"`
	Count           uint64    `json:"count"`
	Executions      uint64    `json:"executions"` // in which it did
	Last            time.Time `json:"last"`
}

const failedStateCountsQuery = `
SELECT ` + stepBegin + `toUnixTimestamp64Milli(Start) + Duration` + stepEnd + ` AS time,
    StateMachineArn, StateName, Error, count() AS failures, uniqExact(TraceId),
    max(toUnixTimestamp64Milli(Start) + Duration)
FROM sfn_state_visits FINAL
{where}
GROUP BY time, StateMachineArn, StateName, Error
ORDER BY time, failures DESC, StateMachineArn, StateName, Error
LIMIT {limit:UInt32}` + finalSettings

const failedExecutionCountsQuery = `
SELECT ` + stepBegin + `toUnixTimestamp64Milli(End)` + stepEnd + ` AS time,
    StateMachineArn, '', Error, count() AS failures, count(), max(toUnixTimestamp64Milli(End))
FROM sfn_executions FINAL
{where}
GROUP BY time, StateMachineArn, Error
ORDER BY time, failures DESC, StateMachineArn, Error
LIMIT {limit:UInt32}` + finalSettings

// FailureCounts counts failures by state machine, state and error, the most frequent first.
func (db *DB) FailureCounts(ctx context.Context, filter FailureFilter) ([]FailureCount, error) {
	filter.Limit = bounded(filter.Limit, defaultFailureLimit, maxFailureLimit)
	found, err := db.countFailures(ctx, filter, 0)
	slices.SortStableFunc(found, func(a, b FailureCount) int { return cmp.Compare(b.Count, a.Count) })
	return found[:min(filter.Limit, len(found))], err
}

// FailuresOverTime counts failures by state machine, state and error in steps of time (whole seconds), in the order of
// time. The filter's limit is of points of each kind: 0 and the most is 20,000.
func (db *DB) FailuresOverTime(ctx context.Context, filter FailureFilter, step time.Duration) ([]FailureCount, error) {
	filter.Limit = bounded(filter.Limit, maxPoints, maxPoints)
	found, err := db.countFailures(ctx, filter, max(step, time.Second))
	slices.SortStableFunc(found, func(a, b FailureCount) int { return a.Time.Compare(b.Time) })
	return found, err
}

func (db *DB) countFailures(ctx context.Context, filter FailureFilter, step time.Duration) ([]FailureCount, error) {
	found := []FailureCount{}
	for _, arm := range filter.arms(failedStateCountsQuery, failedExecutionCountsQuery) {
		arm.query.param("limit", filter.Limit)
		arm.query.param("step", stepSeconds(step))
		err := db.ask(ctx, "count failures", &arm.query, arm.text, func(rows driver.Rows) error {
			c := FailureCount{Kind: arm.kind}
			var at, last int64
			err := rows.Scan(&at, &c.StateMachineARN, &c.State, &c.Error, &c.Count, &c.Executions, &last)
			c.Time, c.Last = knownTime(at), knownTime(last)
			found = append(found, c)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
