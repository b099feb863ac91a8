package stack

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// A collector that has ended by itself is seen by whoever waits for that and by Close, which tells why.
func TestCloseAfterTheCollectorHasEnded(t *testing.T) {
	why := errors.New("the pipeline broke")
	s := &Stack{stopCollector: func() {}, collectorEnded: make(chan struct{}), collectorErr: why}
	close(s.collectorEnded)
	<-s.CollectorEnded()
	require.ErrorIs(t, s.Close(t.Context()), why)
	require.NoError(t, s.Close(t.Context()), "closed already")
}

func TestFreeListenPicksDifferentLoopbackAddresses(t *testing.T) {
	l, err := FreeListen(t.Context())
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, address := range []string{l.Store, l.Sandbox, l.OTLPHTTP, l.OTLPGRPC, l.Health} {
		require.Regexp(t, `^127\.0\.0\.1:[1-9][0-9]*$`, address)
		seen[address] = true
	}
	require.Len(t, seen, 5)
}

// A folder's name may hold what YAML would take for its own.
func TestOverlayQuotesPaths(t *testing.T) {
	text, err := overlayOf("http://127.0.0.1:1", "http://127.0.0.1:2", Config{DataDir: `a: "b" #c`, CollectorLogs: "x\ty"})
	require.NoError(t, err)
	var doc struct {
		Extensions struct {
			FileStorage struct{ Directory string } `json:"file_storage"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	require.Equal(t, `a: "b" #c/queue`, doc.Extensions.FileStorage.Directory)
}

func TestExporterWritesAsWhomTheDSNNames(t *testing.T) {
	e, err := exporterOf("https://writer:p%24x%2F@clickhouse:8443/steptrace")
	require.NoError(t, err)
	require.Equal(t, object{
		"endpoint": "https://clickhouse:8443", "database": "steptrace", "username": "writer", "password": "p$$x/",
		"sending_queue": object{"batch": object{"flush_timeout": liveFlush}},
	}, e)
	e, err = exporterOf("http://127.0.0.1:8123")
	require.NoError(t, err)
	require.Equal(t, "default", e["database"])
	require.Equal(t, "default", e["username"])
	_, err = exporterOf("http://u:s3cret@[::1")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "s3cret")
}
