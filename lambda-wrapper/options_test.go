package wrapper

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConfiguration(t *testing.T) {
	type settings struct {
		endpoint string
		headers  http.Header
		compress bool
		timeout  time.Duration
		service  string
	}
	none := settings{headers: http.Header{}, compress: true, timeout: 2 * time.Second}
	base := func(endpoint string, more ...string) map[string]string {
		env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	at := func(endpoint string) settings { s := none; s.endpoint = endpoint; return s }
	for _, tc := range []struct {
		name    string
		env     map[string]string
		options []Option
		want    settings
	}{
		{"nothing", nil, nil, none},
		{"base endpoint", base("http://c:4318/"), nil, at("http://c:4318/v1/traces")},
		{"base with a path", base("https://c/otlp"), nil, at("https://c/otlp/v1/traces")},
		{
			"whole endpoint wins",
			map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/x"},
			nil, at("http://b/x"),
		},
		{"disabled", base("http://a", "OTEL_SDK_DISABLED", "True"), nil, none},
		{"no traces", base("http://a", "OTEL_TRACES_EXPORTER", "none"), nil, none},
		{
			"the rest",
			map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x",
				"OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_EXPORTER_OTLP_TIMEOUT": "750",
			},
			nil,
			settings{
				endpoint: "http://a/v1/traces", headers: http.Header{"Authorization": {"Bearer x"}},
				timeout: 750 * time.Millisecond,
			},
		},
		{
			"options win",
			map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "bad", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=old"},
			[]Option{
				WithEndpoint("http://b"), WithHeader("authorization", "new"), WithServiceName("s"),
				WithExportTimeout(time.Second),
			},
			settings{
				endpoint: "http://b/v1/traces", headers: http.Header{"Authorization": {"new"}}, compress: true,
				timeout: time.Second, service: "s",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := newConfig(func(name string) string { return tc.env[name] }, tc.options)
			require.NoError(t, err)
			require.Equal(t, tc.want, settings{c.endpoint, c.headers, c.compress, c.exportTimeout, c.serviceName})
		})
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for variable, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":        "collector:4318",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "ftp://collector",
		"OTEL_EXPORTER_OTLP_HEADERS":         "authorization",
		"OTEL_EXPORTER_OTLP_TIMEOUT":         "2s",
	} {
		_, err := newConfig(func(name string) string { return map[string]string{variable: value}[name] }, nil)
		require.Error(t, err, variable)
		require.ErrorContains(t, err, "OTEL_EXPORTER_OTLP_")
	}
}
