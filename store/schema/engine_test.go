package schema_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/chdb"
	"github.com/steptrace/steptrace/store/embedded/library"
	"github.com/steptrace/steptrace/store/schema"
)

// An engine that takes itself for the one server of the cluster "main": its port is the one that the cluster names.
const engineConfig = `<clickhouse>
  <logger><level>fatal</level><console>false</console></logger>
  <user_directories><users_xml><path>users.xml</path></users_xml></user_directories>
  <tcp_port>9000</tcp_port>
  <remote_servers><main><shard>
    <internal_replication>true</internal_replication>
    <replica><host>127.0.0.1</host><port>9000</port></replica>
  </shard></main></remote_servers>
</clickhouse>`

const engineUsers = `<clickhouse>
  <profiles><default></default></profiles>
  <users><default>
    <password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
  </default></users>
  <quotas><default></default></quotas>
</clickhouse>`

type engine struct {
	t    *testing.T
	conn *chdb.Connection
}

func startEngine(t *testing.T) engine {
	t.Helper()
	path, err := library.Locate("")
	require.NoError(t, err)
	lib, err := chdb.Load(path, nil)
	require.NoError(t, err)
	dir := t.TempDir()
	main := filepath.Join(dir, "config.xml")
	require.NoError(t, os.WriteFile(main, []byte(engineConfig), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "users.xml"), []byte(engineUsers), 0o600))
	conn, err := lib.Connect("--path="+filepath.Join(dir, "data"), "--config-file="+main)
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	return engine{t, conn}
}

func (e engine) run(query string) string {
	e.t.Helper()
	result, err := e.conn.Query(query, "TSVRaw")
	require.NoError(e.t, err, query)
	defer result.Free()
	return strings.TrimSpace(string(result.Bytes()))
}

// The engine has no Keeper, so what needs one is taken out: ON CLUSTER and replication.
var withoutKeeper = []struct {
	of *regexp.Regexp
	to string
}{
	{regexp.MustCompile(` ON CLUSTER 'main'`), ""},
	{regexp.MustCompile(`Replicated(\w+MergeTree)\('[^']+', '\{replica\}'(?:, )?`), "$1("},
	{regexp.MustCompile(`, replicated_deduplication_window_seconds = \d+`), ""},
	{regexp.MustCompile(`\breplicated_deduplication_window\b`), "non_replicated_deduplication_window"},
}

func (e engine) createClusterVariant() {
	e.t.Helper()
	migrations, err := schema.Migrations()
	require.NoError(e.t, err)
	tables, err := schema.Tables(migrations)
	require.NoError(e.t, err)
	cluster := schema.Cluster{Name: "main", Database: "default", Tables: tables}
	for _, m := range migrations {
		for _, s := range m.Statements {
			variant, err := cluster.Variant(s)
			require.NoError(e.t, err, m.File)
			for _, v := range variant {
				sql := v.SQL
				for _, change := range withoutKeeper {
					sql = change.of.ReplaceAllString(sql, change.to)
				}
				e.run(sql)
			}
		}
	}
}

// What is written into the distributed tables reaches the views of the shard, once, also when it is sent again.
func TestClusterVariantStoresOnce(t *testing.T) {
	e := startEngine(t)
	e.createClusterVariant()
	require.Equal(t, "1", e.run("SELECT is_local FROM system.clusters WHERE cluster = 'main'"))
	insert := `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, Duration, SpanAttributes) SETTINGS
		distributed_foreground_insert = 1, deduplicate_blocks_in_dependent_materialized_views = 1,
		max_partitions_per_insert_block = 0, insert_deduplication_token = '%s'
		SELECT toDateTime64('2090-01-01 00:00:00', 9) + number * 20000, toString(intDiv(number, 4)), toString(number), 1,
			map('steptrace.kind', ['state', 'attempt', 'invocation', 'call'][1 + number %% 4],
				'aws.step_functions.event.id', toString(number)) FROM numbers(40)`
	rows := func(table string) string { return e.run("SELECT count() FROM " + table) }
	for range 2 {
		e.run(fmt.Sprintf(insert, "one"))
		require.Equal(t, "40", rows("otel_traces"))
		for _, table := range []string{"sfn_state_visits", "sfn_attempts", "lambda_invocations", "aws_calls"} {
			require.Equal(t, "10", rows(table), table)
		}
	}
	// In another batch the same rows are there twice until they replace each other, and count once.
	e.run(fmt.Sprintf(insert, "two"))
	require.Equal(t, "80", rows("otel_traces"))
	require.Equal(t, "40", rows("otel_traces FINAL"))
	require.Equal(t, "10", rows("sfn_attempts FINAL"))
	require.Equal(t, "10", e.run("SELECT uniqCombined64Merge(Visits) FROM sfn_state_minutes"))
	require.Equal(t, "10", e.run("SELECT count() FROM otel_traces FINAL WHERE Kind = 'call'"), "computed columns are there")
	require.Equal(t, "10", rows("otel_traces_trace_id_ts"))
	require.Equal(t, "4", e.run(`SELECT count() FROM otel_traces FINAL WHERE TraceId = '7' AND toStartOfFiveMinutes(Timestamp) IN (
		SELECT FiveMinutes FROM trace_times WHERE TraceHash = toUInt32(bitAnd(sipHash64('7'), 0xFFFFFFFF)))
		SETTINGS distributed_product_mode = 'global'`))
	require.Equal(t, "10", e.run(`WITH own AS (SELECT TraceId FROM sfn_attempts) SELECT count() FROM lambda_invocations FINAL
		WHERE TraceId IN (SELECT TraceId FROM own) SETTINGS distributed_product_mode = 'global'`))
}
