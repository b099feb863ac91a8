//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// openTerminal makes a pseudoterminal: its screen, where a person would read and type, and the device for a program.
func openTerminal(t *testing.T) (screen, device *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { screen.Close() })
	require.NoError(t, unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	device, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	return screen, device
}

// onTerminal starts the program on a terminal and returns its lines; the channel is closed when the program has ended.
func onTerminal(t *testing.T, args ...string) (*exec.Cmd, <-chan string) {
	t.Helper()
	screen, device := openTerminal(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "STEPTRACE_DSN=")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = device, device, device
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, cmd.Start())
	require.NoError(t, device.Close())
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		reader := bufio.NewReader(screen)
		for { // ends with EIO when the last program has left the terminal
			line, err := reader.ReadString('\n')
			if line != "" {
				lines <- strings.TrimRight(line, "\r\n")
			}
			if err != nil {
				return
			}
		}
	}()
	return cmd, lines
}

func all(lines <-chan string) string {
	var text strings.Builder
	for line := range lines {
		fmt.Fprintln(&text, line)
	}
	return text.String()
}

// ClickHouse logs to a terminal whatever its log level: nothing of that may reach the person there.
func TestTheEngineIsSilentOnATerminal(t *testing.T) {
	data := t.TempDir()
	cmd, lines := onTerminal(t, "store", "--path", filepath.Join(data, "clickhouse"), "--listen", "127.0.0.1:0")
	var before strings.Builder
	url := ""
	for line := range lines {
		fmt.Fprintln(&before, line)
		if found, ok := strings.CutPrefix(line, "ready "); ok {
			url = found
			break
		}
	}
	require.NotEmpty(t, url, "no ready line:\n%s", &before)
	migrated := run(t, "migrate", "--dsn", url+"/default")
	require.Zero(t, migrated.status, migrated.stderr)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	after := all(lines)
	require.NoError(t, cmd.Wait())
	requireNoEngineLog(t, before.String()+after)

	cmd, lines = onTerminal(t, "executions", "--data", data)
	text := all(lines)
	require.NoError(t, cmd.Wait(), text)
	requireNoEngineLog(t, text)
}

func requireNoEngineLog(t *testing.T, text string) {
	t.Helper()
	for _, level := range []string{"Trace", "Debug", "Information", "Notice", "Warning"} {
		if n := strings.Count(text, "<"+level+">"); n > 0 {
			t.Errorf("%d lines of the engine at <%s>; the first: %.300s", n, level, text[strings.Index(text, "<"+level+">"):])
		}
	}
}
