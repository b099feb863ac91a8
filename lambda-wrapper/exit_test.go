package wrapper

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A process that ends has no time to send. The next one in the environment, whose /tmp stays, does.
func TestWhatWasEndedIsOutAfterTheProcessEnds(t *testing.T) {
	for _, name := range []string{"exit", "fatal", "crash", "kill"} {
		t.Run(name, func(t *testing.T) {
			dir, c := t.TempDir(), newCollector(t, &logbook{})
			c.open()
			env := startIn(t, dir, name, c)
			env.begin(t, `{}`, time.Minute)
			if name == "kill" { // as the kernel does for want of memory
				require.Eventually(t, func() bool {
					_, err := os.Stat(filepath.Join(dir, "ended"))
					return err == nil
				}, patience, time.Millisecond)
				require.NoError(t, env.process.Process.Kill())
			}
			receive(t, env.exited, "the process to end")

			next := startIn(t, dir, "echo", c)
			next.invoke(t, `{}`)
			next.idle(t)
			spans := c.memory.received()
			require.Len(t, spans, 3)
			resize, killed, later := spans[0], spans[1], spans[2]
			require.Equal(t, "resize", resize.Name)
			require.Equal(t, killed.id, resize.parent)
			require.Equal(t, "ERROR: the process ended before: it exited, was killed or ran out of memory", killed.Status)
			require.Equal(t, "Runtime.ExitError", killed.Attributes["error.type"])
			require.Equal(t, "request-1", killed.Attributes["faas.invocation_id"])
			require.Equal(t, "thumbnails", killed.resource["faas.name"])
			require.Empty(t, later.Status)
			next.invoke(t, `{}`)
			next.idle(t)
			require.Len(t, c.memory.received(), 4, "once")
		})
	}
}

// startIn starts a function with a /tmp of an environment that may have had others, and waits for its init.
func startIn(t *testing.T, dir, name string, c *collector) *lambdaEnv {
	t.Helper()
	env := &lambdaEnv{journal: c.journal}
	startFunction(t, name, env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "TMPDIR="+dir)
	env.idle(t)
	return env
}

func TestATimeoutThatWasSeenIsNotReportedAgain(t *testing.T) {
	dir, c := t.TempDir(), newCollector(t, &logbook{})
	c.open()
	env := startIn(t, dir, "outlive", c)
	env.begin(t, `{}`, 2*time.Second)
	require.Eventually(t, func() bool { return len(c.memory.received()) == 2 }, patience, time.Millisecond)
	env.settledJournal(t, dir)
	require.NoError(t, env.process.Process.Kill())
	receive(t, env.exited, "the process to end")
	next := startIn(t, dir, "echo", c)
	next.invoke(t, `{}`)
	next.idle(t)
	require.Len(t, c.memory.received(), 3)
	require.Equal(t, "Sandbox.Timedout", c.memory.received()[0].Attributes["error.type"])
	require.Equal(t, "request-1", c.memory.received()[2].Attributes["faas.invocation_id"])
	require.Empty(t, c.memory.received()[2].Status)
}

// settledJournal waits until the journal knows what the collector has answered.
func (e *lambdaEnv) settledJournal(t *testing.T, dir string) {
	t.Helper()
	require.Eventually(t, func() bool {
		files, err := filepath.Glob(filepath.Join(dir, "*.journal"))
		require.NoError(t, err)
		require.Len(t, files, 1)
		content, err := os.ReadFile(files[0])
		require.NoError(t, err)
		return binary.LittleEndian.Uint64(content[openLengthAt:]) == 0
	}, patience, time.Millisecond)
}
