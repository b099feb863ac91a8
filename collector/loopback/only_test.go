package loopback_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/collector/loopback"
)

func TestOnly(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"127.0.0.1:1": true, "127.8.9.10:1": true, "localhost:1": true, "[::1]:1": true, "/run/otlp.sock": true,
		"[::ffff:127.0.0.1]:1": true, "": false, ":1": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false,
		"localhost.example.com:1": false, "collector:1": false, "127.0.0.1": false, "127.1:1": false,
	} {
		require.Equal(t, want, loopback.Only(endpoint), endpoint)
	}
}
