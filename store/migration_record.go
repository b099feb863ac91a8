package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/steptrace/steptrace/store/schema"
)

// recordColumns of steptrace_migrations. A row is a migration that was applied. Two processes that migrate at once may
// both write it; the checksum is in the sort key, so that two that differ do not hide each other.
const recordColumns = ` (
    Version UInt32,
    File String,
    Checksum String,
    Cluster String,
    AppliedAt DateTime DEFAULT now()
) ENGINE = `

// recordTable is the statement that creates steptrace_migrations. On a cluster all servers of all shards are replicas
// of each other here, so that each of them knows what was applied.
func recordTable(cluster string) string {
	engine := "ReplacingMergeTree"
	if cluster != "" {
		engine = "ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')"
	}
	return "CREATE TABLE IF NOT EXISTS steptrace_migrations" + schema.On(cluster) + recordColumns + engine +
		"\nORDER BY (Version, Checksum)"
}

// applied are the checksums of the migrations that were applied, by version.
type applied map[int][]string

// recorded reads what was applied. A new store is told first whether it is a cluster's: what migrates it later without
// saying so, such as a Collector, does it for that cluster.
func (t *target) recorded(ctx context.Context) (applied, error) {
	var exists bool
	if err := queryRow(ctx, t.conn, &exists, "EXISTS TABLE steptrace_migrations"); err != nil {
		return nil, fmt.Errorf("look for steptrace_migrations: %w", err)
	}
	if !exists {
		if err := execute(ctx, t.conn, recordTable(t.cluster)); err != nil {
			return nil, fmt.Errorf("create steptrace_migrations: %w", err)
		}
	}
	found, err := t.readRecords(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what was applied: %w", err)
	}
	if len(found) == 0 {
		if err := t.record(ctx, schema.Migration{}); err != nil {
			return nil, fmt.Errorf("begin steptrace_migrations: %w", err)
		}
	}
	return found, nil
}

// codeUnknownIdentifier is ClickHouse's for a column that is not there.
const codeUnknownIdentifier = 47

func (t *target) readRecords(ctx context.Context) (_ applied, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	rows, err := t.conn.Query(ctx, "SELECT Version, Checksum, Cluster FROM steptrace_migrations ORDER BY Version")
	if refused := new(clickhouse.Exception); errors.As(err, &refused) && refused.Code == codeUnknownIdentifier {
		return nil, fmt.Errorf("a Steptrace from before the first release made this store: use a new database: %w", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	found := applied{}
	for rows.Next() {
		var version uint32
		var checksum, cluster string
		if err := rows.Scan(&version, &checksum, &cluster); err != nil {
			return nil, err
		}
		if err := t.adopt(cluster); err != nil {
			return nil, err
		}
		found[int(version)] = append(found[int(version)], checksum)
	}
	return found, rows.Err()
}

// adopt takes the cluster that the store was made for.
func (t *target) adopt(recorded string) error {
	switch t.cluster {
	case recorded:
		return nil
	case "":
		t.cluster = recorded
		return nil
	}
	if recorded == "" {
		return fmt.Errorf("the store was made for a single server, not for cluster %q: "+
			"use a new database, and move the data there", t.cluster)
	}
	return fmt.Errorf("the store was made for cluster %q, not for %q", recorded, t.cluster)
}

func (t *target) record(ctx context.Context, m schema.Migration) error {
	return execute(ctx, t.conn, recording(m, t.cluster))
}

func recording(m schema.Migration, cluster string) string {
	return fmt.Sprintf("INSERT INTO steptrace_migrations (Version, File, Checksum, Cluster) SELECT %d, %s, %s, %s",
		m.Version, schema.Quote(m.File), schema.Quote(m.Checksum), schema.Quote(cluster))
}

// check refuses a store that is newer than the migrations, or that was made by others of their names.
func (a applied) check(migrations []schema.Migration) error {
	newest := migrations[len(migrations)-1].Version
	for version := range a {
		if version > newest {
			return fmt.Errorf("its schema version %d is newer than %d, the newest this steptrace knows: "+
				"use a newer steptrace", version, newest)
		}
	}
	for _, m := range migrations {
		for _, checksum := range a[m.Version] {
			if checksum != m.Checksum {
				return fmt.Errorf("its migration %s was applied with another content than this steptrace has "+
					"(checksum %.12s, here %.12s): use the steptrace that made it, or a new database", m.File, checksum, m.Checksum)
			}
		}
	}
	return nil
}
