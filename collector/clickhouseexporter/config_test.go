package clickhouseexporter

import (
	"context"
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exportertest"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func load(t *testing.T, section map[string]any) (*Config, error) {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	if err := confmap.NewFromStringMap(section).Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

func TestConfigDefaults(t *testing.T) {
	cfg, err := load(t, map[string]any{"endpoint": "http://127.0.0.1:8123"})
	require.NoError(t, err)
	require.True(t, cfg.CreateSchema)
	require.Equal(t, Compression("lz4"), cfg.Compression)
	require.Zero(t, cfg.Retry.MaxElapsedTime, "what was accepted is not given up")
	batch := cfg.Queue.Get().Batch.Get()
	require.EqualValues(t, 10_000, batch.MinSize)
	require.Equal(t, 2*time.Second, batch.FlushTimeout)
	require.False(t, cfg.DeadLetter.HasValue())

	cfg, err = load(t, map[string]any{"endpoint": "http://h", "dead_letter": map[string]any{"path": "refused.jsonl"}})
	require.NoError(t, err)
	require.Equal(t, DeadLetter{Path: "refused.jsonl", MaxSize: 100 << 20}, *cfg.DeadLetter.Get())
}

func TestConfigOfSeveralEndpoints(t *testing.T) {
	cfg, err := load(t, map[string]any{
		"endpoints": []any{"https://a:1@one:8443/x", "https://two:8443"}, "password": "pw", "database": "db",
	})
	require.NoError(t, err)
	targets, err := cfg.targets()
	require.NoError(t, err)
	require.Len(t, targets, 2)
	for i, want := range [][]string{{"one:8443", "a"}, {"two:8443", "default"}} {
		got := targets[i]
		require.Equal(t, []string{want[0], "db", want[1], "pw"}, []string{got.url.Host, got.database, got.username, got.password})
	}
}

// Whoever prints the configuration sees no password.
func TestConfigIsPrintedWithoutPasswords(t *testing.T) {
	for _, section := range []map[string]any{
		{"endpoint": "https://a:s3cret@one:8443", "password": "s3cret"},
		{"endpoints": []any{"https://a:s3cret@one:8443", "https://b:s3cret@two:8443"}, "password": "s3cret"},
	} {
		cfg, err := load(t, section)
		require.NoError(t, err)
		conf := confmap.New()
		require.NoError(t, conf.Marshal(cfg))
		require.NotContains(t, fmt.Sprint(conf.ToStringMap()), "s3cret")
		require.Contains(t, fmt.Sprint(conf.ToStringMap()), "one:8443")
	}
}

func TestConfigKeysOverrideTheEndpoint(t *testing.T) {
	cfg, err := load(t, map[string]any{
		"endpoint": "https://a:b@clickhouse.example:8443/inurl",
		"database": "steptrace", "username": "writer", "password": "pw",
		"compression": "zstd", "timeout": "5s", "create_schema": false,
		"sending_queue": map[string]any{"batch": map[string]any{"flush_timeout": "100ms", "min_size": 1}},
	})
	require.NoError(t, err)
	targets, err := cfg.targets()
	require.NoError(t, err)
	got := targets[0]
	require.Equal(t, "https://clickhouse.example:8443", got.url.String())
	require.Equal(t, []string{"steptrace", "writer", "pw"}, []string{got.database, got.username, got.password})
	secure := new(tls.Config)
	opts := got.options(secure)
	require.Equal(t, []string{"clickhouse.example:8443"}, opts.Addr)
	require.Equal(t, clickhouse.Auth{Database: "steptrace", Username: "writer", Password: "pw"}, opts.Auth)
	require.Same(t, secure, opts.TLS)
	require.Equal(t, 100*time.Millisecond, cfg.Queue.Get().Batch.Get().FlushTimeout)
	require.EqualValues(t, 20_000, cfg.Queue.Get().Batch.Get().MaxSize, "what is not set keeps its default")

	cfg, err = load(t, map[string]any{"endpoint": "http://a:b@h:8123/inurl/"})
	require.NoError(t, err)
	targets, err = cfg.targets()
	require.NoError(t, err)
	got = targets[0]
	require.Equal(t, []string{"inurl", "a", "b"}, []string{got.database, got.username, got.password})
	require.Nil(t, got.options(secure).TLS)
}

func TestConfigMistakesNameTheirKey(t *testing.T) {
	for _, test := range []struct {
		section map[string]any
		says    []string
	}{
		{map[string]any{}, []string{"endpoint: is missing"}},
		{map[string]any{"endpoint": "clickhouse://u:s3cret@h:9000"}, []string{"endpoint: must be", "http://"}},
		{map[string]any{"endpoint": "127.0.0.1:8123"}, []string{"endpoint: "}},
		{map[string]any{"endpoint": "http://u:s3cret@[::1"}, []string{"endpoint: is not a URL"}},
		{map[string]any{"endpoint": "http://h", "compression": "gzip"}, []string{"compression: ", `"gzip"`, "lz4"}},
		{
			map[string]any{"endpoint": "http://h", "sending_queue": map[string]any{"queue_size": -1}},
			[]string{"sending_queue: ", "queue_size"},
		},
		{map[string]any{"endpoint": "http://h", "databse": "x"}, []string{"databse"}},
		{
			map[string]any{"endpoint": "http://h", "endpoints": []any{"http://i"}},
			[]string{"endpoints: endpoint is set too"},
		},
		{map[string]any{"endpoints": []any{"http://h", ""}}, []string{"endpoints::1: is empty"}},
		{map[string]any{"endpoints": []any{"http://h", "http://u:s3cret@[::1"}}, []string{"endpoints::1: is not a URL"}},
		{map[string]any{"endpoints": []any{"http://h", "ftp://u:s3cret@h"}}, []string{"endpoints::1: must be"}},
		{map[string]any{"endpoint": "http://h", "dead_letter": map[string]any{"max_size": 1}}, []string{"dead_letter", "path: is missing"}},
		{
			map[string]any{"endpoint": "http://h", "dead_letter": map[string]any{"path": "x", "max_size": 0}},
			[]string{"dead_letter", "max_size: must be"},
		},
	} {
		_, err := load(t, test.section)
		for _, says := range test.says {
			require.ErrorContains(t, err, says)
		}
		require.NotContains(t, err.Error(), "s3cret")
	}
}

// Small batches wait for each other; the time limit sends what there is.
func TestBatchesAreFlushedInTime(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	cfg, err := load(t, map[string]any{
		"endpoint": dsn, "sending_queue": map[string]any{
			"wait_for_result": true, "batch": map[string]any{"flush_timeout": "50ms"},
		},
	})
	require.NoError(t, err)
	logs, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.NoError(t, logs.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, logs.ConsumeLogs(t.Context(), sampleLogs()))
	require.Equal(t, uint64(2), count(t, connect(t, dsn), "SELECT count() FROM otel_logs"))
	require.NoError(t, logs.Shutdown(context.Background()))
}

// Stopping sends what the queue holds.
func TestShutdownFlushes(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	cfg, err := load(t, map[string]any{
		"endpoint": dsn, "sending_queue": map[string]any{"batch": map[string]any{"flush_timeout": "1h"}},
	})
	require.NoError(t, err)
	logs, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.NoError(t, logs.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, logs.ConsumeLogs(t.Context(), sampleLogs()))
	require.NoError(t, logs.Shutdown(context.Background()))
	require.Equal(t, uint64(2), count(t, connect(t, dsn), "SELECT count() FROM otel_logs"))
}

func TestANewerStoreStopsTheCollector(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	startLogs(t, unqueued(dsn))
	require.NoError(t, connect(t, dsn).Exec(t.Context(),
		"INSERT INTO steptrace_migrations (Version) VALUES (9000)"))
	logs, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(Type), unqueued(dsn))
	require.NoError(t, err)
	require.ErrorContains(t, logs.Start(t.Context(), componenttest.NewNopHost()), "newer")
}

func TestRetentionIsReadAndItsMistakesNamed(t *testing.T) {
	cfg, err := load(t, map[string]any{
		"endpoint": "http://h", "retention": map[string]any{"otel_traces": "720h", "otel_logs": "14d", "sfn_executions": 0},
	})
	require.NoError(t, err)
	require.Equal(t, store.Retention{
		"otel_traces": store.Period(720 * time.Hour), "otel_logs": store.Period(14 * 24 * time.Hour), "sfn_executions": 0,
	}, cfg.Retention)
	for _, test := range []struct {
		section map[string]any
		says    []string
	}{
		{map[string]any{"retention": map[string]any{"otel_trace": "1h"}}, []string{"retention: otel_trace: is no table"}},
		{map[string]any{"retention": map[string]any{"otel_logs": "1w"}}, []string{"retention[otel_logs]", `"1w" is not a time`}},
		{map[string]any{"retention": map[string]any{"otel_logs": "90m"}}, []string{"retention[otel_logs]", "whole hours"}},
		{
			map[string]any{"retention": map[string]any{"otel_logs": "1h"}, "create_schema": false},
			[]string{"retention: is set when migrating", "create_schema"},
		},
	} {
		test.section["endpoint"] = "http://h"
		_, err := load(t, test.section)
		for _, says := range test.says {
			require.ErrorContains(t, err, says)
		}
	}
}

func TestTheCollectorSetsTheRetention(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	cfg := unqueued(dsn)
	cfg.Retention = store.Retention{"otel_logs": store.Period(48 * time.Hour)}
	logs, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.NoError(t, logs.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, logs.Shutdown(context.Background()))
	require.Equal(t, uint64(1), count(t, connect(t, dsn), "SELECT count() FROM system.tables WHERE name = 'otel_logs' "+
		"AND database = currentDatabase() AND engine_full LIKE '%TTL toDateTime(Timestamp) + toIntervalDay(2) SETTINGS%'"))
}
