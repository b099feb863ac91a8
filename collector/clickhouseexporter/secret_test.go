package clickhouseexporter

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// Whatever goes wrong, the password shows neither in an error nor in the log.
func TestThePasswordIsNeverTold(t *testing.T) {
	const secret = "s3cret"
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-ClickHouse-Exception-Code", "516")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("Code: 516. DB::Exception: Authentication failed"))
	}))
	defer refusing.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	plainAsTLS := strings.Replace(refusing.URL, "http:", "https:", 1)
	for _, address := range []string{refusing.URL, gone.URL, plainAsTLS} {
		for _, schema := range []bool{true, false} {
			for _, inURL := range []bool{true, false} {
				cfg := unqueued(address)
				cfg.CreateSchema, cfg.Username, cfg.Password = schema, "writer", secret
				if inURL {
					cfg.Username, cfg.Password = "", ""
					cfg.Endpoint = Endpoint(strings.Replace(address, "://", "://writer:"+secret+"@", 1))
				}
				core, logged := observer.New(zapcore.DebugLevel)
				set := exportertest.NewNopSettings(Type)
				set.Logger = zap.New(core)
				traces, err := NewFactory().CreateTraces(t.Context(), set, cfg)
				require.NoError(t, err)
				if err := traces.Start(t.Context(), componenttest.NewNopHost()); err != nil {
					require.NotContains(t, err.Error(), secret)
				}
				err = traces.ConsumeTraces(t.Context(), numbered(0, 1))
				require.Error(t, err)
				require.NotContains(t, err.Error(), secret)
				require.NotContains(t, err.Error(), "INSERT INTO", "nor is the statement repeated")
				for _, entry := range logged.All() {
					text, err := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "m"}).EncodeEntry(entry.Entry, entry.Context)
					require.NoError(t, err)
					require.NotContains(t, text.String(), secret)
				}
				require.NoError(t, traces.Shutdown(context.Background()))
			}
		}
	}
}

func TestAPasswordInTheOpenIsWarnedOf(t *testing.T) {
	for address, warns := range map[string]bool{
		"http://192.0.2.1:8123": true, "https://192.0.2.1:8443": false, "http://127.0.0.1:8123": false,
		"http://localhost:8123": false, "http://[::1]:8123": false,
	} {
		cfg := unqueued(address)
		cfg.CreateSchema, cfg.Password = false, "pw"
		core, logged := observer.New(zapcore.WarnLevel)
		set := exportertest.NewNopSettings(Type)
		set.Logger = zap.New(core)
		traces, err := NewFactory().CreateTraces(t.Context(), set, cfg)
		require.NoError(t, err)
		require.NoError(t, traces.Start(t.Context(), componenttest.NewNopHost()))
		require.NoError(t, traces.Shutdown(context.Background()))
		require.Equal(t, warns, logged.FilterMessageSnippet("unencrypted").Len() == 1, address)
	}
}
