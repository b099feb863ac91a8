package collector_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/collector"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// measuring is the built-in configuration without the agent, of which both exporters send to one store and the OTLP
// receiver wants a token.
func measuring(t *testing.T, web string, store object) []string {
	t.Helper()
	store["sending_queue"] = object{"batch": object{"flush_timeout": "100ms"}}
	protected := func(address string) object {
		return object{"endpoint": address, "auth": object{"authenticator": "bearertokenauth"}}
	}
	return []string{"yaml:" + collector.DefaultConfig, overlay(t, object{
		"receivers": object{
			"otlp":        object{"protocols": object{"http": protected(web), "grpc": protected(freeAddress(t))}},
			"own_metrics": object{"collection_interval": "1s"},
		},
		"exporters": object{"clickhouse": store, "clickhouse/own": store},
		"extensions": object{
			"bearertokenauth": object{"token": "right"},
			"health_check":    object{"endpoint": freeAddress(t)},
			"file_storage":    object{"directory": filepath.Join(t.TempDir(), "queue")},
		},
		"service": object{
			"extensions": []string{"file_storage", "health_check", "bearertokenauth"},
			"pipelines": object{
				"traces": object{"receivers": []string{"otlp"}}, "logs": object{"receivers": []string{"otlp"}},
			},
		},
	})}
}

// What the Collector measures of itself is in its store, with the sizes and ages of its queues, and needs no token.
func TestOwnMetricsAreStored(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	at, err := url.Parse(dsn)
	require.NoError(t, err)
	web := freeAddress(t)
	running(t, measuring(t, web, object{
		"endpoint": "http://" + at.Host, "database": strings.TrimPrefix(at.Path, "/"),
	})...)
	sender := newWeb(web, nil)
	sender.authorization = "Bearer right"
	status, answer := sender.post(t, "/v1/traces", typeJSON, "", encoded(t, typeJSON, spans("s", 7)))
	require.Equal(t, http.StatusOK, status, answer)

	options, err := clickhouse.ParseDSN(dsn)
	require.NoError(t, err)
	conn, err := clickhouse.Open(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	count := func(query string) (n uint64) {
		require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&n))
		return n
	}
	stored := "SELECT count() FROM otel_metrics_sum WHERE MetricName = 'steptrace.store.rows' AND " +
		"Attributes['table'] = 'otel_traces' AND Value = 7 AND ServiceName = 'steptrace'"
	require.Eventually(t, func() bool { return count(stored) > 0 }, 30*time.Second, 50*time.Millisecond)
	// Each kind of metric has a table and an insert of its own, of which one may be later.
	for query, want := range map[string]uint64{
		// Traces and logs of clickhouse, metrics of both.
		"SELECT uniqExact(Attributes) FROM otel_metrics_gauge WHERE MetricName = 'otelcol_exporter_queue_size'":      4,
		"SELECT uniqExact(Attributes) FROM otel_metrics_gauge WHERE MetricName = 'steptrace.store.queue.oldest_age'": 4,
		"SELECT uniqExact(Attributes['outcome']) FROM otel_metrics_histogram " +
			"WHERE MetricName = 'steptrace.store.insert.duration' AND Attributes['table'] = 'otel_traces'": 1,
	} {
		require.Eventually(t, func() bool { return count(query) >= want }, 30*time.Second, 50*time.Millisecond, query)
		require.Equal(t, want, count(query), query)
	}
}

// While the store is away, own metrics hold up neither spans nor the shutdown, which is not a failure for them.
func TestOwnMetricsOfAStoreThatIsAway(t *testing.T) {
	web := freeAddress(t)
	stop := running(t, measuring(t, web, object{"endpoint": "http://" + freeAddress(t)})...)
	sender := newWeb(web, nil)
	sender.authorization = "Bearer right"
	status, answer := sender.post(t, "/v1/traces", typeJSON, "", encoded(t, typeJSON, spans("s", 7)))
	require.Equal(t, http.StatusOK, status, answer)
	begin := time.Now()
	stop()
	require.Less(t, time.Since(begin), 10*time.Second)
}
