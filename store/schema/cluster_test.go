package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func variants(t *testing.T, text string) []string {
	t.Helper()
	cluster := Cluster{Name: "main", Database: "st", Tables: []Table{{Name: "orders"}, {Name: "items"}}}
	made, err := cluster.Variant(statement(t, text))
	require.NoError(t, err)
	sql := make([]string, len(made))
	for i, s := range made {
		sql[i] = s.SQL
	}
	return sql
}

func TestClusterVariantOfATable(t *testing.T) {
	require.Equal(t, []string{
		`CREATE TABLE IF NOT EXISTS orders_local ON CLUSTER 'main' (
    TraceId String CODEC(ZSTD(1)),
    Outcome Enum8('A, b' = 1, 'C' = 2) COMMENT 'What became of it: it''s told' CODEC(ZSTD(1)),
    Items Nested (
        Name String
    ),
    Size UInt64 MATERIALIZED toUInt64OrZero(Items['size']) COMMENT 'Bytes',
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', Size)
PARTITION BY toDate(At)
PRIMARY KEY At
ORDER BY (At,
    TraceId)
TTL toDateTime(At) + toIntervalDay(90)
SETTINGS index_granularity = 8192, replicated_deduplication_window = 1000, ` +
			`replicated_deduplication_window_seconds = 604800, from_the_future = (1, 2)`,
		`CREATE TABLE IF NOT EXISTS orders ON CLUSTER 'main' AS orders_local
ENGINE = Distributed('main', 'st', 'orders_local', cityHash64(TraceId))`,
	}, variants(t, orders))
}

func TestClusterVariantKeepsKnowingWhichSettingsToLeaveOut(t *testing.T) {
	cluster := Cluster{Name: "main", Database: "st"}
	made, err := cluster.Variant(statement(t, orders))
	require.NoError(t, err)
	old := made[0].WithoutSettings(func(name string) bool { return name == "index_granularity" })
	require.Equal(t, []string{"index_granularity"}, old.Settings())
}

func TestClusterVariantOfViews(t *testing.T) {
	require.Equal(t, []string{
		`CREATE MATERIALIZED VIEW IF NOT EXISTS m ON CLUSTER 'main' TO items_local AS
SELECT trim(BOTH '"' FROM Name) AS Name, 'FROM orders' AS a FROM orders_local WHERE x IN (SELECT y FROM items_local)`,
	}, variants(t, `CREATE MATERIALIZED VIEW IF NOT EXISTS m TO items AS
SELECT trim(BOTH '"' FROM Name) AS Name, 'FROM orders' AS a FROM orders WHERE x IN (SELECT y FROM items)`))
	require.Equal(t, []string{"CREATE VIEW IF NOT EXISTS v ON CLUSTER 'main' AS SELECT 1 FROM orders JOIN items USING (a)"},
		variants(t, "CREATE VIEW IF NOT EXISTS v AS SELECT 1 FROM orders JOIN items USING (a)"))
	require.Equal(t, []string{"CREATE OR REPLACE VIEW v ON CLUSTER 'main' AS SELECT 1"},
		variants(t, "CREATE OR REPLACE VIEW v AS SELECT 1"))
	require.Equal(t, []string{"INSERT INTO items SELECT a FROM orders"}, variants(t, "INSERT INTO items SELECT a FROM orders"))
}

func TestClusterVariantRefusesWhatItDoesNotKnow(t *testing.T) {
	for text, says := range map[string]string{
		"ALTER TABLE orders ADD COLUMN a String":                                 "knows no statement of this kind: ALTER TABLE",
		"CREATE TABLE a (TraceId String) ENGINE = Memory":                        "does not know the engine Memory",
		"CREATE TABLE a (b String) ENGINE = MergeTree ORDER BY b":                "no TraceId and no sharding key",
		"CREATE TABLE a ENGINE = MergeTree ORDER BY b":                           "not followed by its columns",
		"CREATE TABLE a (TraceId String)":                                        "names no engine",
		"CREATE TABLE":                                                           "knows no statement of this kind",
		"CREATE TABLE a (TraceId String) ENGINE":                                 "names no engine",
		"CREATE TABLE a (TraceId String":                                         "names no engine",
		"CREATE TABLE a (TraceId String) ENGINE = MergeTree ORDER BY b SETTINGS": "",
	} {
		_, err := Cluster{Name: "c"}.Variant(statement(t, text))
		if says == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, says, text)
	}
}

// Every table has one that is spread, by trace where it can be.
func TestShardingKeysOfTheSchema(t *testing.T) {
	migrations, err := Migrations()
	require.NoError(t, err)
	tables, err := Tables(migrations)
	require.NoError(t, err)
	for _, table := range tables {
		key, err := table.shardingKey()
		require.NoError(t, err)
		if key == "cityHash64(TraceId)" {
			// An execution's trace id follows from its ARN.
			require.Regexp(t, "TraceId|ExecutionArn", table.SortKey, "%s: copies of a row may have two traces", table.Name)
			continue
		}
		for _, column := range strings.Split(strings.Trim(strings.TrimPrefix(key, "cityHash64"), "()"), ", ") {
			require.Contains(t, table.SortKey, column, table.Name)
		}
	}
}

func TestQuoting(t *testing.T) {
	require.Equal(t, `'it\'s \\'`, Quote(`it's \`))
	require.Equal(t, "`a\\`b\\\\`", QuoteName("a`b\\"))
	require.Equal(t, " ON CLUSTER '{cluster}'", On("{cluster}"))
	require.Empty(t, On(""))
}

func FuzzVariant(f *testing.F) {
	f.Add(orders)
	f.Add("CREATE MATERIALIZED VIEW m TO items AS SELECT 1 FROM orders")
	f.Add("CREATE TABLE a (b, , c) ENGINE = ( SETTINGS , a")
	f.Fuzz(func(_ *testing.T, text string) {
		m, err := parseMigration("1_a.sql", text)
		if err != nil {
			return
		}
		_, _ = Tables([]Migration{m})
		for _, s := range m.Statements {
			made, err := Cluster{Name: "c", Database: "d", Tables: []Table{{Name: "a"}}}.Variant(s)
			if err != nil {
				continue
			}
			for _, v := range made {
				v.WithoutSettings(func(string) bool { return false })
			}
		}
	})
}
