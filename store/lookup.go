package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Execution finds one execution by its ARN, its trace id, or Latest.
func (db *DB) Execution(ctx context.Context, ref string) (Execution, error) {
	e, err := db.resolve(ctx, ref)
	if err == nil && e.Status == "" {
		return Execution{}, fmt.Errorf("execution %.2000s: %w in the store at %s", ref, ErrNotFound, db.addr)
	}
	return e, err
}

// NameFilter selects the states of state machines; zero fields select all.
type NameFilter struct {
	StateMachines []string  // names or ARNs
	Since, Until  time.Time // when the states were entered, to the minute
}

// maxNames bounds a list of names to choose from.
const maxNames = 5000

const stateNamesQuery = `
SELECT DISTINCT toString(StateName) AS name FROM sfn_state_minutes
{where}
ORDER BY name
LIMIT {limit:UInt32}`

// An execution that failed without a failed state has an error of its own, such as States.Timeout.
const errorNamesQuery = `
SELECT DISTINCT name FROM (
    SELECT toString(Error) AS name FROM sfn_state_minutes {states} AND Error != ''
    UNION ALL
    SELECT toString(Error) AS name FROM sfn_executions {executions} AND Error != ''
)
ORDER BY name
LIMIT {limit:UInt32}`

// StateNames lists the states that were entered, by name, at most 5000.
func (db *DB) StateNames(ctx context.Context, filter NameFilter) ([]string, error) {
	q := filter.query("Minute")
	q.param("limit", maxNames)
	return db.names(ctx, "list states", &q, stateNamesQuery)
}

// ErrorNames lists the errors that states, caught or not, and executions failed with, by name, at most 5000.
func (db *DB) ErrorNames(ctx context.Context, filter NameFilter) ([]string, error) {
	states, executions := filter.query("Minute"), filter.query("Start")
	text := replaceWhere(replaceWhere(errorNamesQuery, "{states}", states), "{executions}", executions)
	states.conditions = nil
	states.param("limit", maxNames)
	return db.names(ctx, "list errors", &states, text)
}

// query has a condition at least.
func (f NameFilter) query(column string) query {
	var q query
	q.machines(f.StateMachines)
	if column == "Minute" && !f.Since.IsZero() { // the minute that the range begins in
		f.Since = f.Since.Truncate(time.Minute)
	}
	q.between(column, 3, f.Since, f.Until)
	if len(q.conditions) == 0 {
		q.where("1")
	}
	return q
}

func (db *DB) names(ctx context.Context, what string, q *query, text string) ([]string, error) {
	found := []string{}
	err := db.ask(ctx, what, q, text, func(rows driver.Rows) error {
		var name string
		err := rows.Scan(&name)
		found = append(found, name)
		return err
	})
	return found, err
}
