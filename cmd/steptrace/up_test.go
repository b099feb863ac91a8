package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// up starts `steptrace up` on free ports and returns when it has printed its addresses.
func up(t *testing.T, data string, args ...string) (cmd *exec.Cmd, storeURL string) {
	t.Helper()
	cmd, said := upWith(t, "", data, args...)
	return cmd, addressOf(t, said, "ClickHouse (HTTP)")
}

// upWith is up with a Grafana in grafanaHome, if not empty; it returns what was printed.
func upWith(t *testing.T, grafanaHome, data string, args ...string) (cmd *exec.Cmd, said string) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), program, append([]string{
		"up", "--data", data, "--store-listen", freeAddress(t), "--sandbox-listen", freeAddress(t),
		"--otlp-http-listen", freeAddress(t), "--otlp-grpc-listen", freeAddress(t), "--health-listen", freeAddress(t),
		"--grafana-listen", freeAddress(t), "--trickle", "0",
	}, args...)...)
	cmd.Env = append(os.Environ(), "GRAFANA_HOME="+grafanaHome, "PATH=/nowhere")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "curl") {
			break
		}
	}
	require.Contains(t, said, "curl", "up did not print its addresses")
	go func() { _, _ = io.Copy(io.Discard, stdout) }() // ends with the process
	return cmd, said
}

// addressOf is the address that stands behind a name.
func addressOf(t *testing.T, said, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(said, name)
	require.True(t, found, said)
	return strings.Fields(rest)[0]
}

// interrupt is Ctrl-C; the program ends in order.
func interrupt(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	require.NoError(t, cmd.Wait())
}

// A running execution is in the store from the moment it is seen; after a restart on the same folder everything is
// still there, and new executions come in.
func TestUpShowsRunningExecutionsAndKeepsItsDataOverARestart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	cmd, url := up(t, data)
	dsn := url + "/default"
	require.Eventually(t, func() bool {
		return len(executionsOf(t, run(t, "executions", "--dsn", dsn, "--status", "RUNNING", "--output", "json"))) > 0
	}, 9*time.Second, 100*time.Millisecond, "the executions run for 10 s and must be seen before they end")
	running := traceOf(t, run(t, "trace", "--dsn", dsn, "--output", "json", "latest"))
	require.Equal(t, "RUNNING", running.Status)
	require.NotEmpty(t, running.Events)
	require.Eventually(t, func() bool {
		return len(executionsOf(t, run(t, "executions", "--dsn", dsn, "--status", "SUCCEEDED", "--output", "json"))) >= 5
	}, 30*time.Second, 200*time.Millisecond)
	interrupt(t, cmd)
	kept := len(executionsOf(t, run(t, "executions", "--data", data, "--output", "json")))

	cmd, url = up(t, data)
	dsn = url + "/default"
	require.Eventually(t, func() bool {
		return len(executionsOf(t, run(t, "executions", "--dsn", dsn, "--output", "json"))) == 2*kept
	}, 30*time.Second, 200*time.Millisecond)
	interrupt(t, cmd)
}

func TestUpNamesABusyPort(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	cmd, url := up(t, data, "--samples=false")
	busy := strings.TrimPrefix(url, "http://")
	got := run(t, "up", "--data", filepath.Join(t.TempDir(), "other"), "--store-listen", busy)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, busy)
	same := run(t, "trace", "--data", data, "latest")
	require.Equal(t, 1, same.status)
	require.Contains(t, same.stderr, data)
	interrupt(t, cmd)
}

// A ClickHouse of one's own takes the embedded one's place: here that of another process, as a user with a password.
func TestUpWithAStoreOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	password := filepath.Join(dir, "password")
	require.NoError(t, os.WriteFile(password, []byte("p$1/@"), 0o600))
	listen := freeAddress(t)
	server := exec.CommandContext(t.Context(), program, "store", "--path", filepath.Join(dir, "store"), "--listen", listen,
		"--user", "writer", "--password-file", password)
	stdout, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	_, err = bufio.NewReader(stdout).ReadString('\n') // ready
	require.NoError(t, err)

	t.Setenv("STEPTRACE_STORE_PASSWORD", "p$1/@")
	dsn := "http://writer@" + listen + "/default"
	cmd, said := upWith(t, "", filepath.Join(dir, "data"), "--dsn", dsn)
	require.Equal(t, dsn, addressOf(t, said, "ClickHouse (HTTP)"))
	require.NotContains(t, said, "p$1")
	require.Eventually(t, func() bool {
		return len(executionsOf(t, run(t, "executions", "--dsn", dsn, "--status", "SUCCEEDED", "--output", "json"))) >= 5
	}, 30*time.Second, 200*time.Millisecond)
	interrupt(t, cmd)
	require.NoDirExists(t, filepath.Join(dir, "data", "clickhouse"))
	interrupt(t, server)
}
