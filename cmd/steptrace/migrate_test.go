package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithStorePassword(t *testing.T) {
	for _, test := range []struct{ dsn, password, want string }{
		{"http://127.0.0.1:8123/default", "", "http://127.0.0.1:8123/default"},
		{"http://127.0.0.1:8123/default", "p/w@", "http://default:p%2Fw%40@127.0.0.1:8123/default"},
		{"https://writer@h:8443/s", "pw", "https://writer:pw@h:8443/s"},
		{"https://writer:own@h:8443/s", "pw", "https://writer:own@h:8443/s"},
	} {
		got, err := withStorePassword(test.dsn, test.password)
		require.NoError(t, err)
		require.Equal(t, test.want, got)
	}
	_, err := withStorePassword("http://u:s3cret@[::1", "")
	require.ErrorContains(t, err, "--dsn")
	require.NotContains(t, err.Error(), "s3cret")
}

func TestMigrateMistakesAreUsageErrors(t *testing.T) {
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"--retention", "otel_logs"}, "--retention otel_logs: is not of the form"},
		{[]string{"--retention", "otel_logs=14x"}, `--retention otel_logs: "14x" is not a time`},
		{[]string{"--retention", "otel_logs=1d,otel_log=1d"}, "--retention otel_log: is no table whose rows expire"},
		{[]string{"--users"}, "--users: the writer has no password: set STEPTRACE_STORE_WRITER_PASSWORD"},
	} {
		t.Setenv("STEPTRACE_STORE_WRITER_PASSWORD", "")
		got := run(t, append([]string{"migrate", "--print"}, test.args...)...)
		require.Equal(t, 2, got.status, got.stderr)
		require.Contains(t, got.stderr, test.says)
		require.Empty(t, got.stdout)
	}
}

func TestMigratePrintsWithoutAStore(t *testing.T) {
	t.Setenv("STEPTRACE_STORE_WRITER_PASSWORD", "wr1tes")
	t.Setenv("STEPTRACE_STORE_READER_PASSWORD", "r3ads")
	got := run(t, "migrate", "--print", "--cluster", "main", "--dsn", "http://127.0.0.1:1/st", "--users",
		"--retention", "otel_logs=14d,sfn_executions=0")
	require.Zero(t, got.status, got.stderr)
	for _, part := range []string{
		"CREATE DATABASE IF NOT EXISTS `st` ON CLUSTER 'main';\n\nUSE `st`;\n\n",
		"ENGINE = Distributed('main', 'st', 'otel_traces_local', cityHash64(TraceId));\n",
		"ALTER TABLE otel_logs_local ON CLUSTER 'main' MODIFY TTL toDateTime(Timestamp) + toIntervalDay(14);\n",
		"ALTER TABLE sfn_executions_local ON CLUSTER 'main' REMOVE TTL;\n",
		"GRANT ON CLUSTER 'main' SELECT ON `st`.* TO `steptrace_reader` WITH REPLACE OPTION;\n",
	} {
		require.Contains(t, got.stdout, part)
	}
	require.NotContains(t, got.stdout, "wr1tes")
	require.NotContains(t, got.stdout, "r3ads")
}

func TestMigrateTellsTheEmbeddedStoreFromAServer(t *testing.T) {
	url, interrupt := startStore(t, "--path", filepath.Join(t.TempDir(), "data"))
	defer interrupt()
	t.Setenv("STEPTRACE_STORE_PASSWORD", "writes")
	t.Setenv("STEPTRACE_STORE_WRITER_PASSWORD", "w")
	t.Setenv("STEPTRACE_STORE_READER_PASSWORD", "r")
	got := run(t, "migrate", "--dsn", url+"/default", "--retention", "otel_traces=30d")
	require.Zero(t, got.status, got.stderr)
	got = run(t, "migrate", "--dsn", url+"/default", "--users")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "`steptrace store --user` and `--reader`")
}
