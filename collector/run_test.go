package collector_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

type object = map[string]any

// overlay is a configuration to lay over others: JSON is YAML.
func overlay(t *testing.T, o object) string {
	t.Helper()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	return "yaml:" + string(text)
}

// running runs a Collector until the test ends, or stop is called.
func running(t *testing.T, uris ...string) (stop func()) {
	t.Helper()
	c := newCollector(t, uris...)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			require.NoError(t, <-done)
		}
	}
	t.Cleanup(stop)
	ready, late := context.WithTimeout(t.Context(), 30*time.Second)
	defer late()
	require.NoError(t, c.WaitReady(ready))
	return stop
}
