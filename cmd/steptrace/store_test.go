package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// startStore runs `steptrace store` and returns its URL and how to interrupt it.
func startStore(t *testing.T, args ...string) (url string, interrupt func()) {
	t.Helper()
	cmd := exec.Command(program, append([]string{"store", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), "STEPTRACE_STORE_PASSWORD=writes", "STEPTRACE_STORE_READER_PASSWORD=")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() }) //nolint:errcheck // it has ended where all went well
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	url, ready := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	require.True(t, ready, line)
	return url, func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		rest, err := io.ReadAll(lines)
		require.NoError(t, err)
		require.Empty(t, rest, "one line on standard output")
		require.NoError(t, cmd.Wait())
	}
}

func ask(t *testing.T, url, user, password, statement string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(statement))
	require.NoError(t, err)
	request.SetBasicAuth(user, password)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(content)
}

func TestStoreServesUntilInterruptedAndKeepsItsData(t *testing.T) {
	dir := t.TempDir()
	passwordFile := filepath.Join(dir, "password")
	require.NoError(t, os.WriteFile(passwordFile, []byte("reads\n"), 0o600))
	args := []string{"--path", filepath.Join(dir, "data"), "--reader", "grafana", "--reader-password-file", passwordFile}

	url, interrupt := startStore(t, args...)
	status, body := ask(t, url, "default", "writes", "CREATE TABLE t ENGINE = MergeTree ORDER BY a AS SELECT 42 AS a")
	require.Equal(t, http.StatusOK, status, body)
	interrupt()

	url, interrupt = startStore(t, args...)
	defer interrupt()
	_, body = ask(t, url, "grafana", "reads", "SELECT a FROM t")
	require.Equal(t, "42\n", body)
	status, _ = ask(t, url, "grafana", "reads", "DROP TABLE t")
	require.NotEqual(t, http.StatusOK, status)
	for _, password := range []string{"", "reads", "writes\n"} {
		status, _ = ask(t, url, "default", password, "SELECT 1")
		require.Equal(t, http.StatusForbidden, status)
	}
}

func TestStoreSaysWhatToMend(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	data := t.TempDir()
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 2, "store needs --path"},
		{[]string{"--path", data, "more"}, 2, "more"},
		{[]string{"--path", data, "--listen", "0.0.0.0:0"}, 1, "has no password"},
		{[]string{"--path", data, "--password-file", empty}, 1, "the password file " + empty + " is empty"},
		{[]string{"--path", data, "--password-file", empty + "-not"}, 1, "read the password"},
		{[]string{"--path", empty, "--listen", "127.0.0.1:0"}, 1, "choose another path"},
	} {
		got := run(t, append([]string{"store"}, c.args...)...)
		require.Equal(t, c.status, got.status, got.stderr)
		require.Contains(t, got.stderr, c.want)
		require.Empty(t, got.stdout)
	}
}
