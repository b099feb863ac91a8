package clickhouseexporter

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
)

// ClickHouse may have noted a token and lost the rows, and would drop them when they come again with it.
func TestNoTokenComesAgainAfterAFailure(t *testing.T) {
	server := newEndpoint(t)
	e := startAt(t, quartz.NewReal(), server.URL)
	push := func(e *storeExporter) error { return e.pushTraces(t.Context(), numbered(0, 10)) }
	require.NoError(t, push(e))
	require.NoError(t, push(e))
	server.answer(http.StatusInternalServerError, "241")
	require.Error(t, push(e))
	require.Error(t, push(e))
	server.answer(http.StatusOK, "")
	require.NoError(t, push(e))
	require.NoError(t, push(startAt(t, quartz.NewReal(), server.URL)))

	tokens := server.inserts()
	require.Equal(t, tokens[0], tokens[1], "nothing had failed")
	require.Equal(t, tokens[1], tokens[2])
	for i, token := range tokens[3:] {
		require.NotContains(t, tokens[:3+i], token)
	}
}

// A process that is killed as it writes leaves a line that is cut.
func TestALetterBeginsOnALineOfItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "refused.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("{\"whole\":1}\n{\"cu"), 0o600))
	l := &letters{path: path, maxSize: 1 << 20, clock: quartz.NewReal()}
	require.NoError(t, l.check())
	require.NoError(t, l.append([]byte("{\"next\":1}\n")))
	require.NoError(t, l.append([]byte("{\"last\":1}\n")))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "{\"whole\":1}\n{\"cu\n{\"next\":1}\n{\"last\":1}\n", string(text))
}
