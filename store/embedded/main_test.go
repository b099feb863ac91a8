package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/store/embedded"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// envServe makes the test binary a server on that folder instead of running tests.
const envServe = "STEPTRACE_TEST_SERVE"

func TestMain(m *testing.M) {
	if path := os.Getenv(envServe); path != "" {
		os.Exit(serve(path))
	}
	masksBeforeEngine = childMasks()
	status := embeddedtest.Main(m)
	if err := goleak.Find(); status == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// serve prints the server's URL and runs it until standard input ends, and then for ten seconds at most.
func serve(path string) int {
	server, err := embedded.Open(context.Background(), embedded.Config{
		Path: path, Listen: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(server.URL())
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // its end is what counts
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Close(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// process is a server in a process of its own.
type process struct {
	*exec.Cmd
	stdin io.Closer
	url   string
}

func startProcess(t *testing.T, path string, env ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	return startServer(t, cmd, path, os.Stderr)
}

// startServer runs the test binary, which the command starts, as a server on the folder.
func startServer(t *testing.T, cmd *exec.Cmd, path string, stderr io.Writer) *process {
	t.Helper()
	cmd.Env = append(cmd.Environ(), envServe+"="+path)
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may have ended
		cmd.Wait()         //nolint:errcheck // likewise
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	return &process{Cmd: cmd, stdin: stdin, url: strings.TrimSpace(line)}
}

// stop ends the server in good order.
func (p *process) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, p.stdin.Close())
	require.NoError(t, p.Wait())
}
