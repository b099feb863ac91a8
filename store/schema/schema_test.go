package schema

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestTheMigrationsAreNumberedWithoutGaps(t *testing.T) {
	migrations, err := Migrations()
	require.NoError(t, err)
	require.NotEmpty(t, migrations)
	for i, m := range migrations {
		require.Equal(t, i+1, m.Version, m.File)
		require.NotEmpty(t, m.Comment, "%s does not begin with what it is for", m.File)
	}
}

func TestChecksumOfWhatCounts(t *testing.T) {
	checksum := func(text string) string {
		m, err := parseMigration("00001_a.sql", text)
		require.NoError(t, err)
		return m.Checksum
	}
	one := checksum("CREATE TABLE a (b String DEFAULT 'x  y') ENGINE = Memory;")
	require.Len(t, one, 64)
	for _, same := range []string{
		"-- A comment\nCREATE TABLE a (b String DEFAULT 'x  y') ENGINE = Memory;\n",
		"CREATE TABLE a(\n\tb String /* why */ DEFAULT 'x  y' -- said so\n)\nENGINE=Memory",
	} {
		require.Equal(t, one, checksum(same), same)
	}
	for _, other := range []string{
		"CREATE TABLE a (b String DEFAULT 'x y') ENGINE = Memory;",
		"CREATE TABLE a (b String DEFAULT 'x  y') ENGINE = Log;",
		"CREATE TABLE a (b String DEFAULT 'x  y') ENGINE = Memory; SELECT 1",
		"CREATE TABLE a (bString DEFAULT 'x  y') ENGINE = Memory;",
	} {
		require.NotEqual(t, one, checksum(other), other)
	}
}

func TestFilesThatAreNoMigrations(t *testing.T) {
	for _, test := range []struct {
		files fstest.MapFS
		says  string
	}{
		{fstest.MapFS{"a.sql": {Data: []byte("SELECT 1")}}, "migration a.sql: its name does not begin with a number"},
		{fstest.MapFS{"00001_a.sql": {Data: []byte("-- ; only\n")}}, "migration 00001_a.sql: holds no statement"},
		{fstest.MapFS{"00001_a.sql": {Data: []byte("SELECT 'a")}}, "migration 00001_a.sql: a string, a quoted name or"},
		{
			fstest.MapFS{"00001_a.sql": {Data: []byte("SELECT 1")}, "1_b.sql": {Data: []byte("SELECT 2")}},
			"migrations 00001_a.sql and 1_b.sql have one number",
		},
	} {
		_, err := read(test.files)
		require.ErrorContains(t, err, test.says)
	}
}

func TestStatementsAreSplitOutsideOfStringsAndComments(t *testing.T) {
	found, err := statements("-- a; b\nSELECT ';' ;; SELECT `;` /* ; */ ;\n")
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, "SELECT ';'", found[0].SQL)
	require.Equal(t, "SELECT `;`", found[1].SQL)
}

func statement(t *testing.T, text string) Statement {
	t.Helper()
	found, err := statements(text)
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

const orders = `CREATE TABLE IF NOT EXISTS orders (
    TraceId String CODEC(ZSTD(1)),
    Outcome Enum8('A, b' = 1, 'C' = 2) COMMENT 'What became of it: it''s told' CODEC(ZSTD(1)),
    Items Nested (
        Name String
    ),
    Size UInt64 MATERIALIZED toUInt64OrZero(Items['size']) COMMENT 'Bytes',
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = ReplacingMergeTree(Size)
PARTITION BY toDate(At)
PRIMARY KEY At
ORDER BY (At,
    TraceId)
TTL toDateTime(At) + toIntervalDay(90)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 1000,
    from_the_future = (1, 2)`

func TestTableSaysWhatItsStatementDoes(t *testing.T) {
	got, err := statement(t, orders).table()
	require.NoError(t, err)
	require.Equal(t, "orders", got.Name)
	require.Equal(t, []Column{
		{Name: "TraceId", Type: "String"},
		{Name: "Outcome", Type: "Enum8('A, b' = 1, 'C' = 2)", Comment: "What became of it: it's told"},
		{Name: "Items", Type: "Nested ( Name String )"},
		{Name: "Size", Type: "UInt64", Materialized: "toUInt64OrZero(Items['size'])", Comment: "Bytes"},
	}, got.Columns)
	require.Equal(t, "ReplacingMergeTree", got.Engine)
	require.Equal(t, "Size", got.Version)
	require.Equal(t, "toDate(At)", got.Partition)
	require.Equal(t, "(At, TraceId)", got.SortKey)
	require.Equal(t, "toDateTime(At) + toIntervalDay(90)", got.TTL)
	require.Equal(t, "toDateTime(At)", got.Expires())
}

func TestSettingsThatTheServerDoesNotKnowAreLeftOut(t *testing.T) {
	s := statement(t, orders)
	require.Equal(t, []string{"index_granularity", "non_replicated_deduplication_window", "from_the_future"}, s.Settings())
	old := s.WithoutSettings(func(name string) bool { return name != "from_the_future" })
	require.Equal(t, []string{"index_granularity", "non_replicated_deduplication_window"}, old.Settings())
	require.Contains(t, old.SQL, "\nSETTINGS index_granularity = 8192, non_replicated_deduplication_window = 1000")
	none := s.WithoutSettings(func(string) bool { return false })
	require.Regexp(t, `TTL toDateTime\(At\) \+ toIntervalDay\(90\)$`, none.SQL)
	require.Equal(t, s.SQL, s.WithoutSettings(func(string) bool { return true }).SQL)
}

func TestTTLOf(t *testing.T) {
	for engine, want := range map[string]string{
		"ReplacingMergeTree(D) PARTITION BY toDate(T) ORDER BY T TTL toDateTime(T) + toIntervalDay(90) SETTINGS a = 1": "toDateTime(T) + toIntervalDay(90)",
		"MergeTree ORDER BY T TTL T + toIntervalDay(1), T + toIntervalDay(2) TO VOLUME 'cold' SETTINGS a = 1":          "T + toIntervalDay(1), T + toIntervalDay(2) TO VOLUME 'cold'",
		"MergeTree ORDER BY TTL SETTINGS a = 1": "",
		"MergeTree ORDER BY T":                  "",
	} {
		require.Equal(t, want, TTLOf(engine), engine)
	}
}
