package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithStorePassword(t *testing.T) {
	for _, test := range []struct{ dsn, password, want string }{
		{"http://127.0.0.1:8123/default", "", "http://127.0.0.1:8123/default"},
		{"http://127.0.0.1:8123/default", "p/w@", "http://default:p%2Fw%40@127.0.0.1:8123/default"},
		{"https://writer@h:8443/s", "pw", "https://writer:pw@h:8443/s"},
		{"https://writer:own@h:8443/s", "pw", "https://writer:own@h:8443/s"},
	} {
		got, err := withStorePassword(test.dsn, test.password)
		require.NoError(t, err)
		require.Equal(t, test.want, got)
	}
	_, err := withStorePassword("http://u:s3cret@[::1", "")
	require.ErrorContains(t, err, "--dsn")
	require.NotContains(t, err.Error(), "s3cret")
}
