package chdb

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// redirectStderr sends the process's standard error to a file until restore is called.
func redirectStderr(t *testing.T) (path string, restore func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "stderr")
	file, err := os.Create(path)
	require.NoError(t, err)
	original, err := unix.Dup(stderr)
	require.NoError(t, err)
	require.NoError(t, unix.Dup2(int(file.Fd()), stderr))
	return path, func() {
		require.NoError(t, unix.Dup2(original, stderr))
		require.NoError(t, unix.Close(original))
		require.NoError(t, file.Close())
	}
}

func TestStderrIsSorted(t *testing.T) {
	path, restore := redirectStderr(t)
	ear, err := listenToStderr()
	require.NoError(t, err)
	fmt.Fprint(os.Stderr, "a log line\nCode: 1. DB::Exception: first\nCode: 2. DB::Exception: second\nand no end")
	said, err := ear.stop()
	fmt.Fprint(os.Stderr, " - end")
	restore()
	require.NoError(t, err)
	require.Equal(t, "Code: 1. DB::Exception: first Code: 2. DB::Exception: second", said)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "a log line\nand no end - end", string(content))
}

func TestSortLines(t *testing.T) {
	for name, c := range map[string]struct{ text, said, others string }{
		"nothing":          {"", "", ""},
		"no exception":     {"a (B)\nc\n", "", "a (B)\nc\n"},
		"one line":         {"Code: 1. DB::Exception: a. (A_B)\nother\n", "Code: 1. DB::Exception: a. (A_B)", "other\n"},
		"with a version":   {"DB::Exception: a. (A) (version 26.7.2.1)\nother\n", "DB::Exception: a. (A) (version 26.7.2.1)", "other\n"},
		"several lines":    {"x\nDB::Exception: a\n. b\n\n c: d. (A_B)\nother\n", "DB::Exception: a . b c: d. (A_B)", "x\nother\n"},
		"two":              {"DB::Exception: a\n b (A)\nDB::Exception: c (C)\n", "DB::Exception: a b (A) DB::Exception: c (C)", ""},
		"one without end":  {"DB::Exception: a\nother\nlines\n", "DB::Exception: a", "other\nlines\n"},
		"two, one endless": {"DB::Exception: a\nother\nDB::Exception: b\n c (C)\n", "DB::Exception: a DB::Exception: b c (C)", "other\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var others strings.Builder
			said := sortLines(bufio.NewReader(strings.NewReader(c.text+endOfListening)), &others)
			require.Equal(t, c.said, said)
			require.Equal(t, c.others, others.String())
		})
	}
}

// A child that starts meanwhile keeps the pipe for as long as it lives: nobody may wait for that, and what it writes
// has to arrive.
func TestStderrOfAChild(t *testing.T) {
	path, restore := redirectStderr(t)
	ear, err := listenToStderr()
	require.NoError(t, err)
	child := exec.Command("sh", "-c", "read line; echo child says $line >&2")
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	_, err = ear.stop()
	require.NoError(t, err)
	restore()

	fmt.Fprintln(stdin, "hello")
	require.NoError(t, child.Wait())
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		content, err := os.ReadFile(path)
		assert.NoError(t, err)
		assert.Equal(t, "child says hello\n", string(content))
	}, 5*time.Second, 10*time.Millisecond)
}
