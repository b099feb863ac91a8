package store_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

var quiet = slog.New(slog.DiscardHandler)

func connect(t *testing.T, dsn string) driver.Conn {
	t.Helper()
	opts, err := clickhouse.ParseDSN(dsn)
	require.NoError(t, err)
	conn, err := clickhouse.Open(opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

func TestMigrateCreatesTheDatabaseAndRecordsEachMigrationOnce(t *testing.T) {
	conn := connect(t, embeddedtest.DSN(t))
	dsn := strings.TrimSuffix(embeddedtest.Server(t).DSN(), "/default") + "/made_by_migrate"
	t.Cleanup(func() { require.NoError(t, conn.Exec(context.Background(), "DROP DATABASE made_by_migrate SYNC")) })
	for range 2 {
		require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
	}
	var recorded, newest int64
	require.NoError(t, conn.QueryRow(t.Context(),
		"SELECT toInt64(countIf(Version > 0)), toInt64(max(Version)) FROM made_by_migrate.steptrace_migrations").
		Scan(&recorded, &newest))
	files, err := filepath.Glob("schema/*.sql")
	require.NoError(t, err)
	require.EqualValues(t, len(files), recorded, "one for each .sql file")
	require.Equal(t, recorded, newest)
}

func TestMigratingAtOnceDoesNoHarm(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	var group errgroup.Group
	for range 3 {
		group.Go(func() error { return store.Migrate(t.Context(), dsn, quiet) })
	}
	require.NoError(t, group.Wait())
	require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
}

func TestMigrateFinishesWhatWasCutShort(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), "DROP VIEW lambda_invocations_mv SYNC"))
	require.NoError(t, conn.Exec(t.Context(),
		"DELETE FROM steptrace_migrations WHERE Version > 1 SETTINGS lightweight_deletes_sync = 2"))
	require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
	var exists bool
	require.NoError(t, conn.QueryRow(t.Context(), "EXISTS VIEW lambda_invocations_mv").Scan(&exists))
	require.True(t, exists)
}

func TestANewerStoreIsRefused(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(),
		"INSERT INTO steptrace_migrations (Version) VALUES (9000)"))
	err := store.Migrate(t.Context(), dsn, quiet)
	require.ErrorContains(t, err, "schema version 9000 is newer than")
	require.ErrorContains(t, err, "use a newer steptrace")
}

func TestAStoreThatWasNotMigrated(t *testing.T) {
	db, err := store.Open(t.Context(), embeddedtest.DSN(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.Executions(t.Context(), store.ExecutionFilter{})
	require.ErrorContains(t, err, "create them with `steptrace migrate`")
}

func TestOpenNamesTheStoreAndNotThePassword(t *testing.T) {
	for _, dsn := range []string{
		"http://default:s3cret@127.0.0.1:1/default", "clickhouse://default:s3cret@127.0.0.1:1/x", "http://x:s3cret@[::1",
	} {
		_, err := store.Open(t.Context(), dsn)
		require.Error(t, err, dsn)
		require.NotContains(t, err.Error(), "s3cret")
		require.NotContains(t, store.Migrate(t.Context(), dsn, quiet).Error(), "s3cret")
	}
	_, err := store.Open(t.Context(), "http://default:s3cret@127.0.0.1:1/default")
	require.EqualError(t, err, "open: the store at http://127.0.0.1:1/default cannot be reached "+
		"(connect: connection refused): start it, as with `steptrace store`, or correct the address")
}

// The tables have the columns of the OpenTelemetry Collector's ClickHouse exporter v0.161.0, in its order, so that its
// users' dashboards and tools work. Read off its templates traces_table.sql and logs_table.sql.
func TestStandardColumns(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
	conn := connect(t, dsn)
	for table, want := range map[string]string{
		"otel_traces": `
Timestamp DateTime64(9)
TraceId String
SpanId String
ParentSpanId String
TraceState String
SpanName LowCardinality(String)
SpanKind LowCardinality(String)
ServiceName LowCardinality(String)
ResourceAttributes Map(LowCardinality(String), String)
ScopeName String
ScopeVersion String
SpanAttributes Map(LowCardinality(String), String)
Duration UInt64
StatusCode LowCardinality(String)
StatusMessage String
Events.Timestamp Array(DateTime64(9))
Events.Name Array(LowCardinality(String))
Events.Attributes Array(Map(LowCardinality(String), String))
Links.TraceId Array(String)
Links.SpanId Array(String)
Links.TraceState Array(String)
Links.Attributes Array(Map(LowCardinality(String), String))
`,
		"otel_traces_trace_id_ts": `
TraceId String
Start DateTime
End DateTime
`,
		"otel_logs": `
Timestamp DateTime64(9)
TraceId String
SpanId String
TraceFlags UInt8
SeverityText LowCardinality(String)
SeverityNumber UInt8
ServiceName LowCardinality(String)
Body String
ResourceSchemaUrl LowCardinality(String)
ResourceAttributes Map(LowCardinality(String), String)
ScopeSchemaUrl LowCardinality(String)
ScopeName String
ScopeVersion LowCardinality(String)
ScopeAttributes Map(LowCardinality(String), String)
LogAttributes Map(LowCardinality(String), String)
EventName String
`,
	} {
		require.Equal(t, want, columns(t, conn, table), table)
	}
}

// columns lists the columns that SELECT * and an INSERT without names see.
func columns(t *testing.T, conn driver.Conn, table string) string {
	rows, err := conn.Query(t.Context(), `SELECT name, type FROM system.columns
		WHERE database = currentDatabase() AND table = {table:String} AND default_kind != 'MATERIALIZED' ORDER BY position`,
		clickhouse.Named("table", table))
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("\n")
	for rows.Next() {
		var name, kind string
		require.NoError(t, rows.Scan(&name, &kind))
		b.WriteString(name + " " + kind + "\n")
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	return b.String()
}

func TestAStoreOfOtherMigrationsIsRefused(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), `INSERT INTO steptrace_migrations (Version, File, Checksum)
		VALUES (4, '00004_sfn_executions.sql', 'c0ffee0123456789')`))
	err := store.Migrate(t.Context(), dsn, quiet)
	require.ErrorContains(t, err, "its migration 00004_sfn_executions.sql was applied with another content")
	require.ErrorContains(t, err, "checksum c0ffee012345")
}

func TestAStoreWithoutChecksumsIsRefused(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, connect(t, dsn).Exec(t.Context(),
		"CREATE TABLE steptrace_migrations (version_id Int64, is_applied UInt8) ENGINE = MergeTree ORDER BY version_id"))
	require.ErrorContains(t, store.Migrate(t.Context(), dsn, quiet), "use a new database")
}

func TestTheClusterOfAStoreDoesNotChange(t *testing.T) {
	for _, test := range []struct{ given, recorded, want, refused string }{
		{"", "", "", ""},
		{"main", "main", "main", ""},
		{"", "main", "main", ""},
		{"main", "", "main", "made for a single server, not for cluster \"main\""},
		{"other", "main", "other", "made for cluster \"main\", not for \"other\""},
	} {
		got, err := store.Adopt(test.given, test.recorded)
		require.Equal(t, test.want, got)
		if test.refused == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, test.refused)
	}
}

// Who migrates a cluster's store without saying so, such as a Collector, does it on the cluster. The engine has none:
// what it refuses shows that the recorded one was taken.
func TestTheRecordedClusterIsTaken(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), "TRUNCATE TABLE steptrace_migrations"))
	require.NoError(t, conn.Exec(t.Context(), "INSERT INTO steptrace_migrations (Version, Cluster) VALUES (0, 'main')"))
	require.ErrorContains(t, store.Migrate(t.Context(), dsn, quiet), "main")
}

func TestOldServersAreRefused(t *testing.T) {
	for _, version := range []string{"24.8.1.2684", "24.12.1.1", "25.3.2.39", "26.7.2.1", "24.8.14.10501.altinitystable"} {
		require.NoError(t, store.CheckVersion(version))
	}
	for _, version := range []string{"24.7.6.8", "24.3.1", "23.8.16.40", "22.12.1.1752"} {
		require.EqualError(t, store.CheckVersion(version),
			"it is ClickHouse "+version+", which is too old: use 24.8 or newer")
	}
	require.ErrorContains(t, store.CheckVersion("unknown"), `its version "unknown" is not understood`)
}
