package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/collector/loopback"
)

// A span that the collector has accepted is in the store in the end, although the store was away and the collector was
// killed before it came back.
func TestAcceptedSpansSurviveAKilledCollectorAndAnAbsentStore(t *testing.T) {
	dir := t.TempDir()
	storeAddress, otlp, health := freeAddress(t), freeAddress(t), freeAddress(t)
	env := []string{
		"STEPTRACE_CLICKHOUSE_URL=http://" + storeAddress, "STEPTRACE_OTLP_HTTP_LISTEN=" + otlp,
		"STEPTRACE_OTLP_GRPC_LISTEN=" + freeAddress(t), "STEPTRACE_HEALTH_LISTEN=" + health,
		"STEPTRACE_QUEUE=" + filepath.Join(dir, "queue"), "STEPTRACE_CHECKPOINT=" + filepath.Join(dir, "checkpoint.json"),
		// Nobody listens there: the agent must not matter to what comes by OTLP.
		"AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_REGION=eu-west-1",
	}

	first := start(t, env, "collector")
	awaitHealthy(t, "http://"+health)
	post(t, "http://"+otlp+"/v1/traces")
	require.NoError(t, first.Process.Kill())
	require.Error(t, first.Wait())

	start(t, nil, "store", "--path", filepath.Join(dir, "clickhouse"), "--listen", storeAddress)
	awaitHealthy(t, "http://"+storeAddress+"/ping")
	start(t, env, "collector")
	require.Eventually(t, func() bool {
		return query(t, "http://"+storeAddress, "SELECT count() FROM otel_traces WHERE SpanName = 'survivor'") == "1"
	}, 30*time.Second, 100*time.Millisecond)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	return address
}

// start runs the program until the test ends.
func start(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(cmd.Environ(), env...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed, or waited for already
		if t.Failed() {
			t.Logf("steptrace %s:\n%s", strings.Join(args, " "), output.String())
		}
	})
	return cmd
}

func awaitHealthy(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		status, _, err := call(http.MethodGet, url, "", "")
		return err == nil && status == http.StatusOK
	}, 30*time.Second, 50*time.Millisecond, url)
}

func post(t *testing.T, url string) {
	t.Helper()
	span := fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",
		"spanId":"b7ad6b7169203331","name":"survivor","kind":1,"startTimeUnixNano":"%d","endTimeUnixNano":"%[1]d"}]}]}]}`,
		time.Now().UnixNano())
	status, body, err := call(http.MethodPost, url, "application/json", span)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, body)
}

// query returns the answer without its newline, or what went wrong.
func query(t *testing.T, url, sql string) string {
	t.Helper()
	_, body, err := call(http.MethodPost, url, "text/plain", sql)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(body)
}

func call(method, url, contentType, body string) (status int, answer string, err error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}
