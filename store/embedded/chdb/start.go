package chdb

import (
	"bufio"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Start is Connect for the first session, the one that starts the engine. If that fails it also returns what the
// engine said, as the C API has no error there: it writes to standard error, which is read along meanwhile.
// Whatever else the process writes there is passed on.
func (l *Library) Start(arguments ...string) (c *Connection, said string, err error) {
	heard, err := overhear(func() { c, err = l.Connect(arguments...) })
	if c == nil && err == nil {
		err = ErrConnect
	}
	return c, heard, err
}

// overhear runs f while the process's standard error goes through a pipe, and returns the lines that are the engine's.
func overhear(f func()) (heard string, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	original, err := unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return "", err
	}
	stderr := os.NewFile(uintptr(original), "stderr")
	defer stderr.Close()
	if err := unix.Dup2(int(w.Fd()), 2); err != nil {
		return "", err
	}
	w.Close()
	var sorted sync.WaitGroup
	sorted.Go(func() { heard = passOn(r, stderr) })
	f()
	if err := unix.Dup2(original, 2); err != nil {
		return "", err
	}
	sorted.Wait()
	return heard, r.Close()
}

// passOn copies lines to w, except the engine's exceptions, which it returns.
func passOn(r io.Reader, w io.Writer) string {
	var heard []string
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if strings.HasPrefix(line, "Code: ") || strings.Contains(line, "DB::Exception") {
			heard = append(heard, strings.TrimSpace(line))
		} else if line != "" {
			io.WriteString(w, line) //nolint:errcheck // standard error is the last place to complain
		}
		if err != nil {
			return strings.Join(heard, "\n")
		}
	}
}
