package clickhouseexporter

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A server with a certificate of its own authority is reached by naming that; credentials travel in headers only.
func TestTLSAndCredentials(t *testing.T) {
	var got *http.Request
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }))
	defer server.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(authority, block, 0o600))

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

func TestThrottledWaitsAsAsked(t *testing.T) {
	refused := errors.New("busy")
	require.ErrorContains(t, throttled(refused, "7"), "7s")
	require.ErrorContains(t, throttled(refused, "9999999999999"), "5m0s")
	require.ErrorIs(t, throttled(refused, "7"), refused)
	for _, header := range []string{"", "soon", "-1"} {
		require.Equal(t, refused, throttled(refused, header))
	}
}
