package store

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const sharedNamesQuery = `
SELECT name
FROM (
    SELECT splitByChar(':', toString(StateMachineArn))[7] AS name
    FROM (SELECT DISTINCT StateMachineArn FROM sfn_executions)
)
GROUP BY name
HAVING count() > 1`

// SharedNames are the names that several state machines have: in other regions or accounts.
func (db *DB) SharedNames(ctx context.Context) (map[string]bool, error) {
	shared := map[string]bool{}
	err := db.each(ctx, "look for state machines of one name", sharedNamesQuery, func(rows driver.Rows) error {
		var name string
		err := rows.Scan(&name)
		shared[name] = true
		return err
	})
	return shared, err
}
