package main

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

func settingsOf(variables map[string]string) (settings, error) {
	return readSettings(func(name string) string { return variables[name] }, slog.New(slog.DiscardHandler))
}

func TestEndpoints(t *testing.T) {
	all := func(base string) map[otlp.Signal]string {
		return map[otlp.Signal]string{
			otlp.Traces: base + "/v1/traces", otlp.Logs: base + "/v1/logs", otlp.Metrics: base + "/v1/metrics",
		}
	}
	for name, tc := range map[string]struct {
		variables map[string]string
		want      map[otlp.Signal]string
	}{
		"none":     {map[string]string{}, map[otlp.Signal]string{}},
		"standard": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"}, all("http://c:4318")},
		"own": {
			map[string]string{
				"STEPTRACE_ENDPOINT": "http://s", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t",
			},
			all("http://s"),
		},
		"traces only": {
			map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://t/x"},
			map[otlp.Signal]string{otlp.Traces: "https://t/x"},
		},
		"disabled": {map[string]string{"STEPTRACE_ENDPOINT": "http://s", "OTEL_TRACES_EXPORTER": "none"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := settingsOf(tc.variables)
			require.NoError(t, err)
			require.Equal(t, tc.want, got.endpoints)
		})
	}
}

func TestSettings(t *testing.T) {
	got, err := settingsOf(map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "a=b", "OTEL_EXPORTER_OTLP_TIMEOUT": "100",
		"OTEL_EXPORTER_OTLP_COMPRESSION": "none", "STEPTRACE_FINGERPRINTS": "false", "AWS_LAMBDA_FUNCTION_NAME": "images",
		"AWS_LAMBDA_FUNCTION_VERSION": "7", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency",
	})
	require.NoError(t, err)
	require.Equal(t, http.Header{"A": {"b"}}, got.headers)
	require.Equal(t, 100*time.Millisecond, got.timeout)
	require.False(t, got.compress)
	require.False(t, got.fingerprints)
	require.True(t, got.provisioned)
	require.False(t, got.concurrent)
	require.Equal(t, faas.Function{Name: "images", Version: "7", MemoryMB: 128}, got.function)

	got, err = settingsOf(map[string]string{
		"STEPTRACE_ENDPOINT": "http://s", "STEPTRACE_HEADERS": "c=d", "OTEL_EXPORTER_OTLP_HEADERS": "a=b",
		"OTEL_PROPAGATORS": "xray",
	})
	require.NoError(t, err)
	require.Equal(t, http.Header{"C": {"d"}}, got.headers, "ours are not sent elsewhere, nor others' to us")
	require.Empty(t, got.propagator.Fields())
	require.Equal(t, otlp.DefaultTimeout, got.timeout)
}

func TestBadSettingsSayHowToMendThem(t *testing.T) {
	for variable, says := range map[string]string{
		"STEPTRACE_ENDPOINT": "STEPTRACE_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS": "entry 1", "OTEL_EXPORTER_OTLP_TIMEOUT": "milliseconds",
	} {
		_, err := settingsOf(map[string]string{variable: "bad"})
		require.ErrorContains(t, err, says)
	}
}
