package store_test

import (
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func TestPeriods(t *testing.T) {
	for period, want := range map[store.Period]string{
		0: "0", store.Period(720 * time.Hour): "30d", store.Period(36 * time.Hour): "36h",
	} {
		got, err := period.MarshalText()
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	for text, want := range map[string]time.Duration{
		"0": 0, "0d": 0, "30d": 720 * time.Hour, "720h": 720 * time.Hour, "36h0m": 36 * time.Hour, "36500d": 876000 * time.Hour,
	} {
		var got store.Period
		require.NoError(t, got.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, time.Duration(got), text)
	}
	for _, text := range []string{"", "30", "d", "-1d", "1.5d", "90m", "-2h", "36501d", "9223372036854775807d", "1w", "for ever"} {
		var got store.Period
		require.ErrorContains(t, got.UnmarshalText([]byte(text)), "0 for ever", text)
	}
}

func TestRetentionNamesTheTable(t *testing.T) {
	for table, says := range map[string]string{
		"otel_trace":              "otel_trace: is no table whose rows expire: those are aws_calls, lambda_invocations, otel_logs",
		"sfn_state_machines":      "sfn_state_machines: is no table whose rows expire",
		"otel_traces_trace_id_ts": "otel_traces_trace_id_ts: is no table whose rows expire",
		"trace_times":             "trace_times: its rows are kept as long as those of otel_traces: name that",
	} {
		require.ErrorContains(t, store.Retention{table: store.Period(time.Hour)}.Validate(), says)
	}
	err := store.Retention{"otel_trace": store.Period(time.Hour)}.Validate()
	require.NotContains(t, err.Error(), "trace_times", "naming it is refused")
	require.ErrorContains(t, store.Retention{"otel_logs": store.Period(time.Minute)}.Validate(), "otel_logs: 1m0s is not")
	require.NoError(t, store.Retention{"otel_logs": 0, "sfn_executions": store.Period(time.Hour)}.Validate())
}

func retain(t *testing.T, dsn string, r store.Retention) error {
	t.Helper()
	opts, err := store.ParseDSN(dsn)
	require.NoError(t, err)
	return store.Migration{Options: opts, Logger: quiet, Retention: r}.Run(t.Context())
}

// ttl is the TTL of a table as ClickHouse tells it, and when its definition was changed last.
func ttl(t *testing.T, conn driver.Conn, table string) (ttl string, changed time.Time) {
	t.Helper()
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT extract(engine_full, 'TTL (.+) SETTINGS'), metadata_modification_time
		FROM system.tables WHERE database = currentDatabase() AND name = {table:String}`,
		clickhouse.Named("table", table)).Scan(&ttl, &changed))
	return ttl, changed
}

func mutations(t *testing.T, conn driver.Conn) (n uint64) {
	t.Helper()
	require.NoError(t, conn.QueryRow(t.Context(),
		"SELECT count() FROM system.mutations WHERE database = currentDatabase()").Scan(&n))
	return n
}

func TestRetentionIsSetAndKept(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, retain(t, dsn, nil))
	conn := connect(t, dsn)
	for _, table := range []string{"otel_traces", "otel_logs"} {
		got, _ := ttl(t, conn, table)
		require.Equal(t, "toDateTime(Timestamp) + toIntervalDay(90)", got)
	}
	month := store.Retention{"otel_traces": store.Period(720 * time.Hour), "sfn_executions": 0, "aws_calls": store.Period(36 * time.Hour)}
	for range 2 {
		require.NoError(t, retain(t, dsn, month))
		require.NoError(t, retain(t, dsn, nil), "migrating leaves it as it was set")
	}
	for table, want := range map[string]string{
		"otel_traces": "toDateTime(Timestamp) + toIntervalDay(30)", "sfn_executions": "",
		"aws_calls": "toDateTime(Start) + toIntervalHour(36)", "otel_logs": "toDateTime(Timestamp) + toIntervalDay(90)",
		"trace_times": "FiveMinutes + toIntervalDay(30)",
	} {
		got, _ := ttl(t, conn, table)
		require.Equal(t, want, got, table)
	}
	before := mutations(t, conn)
	_, changed := ttl(t, conn, "otel_traces")
	require.NoError(t, retain(t, dsn, month))
	_, changedNow := ttl(t, conn, "otel_traces")
	require.Equal(t, before, mutations(t, conn), "nothing is altered that is as it should be")
	require.Equal(t, changed, changedNow)
	require.NoError(t, retain(t, dsn, store.Retention{"sfn_executions": store.Period(24 * time.Hour)}))
	got, _ := ttl(t, conn, "sfn_executions")
	require.Equal(t, "toDateTime(Start) + toIntervalDay(1)", got)
}

func TestSettingTheRetentionAtOnceDoesNoHarm(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, retain(t, dsn, nil))
	opts, err := store.ParseDSN(dsn)
	require.NoError(t, err)
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			return store.Migration{Options: opts, Logger: quiet, Retention: store.Retention{
				"otel_logs": 0, "aws_calls": store.Period(24 * time.Hour), "sfn_attempts": 0,
			}}.Run(t.Context())
		})
	}
	require.NoError(t, group.Wait())
	conn := connect(t, dsn)
	for table, want := range map[string]string{
		"otel_logs": "", "aws_calls": "toDateTime(Start) + toIntervalDay(1)", "sfn_attempts": "",
	} {
		got, _ := ttl(t, conn, table)
		require.Equal(t, want, got, table)
	}
}

func TestATTLThatDoesMoreIsLeftAlone(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, retain(t, dsn, nil))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(),
		"ALTER TABLE otel_logs MODIFY TTL toDateTime(Timestamp) + toIntervalDay(90) WHERE SeverityNumber < 9"))
	err := retain(t, dsn, store.Retention{"otel_logs": store.Period(24 * time.Hour)})
	require.ErrorContains(t, err, "retention of otel_logs: its TTL (toDateTime(Timestamp) + toIntervalDay(90) WHERE")
	require.ErrorContains(t, err, "change it with ALTER TABLE")
}

// Rows that were stored before the retention was shortened go, younger ones stay.
func TestRowsOlderThanTheRetentionAreDropped(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, retain(t, dsn, nil))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), `INSERT INTO otel_traces (Timestamp, TraceId, SpanId)
		SELECT now64(9) - toIntervalDay(days), 'a', toString(days) FROM (SELECT arrayJoin([1, 29, 31, 60]) AS days)`))
	require.NoError(t, retain(t, dsn, store.Retention{"otel_traces": store.Period(720 * time.Hour)}))
	require.NoError(t, conn.Exec(t.Context(), "ALTER TABLE otel_traces MATERIALIZE TTL SETTINGS mutations_sync = 2"))
	require.NoError(t, conn.Exec(t.Context(), "OPTIMIZE TABLE otel_traces FINAL"))
	var days []string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT arraySort(groupArray(SpanId)) FROM otel_traces").Scan(&days))
	require.Equal(t, []string{"1", "29"}, days)
}
