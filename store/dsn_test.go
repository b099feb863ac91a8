package store_test

import (
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
