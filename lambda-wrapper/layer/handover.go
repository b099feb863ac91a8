package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// handoverDir is where the exec wrapper looks. /tmp is the one place that extensions and runtime share.
func handoverDir(getenv func(string) string) string {
	tmp := getenv("TMPDIR")
	if tmp == "" {
		tmp = "/tmp"
	}
	return filepath.Join(tmp, "steptrace-layer")
}

// withdraw removes what an earlier extension in this environment has left: without it the exec wrapper changes nothing.
func withdraw(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove what an earlier process of the layer has left: %w", err)
	}
	return nil
}

// handOver tells the exec wrapper both addresses, in a file that is there at once or not at all, and opens the pipe
// whose other end the runtime keeps open as long as it lives.
func (l *layer) handOver(dir string) (err error) {
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // the runtime may be another user
		return err
	}
	if l.runtime, err = newRuntimeWatch(filepath.Join(dir, "runtime")); err != nil {
		l.logger.Warn("steptrace: a runtime that crashes will be seen only at the timeout", slog.Any("error", err))
	}
	partial := filepath.Join(dir, "addresses.new")
	if err := os.WriteFile(partial, []byte(l.apiAddr+" "+l.otlpAddr+"\n"), 0o644); err != nil { //nolint:gosec // as above
		return err
	}
	return os.Rename(partial, filepath.Join(dir, "addresses"))
}

// runtimeWatch is the reading end of a pipe into which the exec wrapper writes a line and which the runtime inherits:
// it ends with the runtime, however that ends. A nil one never ends.
type runtimeWatch struct {
	pipe *os.File

	mu   sync.Mutex
	text strings.Builder
	once sync.Once
}

func newRuntimeWatch(path string) (*runtimeWatch, error) {
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		return nil, fmt.Errorf("make the pipe to the runtime: %w", err)
	}
	if err := os.Chmod(path, 0o666); err != nil { //nolint:gosec // the runtime may be another user
		return nil, fmt.Errorf("open the pipe to the runtime to other users: %w", err)
	}
	// Without O_NONBLOCK it would wait for the runtime, which is started later.
	pipe, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open the pipe to the runtime: %w", err)
	}
	return &runtimeWatch{pipe: pipe}, nil
}

// maxLine bounds what is kept of the runtime's line.
const maxLine = 1 << 10

// watch calls gone when the runtime has ended. A runtime that was started without the exec wrapper is never gone.
func (w *runtimeWatch) watch(gone func()) {
	if w != nil {
		go w.read(gone)
	}
}

func (w *runtimeWatch) read(gone func()) {
	buffer := make([]byte, maxLine)
	for {
		n, err := w.pipe.Read(buffer)
		w.note(buffer[:n])
		if errors.Is(err, fs.ErrClosed) {
			return
		}
		if err != nil {
			if w.logStream() != "" {
				gone()
			}
			return
		}
	}
}

func (w *runtimeWatch) note(p []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p[:min(len(p), maxLine-w.text.Len())])
}

// unknownStream is what the exec wrapper writes where Lambda does not tell the log stream.
const unknownStream = "-"

// logStream is the line that the exec wrapper wrote.
func (w *runtimeWatch) logStream() string {
	if w == nil {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.TrimSpace(w.text.String())
}

func (w *runtimeWatch) close() {
	if w != nil {
		w.once.Do(func() { _ = w.pipe.Close() }) // opened for reading
	}
}
