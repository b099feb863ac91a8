package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

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

// serve prints the server's URL and runs it until standard input ends.
func serve(path string) int {
	server, err := embedded.Open(context.Background(), embedded.Config{Path: path, Listen: "127.0.0.1:0"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(server.URL())
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // its end is what counts
	if err := server.Close(context.Background()); err != nil {
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
	cmd.Env = append(append(os.Environ(), envServe+"="+path), env...)
	cmd.Stderr = os.Stderr
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
