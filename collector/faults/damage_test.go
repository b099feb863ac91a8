package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The collector's queue is damaged while it does not run: it does not start, and says which file to mend and how, or
// moves it aside and starts. Neither is a panic.
func TestADamagedQueueIsNamed(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"cut":    func(text []byte) []byte { return text[:len(text)/3] },
		"zeroed": func(text []byte) []byte { clear(text[len(text)/20 : len(text)*9/10]); return text },
		"heads":  func(text []byte) []byte { clear(text[:8192]); return text },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			s.startCollector(t)
			sent := newSenders(t, s, 31)
			eventually(t, func() bool { return sent.tracesByHTTP([]int{1, 2, 3}) }, "the collector is there")
			s.collectorProcess.kill()
			file := filepath.Join(s.queue, "exporter_clickhouse__traces")
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(file, damage(text), 0o600))

			s.startCollector(t)
			<-s.collectorProcess.exited
			said := s.collectorProcess.said.String()
			require.Contains(t, said, "steptrace: cannot start pipelines")
			require.Contains(t, said, "the sending queue in "+file+" is damaged")
			require.NotContains(t, said, "goroutine ")

			s.recreate = true
			s.configureExporter(t, nil)
			s.startCollector(t)
			eventually(t, func() bool { return sent.tracesByHTTP([]int{4}) }, "the collector is there again")
			require.Contains(t, s.collectorProcess.said.String(), "was moved aside as it is")
			aside, err := filepath.Glob(file + ".damaged-*")
			require.NoError(t, err)
			require.Len(t, aside, 1)
		})
	}
}

// Bits flip in what was accepted. All but the entries that they flip in is stored, and those are told of and kept.
func TestFlippedBitsAreToldOf(t *testing.T) {
	s := newSystem(t)
	s.startCollector(t)
	sent := newSenders(t, s, 32)
	eventually(t, func() bool { return sent.tracesByHTTP([]int{0, 1, 2, 3, 4}) }, "the collector is there")
	require.True(t, sent.tracesByHTTP([]int{5, 6, 7, 8, 9}))
	require.True(t, sent.tracesByHTTP([]int{10, 11, 12, 13, 14}))
	s.collectorProcess.kill()
	file := filepath.Join(s.queue, "exporter_clickhouse__traces")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "span 7", "span 8")), 0o600))

	s.startStore(t)
	s.awaitStore(t)
	s.startCollector(t)
	eventually(t, func() bool { return s.ask("SELECT count() FROM otel_traces FINAL") == "10" }, "what is whole is stored")
	require.Equal(t, "0", s.ask("SELECT count() FROM otel_traces WHERE SpanName IN ('span 7', 'span 8')"))
	require.Contains(t, s.collectorProcess.said.String(), "an entry of the sending queue is damaged")
	aside, err := filepath.Glob(file + ".damaged-entry-*")
	require.NoError(t, err)
	require.Len(t, aside, 1)
}
