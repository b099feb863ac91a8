package store_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

func TestADSNSaysHowToConnect(t *testing.T) {
	opts, err := store.ParseDSN("https://reader:p%40ss@ch.example.org:8443/traces")
	require.NoError(t, err)
	require.Equal(t, clickhouse.HTTP, opts.Protocol)
	require.NotNil(t, opts.TLS)
	require.Equal(t, []string{"ch.example.org:8443"}, opts.Addr)
	require.Equal(t, clickhouse.Auth{Database: "traces", Username: "reader", Password: "p@ss"}, opts.Auth)

	opts, err = store.ParseDSN("http://127.0.0.1:8123/default")
	require.NoError(t, err)
	require.Nil(t, opts.TLS)
}

func TestABadDSNDoesNotTellItsPassword(t *testing.T) {
	for _, dsn := range []string{
		"http://me:secret@host:port/x", "http://me:secret@host/x?dial_timeout=often", "http://me:secret@host/x?secure=perhaps",
		"http://me:secret@\x7f/",
	} {
		_, err := store.ParseDSN(dsn)
		require.ErrorContains(t, err, "the store's DSN")
		require.NotContains(t, err.Error(), "secret")
	}
}

// What ClickHouse is told with each query: to join tables of several shards, and to end with its client.
func TestSettingsOfEveryQuery(t *testing.T) {
	var sent url.Values
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { sent = r.URL.Query() }))
	defer server.Close()
	for more, want := range map[string]string{"": "1", "?cancel_http_readonly_queries_on_client_close=0": "0"} {
		_, err := store.Open(t.Context(), server.URL+"/default"+more)
		require.Error(t, err, "it is no ClickHouse")
		require.Equal(t, want, sent.Get("cancel_http_readonly_queries_on_client_close"))
		require.Equal(t, "global", sent.Get("distributed_product_mode"))
	}
}
