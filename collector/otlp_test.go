package collector_test

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/steptrace/steptrace/collector"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

var began = time.Now().Add(-time.Minute).UTC()

func idOf(name string) [16]byte {
	sum := sha256.Sum256([]byte(name))
	return [16]byte(sum[:16])
}

// storing runs the built-in configuration, without the agent, into a database of the test's own.
func storing(t *testing.T) (web, grpc string, count func(query string) uint64) {
	t.Helper()
	dsn := embeddedtest.DSN(t)
	at, err := url.Parse(dsn)
	require.NoError(t, err)
	web, grpc = freeAddress(t), freeAddress(t)
	pipelines := object{}
	for _, signal := range []string{"traces", "logs"} {
		pipelines[signal] = object{"receivers": []string{"otlp"}}
	}
	running(t, "yaml:"+collector.DefaultConfig, overlay(t, object{
		"receivers": object{"otlp": object{"protocols": object{
			"http": object{"endpoint": web}, "grpc": object{"endpoint": grpc},
		}}},
		"exporters": object{"clickhouse": object{
			"endpoint": "http://" + at.Host, "database": strings.TrimPrefix(at.Path, "/"),
			"sending_queue": object{"batch": object{"flush_timeout": "100ms"}},
		}},
		"extensions": object{
			"health_check": object{"endpoint": freeAddress(t)},
			"file_storage": object{"directory": filepath.Join(t.TempDir(), "queue")},
		},
		"service": object{"pipelines": pipelines},
	}))
	options, err := clickhouse.ParseDSN(dsn)
	require.NoError(t, err)
	conn, err := clickhouse.Open(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return web, grpc, func(query string) (n uint64) {
		require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&n))
		return n
	}
}

const each = 300

// Whatever way a client sends, all is in the store, once.
func TestEveryWayOfOTLPArrivesOnce(t *testing.T) {
	address, rpcAddress, count := storing(t)
	sender := newWeb(address, nil)
	conn := dial(t, rpcAddress, nil)
	ways := 0
	for _, encoding := range []string{"", "gzip", "zstd"} {
		for _, kind := range []string{typeProtobuf, typeJSON} {
			name := kind + encoding
			send := func(path string, r interface {
				MarshalProto() ([]byte, error)
				MarshalJSON() ([]byte, error)
			},
			) {
				encode := r.MarshalProto
				if kind == typeJSON {
					encode = r.MarshalJSON
				}
				body, err := encode()
				require.NoError(t, err)
				status, answer := sender.post(t, path, kind, encoding, compress(t, encoding, body))
				require.Equal(t, http.StatusOK, status, answer)
			}
			send("/v1/traces", spans(name, each))
			send("/v1/logs", records(name, each))
			ways++
		}
		_, err := ptraceotlp.NewGRPCClient(conn).Export(t.Context(), spans("grpc"+encoding, each), compressor(encoding)...)
		require.NoError(t, err)
		_, err = plogotlp.NewGRPCClient(conn).Export(t.Context(), records("grpc"+encoding, each), compressor(encoding)...)
		require.NoError(t, err)
		ways++
	}
	all := uint64(ways * each)
	require.Eventually(t, func() bool {
		return count("SELECT count() FROM otel_traces") >= all && count("SELECT count() FROM otel_logs") >= all
	}, 30*time.Second, 50*time.Millisecond)
	for query, want := range map[string]uint64{
		"SELECT count() FROM otel_traces":                                                             all,
		"SELECT uniqExact(SpanName, SpanAttributes['number']) FROM otel_traces":                       all,
		"SELECT count() FROM otel_traces WHERE SpanAttributes['text'] = unhex('C3BC20E280A82000')":    all,
		`SELECT count() FROM otel_traces WHERE SpanAttributes['map'] = '{"list":[0.5]}'`:              all,
		"SELECT count() FROM otel_logs":                                                               all,
		"SELECT uniqExact(EventName, LogAttributes['number']) FROM otel_logs":                         all,
		"SELECT uniqExact(TraceId) FROM otel_logs WHERE TraceId IN (SELECT TraceId FROM otel_traces)": uint64(ways),
	} {
		require.Equal(t, want, count(query), query)
	}
}

// The SDK's own exporter is such a client.
func TestTheSDKsSpansArriveOnce(t *testing.T) {
	address, _, count := storing(t)
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpoint(address), otlptracehttp.WithInsecure(),
		otlptracehttp.WithCompression(otlptracehttp.GzipCompression),
		otlptracehttp.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
	require.NoError(t, err)
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter, trace.WithBatchTimeout(50*time.Millisecond)))
	for range each {
		_, s := provider.Tracer("sdk").Start(t.Context(), "s")
		s.End()
	}
	require.NoError(t, provider.Shutdown(t.Context()))
	require.Eventually(t, func() bool { return count("SELECT count() FROM otel_traces") >= each },
		30*time.Second, 50*time.Millisecond)
	require.EqualValues(t, each, count("SELECT count() FROM otel_traces"))
	require.EqualValues(t, each, count("SELECT uniqExact(SpanId) FROM otel_traces"))
}
