package clickhouseexporter

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/consumer/consumererror"
)

// A server with a certificate of its own authority is reached by naming that; credentials travel in headers only.
func TestTLSAndCredentials(t *testing.T) {
	var got *http.Request
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }))
	defer server.Close()
	authority := authorityOf(t, server)

	cfg := unqueued(server.URL)
	cfg.CreateSchema = false
	cfg.Database, cfg.Username, cfg.Password = "steptrace", "writer", "s3cret"
	require.ErrorContains(t, startTraces(t, cfg).ConsumeTraces(t.Context(), sampleTraces()), "certificate")

	cfg.TLS.CAFile = authority
	require.NoError(t, startTraces(t, cfg).ConsumeTraces(t.Context(), sampleTraces()))
	require.Equal(t, "writer", got.Header.Get("X-ClickHouse-User"))
	require.Equal(t, "s3cret", got.Header.Get("X-ClickHouse-Key"))
	require.NotContains(t, got.URL.String(), "s3cret")
	require.Equal(t, "steptrace", got.URL.Query().Get("database"))
	require.Contains(t, got.URL.Query().Get("query"), "insert_deduplication_token = '")
}

// authorityOf is the file of the certificate that a server's is checked against.
func authorityOf(t *testing.T, server *httptest.Server) string {
	path := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(path, block, 0o600))
	return path
}

// Migrations and inserts reach an engine that wants a password, through a proxy that wants TLS.
func TestAnEngineBehindTLSWithUsers(t *testing.T) {
	engine := startEngine(t, t.TempDir(), "127.0.0.1:0", enginePasswordEnv+"=s3cret")
	inner, err := url.Parse(engine.url)
	require.NoError(t, err)
	proxy := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(inner))
	defer proxy.Close()
	cfg := unqueued(proxy.URL)
	cfg.TLS.CAFile = authorityOf(t, proxy)
	cfg.Username, cfg.Password = "writer", "s3cret"
	require.NoError(t, startTraces(t, cfg).ConsumeTraces(t.Context(), numbered(0, 10)))

	for _, test := range []struct{ user, password, says string }{
		{"writer", "wr0ng", "check the exporter's username and password"},
		{"reader", "s3cret", "may only read"},
	} {
		refused := *cfg
		refused.CreateSchema = false
		refused.Username, refused.Password = test.user, configopaque.String(test.password)
		err := startTraces(t, &refused).ConsumeTraces(t.Context(), numbered(10, 10))
		require.ErrorContains(t, err, test.says)
		require.False(t, consumererror.IsPermanent(err), "the data waits until it is mended")
		require.NotContains(t, err.Error(), test.password)
	}
	conn := connect(t, "http://writer:s3cret@"+inner.Host+"/default")
	require.EqualValues(t, 10, count(t, conn, "SELECT count() FROM otel_traces"))
	require.NoError(t, engine.stdin.Close())
	require.NoError(t, engine.Wait())
}

func TestThrottledWaitsAsAsked(t *testing.T) {
	refused := errors.New("busy")
	require.ErrorContains(t, throttled(refused, "7"), "7s")
	require.ErrorContains(t, throttled(refused, "9999999999999"), "5m0s")
	require.ErrorIs(t, throttled(refused, "7"), refused)
	for _, header := range []string{"", "soon", "-1"} {
		require.Equal(t, refused, throttled(refused, header))
	}
}
