package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/store/schema"
)

// Condition is what a store is like, to tell whoever connects to it.
type Condition struct {
	ServerVersion string
	Schema        int // version of the newest migration that was applied; 0 without any
	Known         int // version of the newest migration that this binary has
	// MayWrite tells that the user could change the store. Rights that come by a role are not seen.
	MayWrite      bool
	StateMachines uint64
	Executions    uint64 // that started in the last 24 hours
	Spans         uint64 // about: one stored twice counts twice until a merge
}

// Condition asks for the store's versions, rights and counts. A store that was never migrated fails as one without
// Steptrace's tables does, with ClickHouse's error underneath.
func (db *DB) Condition(ctx context.Context) (Condition, error) {
	var c Condition
	err := db.each(ctx, "ask for the version", "SELECT version()", func(rows driver.Rows) error {
		return rows.Scan(&c.ServerVersion)
	})
	if err != nil {
		return Condition{}, err
	}
	if c.Schema, c.Known, err = db.versions(ctx); err != nil || c.Schema != c.Known {
		return c, err
	}
	if c.MayWrite, err = db.mayWrite(ctx); err != nil {
		return Condition{}, err
	}
	return c, db.count(ctx, &c)
}

const appliedQuery = "SELECT toInt64(max(Version)) FROM steptrace_migrations"

func (db *DB) versions(ctx context.Context) (applied, known int, err error) {
	migrations, err := schema.Migrations()
	if err != nil {
		return 0, 0, err
	}
	var version int64
	err = db.each(ctx, "read which migrations were applied", appliedQuery, func(rows driver.Rows) error {
		return rows.Scan(&version)
	})
	return int(version), migrations[len(migrations)-1].Version, err
}

const countsQuery = `
SELECT
    (SELECT uniqExact(StateMachineArn) FROM sfn_state_machines),
    (SELECT uniqExact(ExecutionArn) FROM sfn_executions WHERE Start >= fromUnixTimestamp64Milli({since:Int64})),
    (SELECT count() FROM otel_traces)`

func (db *DB) count(ctx context.Context, c *Condition) error {
	var q query
	q.param("since", time.Now().Add(-24*time.Hour).UnixMilli())
	return db.ask(ctx, "count what the store has", &q, countsQuery, func(rows driver.Rows) error {
		return rows.Scan(&c.StateMachines, &c.Executions, &c.Spans)
	})
}

// mayWrite looks at the user's own grants where no setting forbids to write.
func (db *DB) mayWrite(ctx context.Context) (bool, error) {
	level, err := db.readonlyLevel(ctx)
	if err != nil || level > 0 {
		return false, err
	}
	var grants []string
	err = db.each(ctx, "read the user's rights", "SHOW GRANTS", func(rows driver.Rows) error {
		var grant string
		err := rows.Scan(&grant)
		grants = append(grants, grant)
		return err
	})
	return slices.ContainsFunc(grants, letsWrite), err
}

// writing are the rights that change data or tables, as SHOW GRANTS spells them.
var writing = []string{"ALL", "INSERT", "ALTER", "CREATE", "DROP", "TRUNCATE"}

// letsWrite tells whether a grant, such as "GRANT SELECT, INSERT(a, b) ON x.* TO y", has a right to write.
func letsWrite(grant string) bool {
	rights, _, found := strings.Cut(strings.TrimPrefix(grant, "GRANT "), " ON ")
	if !found || grant == rights {
		return false
	}
	for right := range strings.SplitSeq(rights, ",") {
		word, _, _ := strings.Cut(strings.TrimSpace(right), " ")
		word, _, _ = strings.Cut(word, "(")
		if slices.Contains(writing, word) {
			return true
		}
	}
	return false
}

// readonlyLevel is ClickHouse's setting readonly as the user has it now: 0 may write, 1 may set nothing, 2 may set.
func (db *DB) readonlyLevel(ctx context.Context) (level int64, err error) {
	err = db.each(ctx, "ask whether the user may write", "SELECT toInt64(getSetting('readonly'))",
		func(rows driver.Rows) error { return rows.Scan(&level) })
	return level, err
}
