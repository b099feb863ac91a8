package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func TestFilesOfTheProcessAreOutOfReach(t *testing.T) {
	c := newClient(t)
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.tsv")
	require.NoError(t, os.WriteFile(secret, []byte("secret\n"), 0o600))
	out := filepath.Join(dir, "out")
	c.must("CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a")
	for _, statement := range []string{
		"SELECT 'x' INTO OUTFILE '" + out + "'",
		"SELECT 'x' /* ' */ INTO\nOUTFILE '" + out + "' -- '",
		"SELECT $a$ ' $a$ INTO OUTFILE '" + out + "'",
		"SELECT ‘ ' ’ INTO OUTFILE '" + out + "'",
		"SELECT 1 /* /* */ ' */ INTO OUTFILE '" + out + "' -- '",
		"EXPLAIN SELECT 1 INTO OUTFILE '" + out + "'",
		"SHOW TABLES INTO OUTFILE '" + out + "'",
		"KILL QUERY WHERE 0 INTO OUTFILE '" + out + "'",
		"INSERT INTO t FROM INFILE '" + secret + "' FORMAT TSV",
		"INSERT INTO t FROM/**/INFILE '" + secret + "' FORMAT TSV\nx\n",
		"INSERT INTO t FROM INFILE '" + secret + "'",
		"SELECT file('" + secret + "')",
		"SELECT `fi\\x6ce`('" + secret + "')",
		"SELECT arrayMap(file, ['" + secret + "'])",
		"CREATE VIEW v AS SELECT file('" + secret + "')",
		"CREATE FUNCTION read_any AS (x) -> file(x)",
		"SELECT * FROM file('" + secret + "', 'TSV', 'a String')",
		"SELECT * FROM `" + secret + "`",
		"SELECT * FROM default.`" + secret + "`",
		"DESCRIBE TABLE `" + secret + "`",
		"INSERT INTO FUNCTION file('" + out + "', 'TSV', 'a String') VALUES ('x')",
		"INSERT INTO FUNCTION file('" + out + "', 'TSV', 'a String') SELECT 'x'",
		"CREATE TABLE f (a String) ENGINE = File(TSV, '" + secret + "')",
		"CREATE TEMPORARY TABLE f (a String) ENGINE = File(TSV, '" + secret + "')",
		"CREATE TABLE f AS file('" + secret + "', 'TSV', 'a String')",
		"CREATE DATABASE f ENGINE = Filesystem('" + dir + "')",
		"CREATE TABLE f (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = local, path = '" + dir + "/')",
		"SELECT * FROM sqlite('" + secret + "', 't')",
		"SELECT * FROM sqlite('" + out + "', 't')",
		"SELECT * FROM `sq\\x6cite`('" + out + "', 't')",
		"SELECT * FROM view(SELECT * FROM sqlite('" + out + "', 't'))",
		"DESCRIBE TABLE sqlite('" + out + "', 't')",
		"INSERT INTO FUNCTION sqlite('" + out + "', 't') VALUES (1)",
		"CREATE TABLE f AS sqlite('" + out + "', 't')",
		"CREATE TABLE f (a UInt8) ENGINE = SQLite('" + out + "', 't')",
		"CREATE DATABASE f ENGINE = SQLite('" + out + "')",
		"SELECT * FROM icebergLocal('" + dir + "')",
		"SELECT * FROM executable('" + secret + "', 'TSV', 'a String')",
		"BACKUP DATABASE default TO File('" + out + "')",
		"ATTACH TABLE x FROM '" + dir + "' (a UInt8) ENGINE = MergeTree ORDER BY a",
	} {
		r := c.post(statement)
		require.NotEmpty(t, r.code(), "%s: %s", statement, r.body)
		require.NotContains(t, r.body, "secret\n", statement)
	}
	require.NoFileExists(t, out)
	require.Equal(t, "0", c.must("SELECT count() FROM t"))
}

// A file given to a dictionary is found out only when it is read.
func TestDictionaryCannotReadFiles(t *testing.T) {
	c := newClient(t)
	c.must("CREATE DICTIONARY d (a String) PRIMARY KEY a SOURCE(FILE(path '/etc/hostname' format 'TSV')) " +
		"LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(0)")
	c.refused("481", "SELECT * FROM d")
}

func TestOtherServersAreOutOfReach(t *testing.T) {
	c := newClient(t)
	for _, statement := range []string{
		"SELECT * FROM url('http://127.0.0.1:1/', 'TSV', 'a String')",
		"SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'TSV', 'a String')",
		"SELECT * FROM remote('127.0.0.1:1', system.one)",
		"SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
		"SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
		"INSERT INTO FUNCTION url('http://127.0.0.1:1/', 'TSV', 'a String') VALUES ('x')",
		"CREATE TABLE u (a String) ENGINE = URL('http://127.0.0.1:1/', 'TSV')",
		"CREATE DATABASE u ENGINE = MySQL('127.0.0.1:1', 'a', 'b', 'c')",
	} {
		c.refused("497", statement)
	}
}

func TestTheEngineCannotBeStoppedOrOpenedBySQL(t *testing.T) {
	c := newClient(t)
	for _, statement := range []string{
		"SYSTEM SHUTDOWN", "SYSTEM KILL", "CREATE USER x", "GRANT ALL ON *.* TO default", "DROP DATABASE system",
		"DROP TABLE system.one", "CREATE NAMED COLLECTION n AS a = 1",
	} {
		c.refused("497", statement)
	}
	c.refused("497", "SELECT addressToSymbol(1)")
	c.refused("62", "1") // implicit SELECT
	require.Equal(t, "1", c.must("SELECT 1"))
}

func TestGetMayOnlyRead(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt8) ENGINE = Memory")
	require.Equal(t, "0\n", c.get("SELECT count() FROM t").body)
	for _, statement := range []string{"INSERT INTO t VALUES (1)", "DROP TABLE t", "KILL QUERY WHERE 0", "SET max_threads = 1"} {
		r := c.get(statement)
		require.Equal(t, "164", r.code(), statement)
		require.Contains(t, r.body, "use POST")
	}
	require.Equal(t, "62", c.get("SELEC 1").code())
	require.Equal(t, "164", c.with("readonly", "0").get("DROP TABLE t").code())
}

func TestRequestMayRestrictItself(t *testing.T) {
	c := newClient(t)
	for _, level := range []string{"1", "2"} {
		restricted := c.with("readonly", level)
		require.Equal(t, level, restricted.must("SELECT getSetting('readonly')"))
		require.Equal(t, level+"\n", restricted.get("SELECT getSetting('readonly')").body)
		restricted.refused("164", "CREATE TABLE t (a UInt8) ENGINE = Memory")
		restricted.refused("164", "KILL QUERY WHERE 0")
	}
	c.with("readonly", "1").refused("164", "SELECT 1 SETTINGS max_threads = 1")
	require.Equal(t, "0", c.with("readonly", "0").must("SELECT getSetting('readonly')"))
}

// withUsers runs a server of the test's own with an admin and a reader.
func withUsers(t *testing.T) (admin, reader *client) {
	t.Helper()
	require.NoError(t, embeddedtest.Stop())
	server := open(t, embedded.Config{Users: []embedded.User{
		{Name: "admin", Password: "secret:ä"}, {Name: "grafana", Password: "look", ReadOnly: true},
	}})
	admin = clientOf(t, server.URL()).withHeader("X-ClickHouse-User", "admin").withHeader("X-ClickHouse-Key", "secret:ä")
	return admin, clientOf(t, server.URL()).with("user", "grafana", "password", "look")
}

func TestPasswords(t *testing.T) {
	admin, reader := withUsers(t)
	require.Equal(t, "1", admin.must("SELECT 1"))
	require.Equal(t, "1", reader.must("SELECT 1"))
	bare := clientOf(t, admin.url)
	for name, c := range map[string]*client{
		"nobody":         bare,
		"wrong password": bare.with("user", "admin", "password", "secret"),
		"no password":    bare.with("user", "admin"),
		"unknown user":   bare.with("user", "root", "password", "secret:ä"),
		"default":        bare.with("user", "default", "password", ""),
	} {
		r := c.refused("516", "SELECT 1")
		require.Equal(t, 403, r.status, name)
		require.NotContains(t, r.body, "secret", name)
	}
}

// Browsers let any page send requests to loopback.
func TestWebPagesNeedAPassword(t *testing.T) {
	c := newClient(t)
	port := c.url[strings.LastIndex(c.url, ":"):]
	for name, page := range map[string]*client{
		"cross-origin post": c.withHeader("Origin", "https://evil.example"),
		"image":             c.withHeader("Sec-Fetch-Site", "cross-site"),
		"rebound name":      c.withHeader("Host", "evil.example"+port),
	} {
		require.Equal(t, "516", page.post("SELECT 1").code(), name)
	}
	for _, own := range []*client{
		c.withHeader("Sec-Fetch-Site", "none"), c.withHeader("Host", "localhost"+port), c.withHeader("Host", "[::1]"+port),
	} {
		own.must("SELECT 1")
	}
}

func TestWebPagesMayUseAPassword(t *testing.T) {
	admin, _ := withUsers(t)
	admin.withHeader("Origin", "https://grafana.example").must("SELECT 1")
}

func TestReaderMayOnlyRead(t *testing.T) {
	admin, reader := withUsers(t)
	admin.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	admin.must("INSERT INTO t VALUES (1)")
	for _, statement := range []string{
		"SELECT a FROM t", "SHOW TABLES", "DESCRIBE TABLE t", "EXPLAIN SELECT 1", "EXISTS TABLE t", "WITH 1 AS x SELECT x",
		"SELECT 1 SETTINGS max_threads = 1", "SELECT 'SETTINGS profile'",
	} {
		reader.must(statement)
	}
	require.Equal(t, "5", reader.with("max_block_size", "5").must("SELECT getSetting('max_block_size')"))
	for _, statement := range []string{
		"INSERT INTO t VALUES (2)", "INSERT INTO t SELECT 2", "INSERT INTO t FORMAT TSV\n2\n", "CREATE TABLE u (a UInt8) ENGINE = Memory",
		"CREATE TEMPORARY TABLE u (a UInt8)", "DROP TABLE t", "TRUNCATE TABLE t", "ALTER TABLE t DELETE WHERE 1", "OPTIMIZE TABLE t",
		"KILL QUERY WHERE 1", "SYSTEM STOP MERGES", "SET profile = 'default'", "SET readonly = 0", "USE system",
		"WITH 1 AS x INSERT INTO t SELECT x", "SELECT 1 SETTINGS profile = 'default'", "CREATE FUNCTION f AS x -> x",
		"SELECT 1 SETTINGS readonly = 0", "ATTACH TABLE t",
	} {
		reader.refused("164", statement)
	}
	for _, setting := range []string{"profile", "readonly"} {
		require.Equal(t, "164", reader.with(setting, "0").post("SELECT 1").code(), setting)
	}
	reader.refused("62", "SELEC 1")
	require.Equal(t, "1", admin.must("SELECT count() FROM t"))
}

func TestReaderStaysWithinLimits(t *testing.T) {
	_, reader := withUsers(t)
	for name, value := range map[string]string{
		"max_memory_usage": "100000000000", "max_execution_time": "100000", "max_threads": "64", "implicit_select": "1",
		"allow_introspection_functions": "1",
	} {
		r := reader.with(name, value).post("SELECT 1")
		require.Contains(t, []string{"452", "164"}, r.code(), "%s: %s", name, r.body)
	}
	require.Equal(t, "60", reader.must("SELECT getSetting('max_execution_time')"))
	require.Equal(t, "2", reader.with("max_execution_time", "2").must("SELECT getSetting('max_execution_time')"))
	r := reader.post("SELECT groupArray(toString(number)) FROM numbers(100000000)")
	require.Equal(t, "241", r.code())
	require.True(t, strings.Contains(r.body, "MEMORY_LIMIT_EXCEEDED"), r.body)
}
