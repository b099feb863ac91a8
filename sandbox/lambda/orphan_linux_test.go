package lambda

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoFunctionOutlivesAKilledSandbox(t *testing.T) {
	zip := filepath.Join(t.TempDir(), "function.zip")
	require.NoError(t, os.WriteFile(zip, zipOf(t, map[string][]byte{"bootstrap": functionBinary}), 0o600))
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimVariable+"="+zip)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, victim.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	require.True(t, running(pid))

	require.NoError(t, victim.Process.Kill())
	_, _ = io.Copy(io.Discard, out)
	_ = victim.Wait() // killed
	eventually(t, func() bool { return !running(pid) })
}

// running is false for a process that is gone, or dead and not yet reaped.
func running(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "State:\tZ")
}
