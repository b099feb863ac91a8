package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// grafanaHome is like the folder of an unpacked Grafana, with the program of grafanatest in its place.
func grafanaHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(home, "conf"), 0o750))
	require.NoError(t, os.WriteFile(filepath.Join(home, "conf", "defaults.ini"), nil, 0o600))
	require.NoError(t, goBuild(filepath.Join(home, "bin", "grafana"), "./grafana/grafanatest"))
	return home
}

func pluginFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "datasource"), 0o750))
	for _, file := range []string{
		"plugin.json", "module.js", "datasource/gpx_steptrace_datasource_" + runtime.GOOS + "_" + runtime.GOARCH,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(file)), nil, 0o600))
	}
	return dir
}

// statement is what the store answers, and the status.
func statement(t *testing.T, url, user, password, text string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(text))
	require.NoError(t, err)
	request.SetBasicAuth(user, password)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

// Grafana comes up with the rest, reads the store as one who may not write, sees executions come all the time, and ends
// with the rest.
func TestUpWithGrafana(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	cmd, said := upWith(t, grafanaHome(t), data, "--plugin", pluginFolder(t), "--samples=false", "--trickle", "200ms")
	response, err := http.Get(addressOf(t, said, "Grafana ") + "/api/health")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, said, "log in as admin, password ")

	var seen map[string]string
	text, err := os.ReadFile(filepath.Join(data, "grafana", "data", "environment.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &seen))
	url, reader, password := seen["STEPTRACE_CLICKHOUSE_URL"], seen["STEPTRACE_STORE_READER"],
		seen["STEPTRACE_STORE_READER_PASSWORD"]
	require.Equal(t, addressOf(t, said, "ClickHouse (HTTP)"), url)
	status, answer := statement(t, url, reader, password, "DROP TABLE otel_traces")
	require.NotEqual(t, http.StatusOK, status, answer)
	require.Eventually(t, func() bool {
		status, answer := statement(t, url, reader, password, "SELECT countIf(Status = 'FAILED') > 1 FROM sfn_executions FINAL")
		require.Equal(t, http.StatusOK, status, answer)
		return strings.TrimSpace(answer) == "1"
	}, 30*time.Second, 200*time.Millisecond, "of each six uploads of the trickle, one fails")
	interrupt(t, cmd)
	require.FileExists(t, filepath.Join(data, "grafana", "data", "ended"))
}

func TestUpSaysHowToGetGrafana(t *testing.T) {
	cmd, said := upWith(t, "", filepath.Join(t.TempDir(), "data"), "--samples=false")
	interrupt(t, cmd)
	require.Contains(t, said, "https://grafana.com/grafana/download")
	cmd, said = upWith(t, grafanaHome(t), filepath.Join(t.TempDir(), "data"), "--samples=false", "--plugin", t.TempDir())
	interrupt(t, cmd)
	require.Contains(t, said, "run `make plugin`")
}

func TestUpTellsOfAGrafanaThatDoesNotStart(t *testing.T) {
	got := upFails(t, filepath.Join(t.TempDir(), "nothing"))
	require.Contains(t, got.stderr, "$GRAFANA_HOME names")
	t.Setenv("FAKE_GRAFANA", "ending")
	got = upFails(t, grafanaHome(t))
	require.Contains(t, got.stderr, "it has ended at once")
}

// upFails runs up to its end.
func upFails(t *testing.T, grafanaHome string) outcome {
	t.Helper()
	t.Setenv("GRAFANA_HOME", grafanaHome)
	got := run(t, "up", "--data", filepath.Join(t.TempDir(), "data"), "--plugin", pluginFolder(t), "--store-listen",
		freeAddress(t), "--sandbox-listen", freeAddress(t), "--otlp-http-listen", freeAddress(t), "--otlp-grpc-listen",
		freeAddress(t), "--health-listen", freeAddress(t), "--grafana-listen", freeAddress(t))
	require.Equal(t, 1, got.status)
	return got
}
