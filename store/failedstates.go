package store

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// A failure goes up through the Parallel and Map states around it, which end some milliseconds later: of what failed
// within the visit that failed last, the last that holds no others is where it began. What failed before that visit
// began was caught further up. A redrive goes on with the visits of the run before, so that none of them counts twice.
// In an execution that timed out or was stopped, the same holds of the visits that this broke off.
const failedStateOfQuery = `
SELECT ExecutionArn, argMax(toString(StateName), (inmost, failed, EventId))
FROM (
    SELECT ExecutionArn, StateName, EventId, Start, StateType NOT IN ('Parallel', 'Map') AS inmost,
        toUnixTimestamp64Milli(Start) + Duration AS failed,
        argMax(Start, (failed, inmost, EventId)) OVER (PARTITION BY ExecutionArn) AS outermost
    FROM sfn_state_visits FINAL
    {where}
)
WHERE Start >= outermost
GROUP BY ExecutionArn` + finalSettings

// FailedStates tells in which state each of the executions failed, timed out or was stopped, by their ARNs: the
// innermost one. Others have none, nor have those that ended between two states.
func (db *DB) FailedStates(ctx context.Context, executions []Execution) (map[string]string, error) {
	failed := slices.DeleteFunc(slices.Clone(executions), func(e Execution) bool {
		return e.Status != "FAILED" && !e.brokenOff()
	})
	states := make(map[string]string, len(failed))
	for chunk := range slices.Chunk(failed, maxTracesAtOnce) {
		q := failedStatesOf(chunk)
		err := db.ask(ctx, "look for failed states", &q, failedStateOfQuery, func(rows driver.Rows) error {
			var arn, state string
			err := rows.Scan(&arn, &state)
			states[arn] = state
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return states, nil
}

// brokenOff tells executions of which no state need have failed.
func (e Execution) brokenOff() bool { return e.Status == "TIMED_OUT" || e.Status == "ABORTED" }

// failedStatesOf selects the last visits of executions, with what spares ClickHouse other times and state machines.
func failedStatesOf(executions []Execution) query {
	var q query
	var traces, machines, brokenOff []string
	since, until := executions[0].Start, executions[0].End
	for _, e := range executions {
		traces, machines = append(traces, e.TraceID), append(machines, e.StateMachineARN)
		if e.brokenOff() {
			brokenOff = append(brokenOff, e.ExecutionARN)
		}
		if e.Start.Before(since) {
			since = e.Start
		}
		if e.End.After(until) {
			until = e.End
		}
	}
	slices.Sort(machines)
	q.where("Outcome = if(ExecutionArn IN {broken_off:Array(String)}, 'ABORTED', 'FAILED')")
	q.where("Outcome IN ('ABORTED', 'FAILED')") // which the index knows
	q.param("broken_off", brokenOff)
	q.machines(slices.Compact(machines))
	q.between("Start", 3, since, until.Add(time.Second))
	q.where("TraceId IN {traces:Array(String)}")
	q.param("traces", traces)
	return q
}
