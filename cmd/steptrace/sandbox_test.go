package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSandboxCommand runs the command until its context ends, as an interrupt does.
func TestSandboxCommand(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ready, stdout := io.Pipe()
	var stderr bytes.Buffer
	cmd := newSandboxCommand()
	cmd.SetArgs([]string{"--listen", "127.0.0.1:0"})
	cmd.SetOut(stdout)
	cmd.SetErr(&stderr)
	done := make(chan error, 1)
	go func() { done <- cmd.ExecuteContext(ctx) }()

	line := make([]byte, 64)
	n, err := ready.Read(line)
	require.NoError(t, err)
	url, ok := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "ready ")
	require.True(t, ok, string(line[:n]))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode, "S3 lists its buckets")

	interrupt()
	require.NoError(t, <-done)
	require.Empty(t, stderr.String())
}

func TestSandboxCommandBeyondLoopback(t *testing.T) {
	cmd := newSandboxCommand()
	cmd.SetArgs([]string{"--listen", "0.0.0.0:4566"})
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	require.ErrorContains(t, cmd.ExecuteContext(t.Context()), "use a loopback address, like 127.0.0.1:4566")
}
