package wrapper

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// keeping is the telemetry of a process that keeps a journal in the folder.
func keeping(t *testing.T, folder string) (*telemetry, *memory) {
	t.Helper()
	cfg, err := newConfig(func(string) string { return "" }, []Option{WithEndpoint("http://c"), WithJournal(folder)})
	require.NoError(t, err)
	tel, m := newTelemetry(cfg), &memory{}
	tel.sender.post = m.post
	tel.keepJournal()
	return tel, m
}

// die leaves what the process has kept, as its end does.
func (t *telemetry) die(tb testing.TB) {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join(t.cfg.journal, "*.journal"))
	require.NoError(tb, err)
	require.Len(tb, paths, 1)
	body, err := os.ReadFile(paths[0])
	require.NoError(tb, err)
	require.NoError(tb, t.sender.queue.journal.Close())
	require.NoError(tb, os.WriteFile(paths[0], body, 0o600))
}

func TestTheNextProcessSendsWhatOneHasNotSent(t *testing.T) {
	folder := t.TempDir()
	tel, _ := keeping(t, folder)
	inv := tel.begin(lambdaContext(), []byte(`{}`))
	_, call := tel.tracer.Start(inv.ctx, "call")
	call.End()
	tel.die(t)

	next, m := keeping(t, folder)
	m.err = errAway
	next.sender.flushLast(t.Context())
	m.err = nil
	next.sender.flushLast(t.Context())
	spans := m.received()
	require.Equal(t, []string{"call", tel.functionName}, namesOf(spans))
	require.Equal(t, spans[1].id, spans[0].parent)
	require.Equal(t, "Runtime.ExitError", spans[1].Attributes["error.type"])
	require.Contains(t, spans[1].Status, "the process ended")
	require.Equal(t, tel.functionName, spans[1].resource["service.name"])
	next.die(t)

	last, m := keeping(t, folder)
	defer last.sender.queue.journal.Close()
	last.sender.flushLast(t.Context())
	require.Empty(t, m.received(), "it was sent once")
}

func TestWhatWasSentIsNotLeft(t *testing.T) {
	folder := t.TempDir()
	tel, m := keeping(t, folder)
	inv := tel.begin(lambdaContext(), []byte(`{}`))
	inv.end()
	tel.sender.flush(t.Context())
	require.Len(t, m.received(), 1)
	tel.die(t)
	next, m := keeping(t, folder)
	defer next.sender.queue.journal.Close()
	next.sender.flush(t.Context())
	require.Empty(t, m.received())
}

func TestAFolderThatCannotBeWrittenIsSaidOnce(t *testing.T) {
	var log bytes.Buffer
	cfg, err := newConfig(func(string) string { return "" }, []Option{
		WithEndpoint("http://c"), WithJournal(filepath.Join(t.TempDir(), "none")),
		WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
	})
	require.NoError(t, err)
	tel, m := newTelemetry(cfg), &memory{}
	tel.sender.post = m.post
	tel.keepJournal()
	require.Contains(t, log.String(), "STEPTRACE_JOURNAL")
	_, span := tel.tracer.Start(t.Context(), "sent")
	span.End()
	tel.sender.flush(t.Context())
	require.Len(t, m.received(), 1)
}
