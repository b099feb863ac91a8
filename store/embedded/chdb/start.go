package chdb

import (
	"bufio"
	"io"
	"os"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// Start is Connect for the first session, the one that starts the engine. If that fails it also returns what the
// engine said, as the C API has no error there: it writes to standard error, which is read along meanwhile.
// Whatever else the process writes there is passed on.
func (l *Library) Start(arguments ...string) (c *Connection, said string, err error) {
	ear, err := listenToStderr()
	if err != nil {
		return nil, "", err
	}
	c, err = l.Connect(arguments...)
	said, stopped := ear.stop()
	if stopped != nil && c != nil {
		c.Close()
		return nil, said, stopped
	}
	return c, said, err
}

const stderr = 2

// ear is a pipe in the place of the process's standard error.
type ear struct {
	original *os.File // what standard error was
	in       *os.File
	heard    chan string
}

func listenToStderr() (*ear, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	original, err := unix.FcntlInt(stderr, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	e := &ear{original: os.NewFile(uintptr(original), "stderr"), in: in, heard: make(chan string, 1)}
	if err := unix.Dup2(int(in.Fd()), stderr); err != nil {
		return nil, err
	}
	go e.listen(out)
	return e, nil
}

// endOfListening follows the last line that may be the engine's. The pipe's own end would not do: a child process
// that starts meanwhile keeps it open.
const endOfListening = "\x00end\n"

// stop gives standard error back and returns what the engine wrote.
func (e *ear) stop() (said string, err error) {
	if err := unix.Dup2(int(e.original.Fd()), stderr); err != nil {
		return "", err
	}
	if _, err := io.WriteString(e.in, endOfListening); err != nil {
		return "", err
	}
	return <-e.heard, e.in.Close()
}

// listen sorts lines until the end of listening, and passes on what children write later.
func (e *ear) listen(out *os.File) {
	defer e.original.Close()
	defer out.Close()
	lines := bufio.NewReader(out)
	e.heard <- sortLines(lines, e.original)
	io.Copy(e.original, lines) //nolint:errcheck,gosec // standard error is the last place to complain
}

// sortLines passes lines on to w, except the engine's exceptions, which it returns.
func sortLines(lines *bufio.Reader, w io.Writer) string {
	var e exceptions
	for {
		line, err := lines.ReadString('\n')
		before, ended := strings.CutSuffix(line, endOfListening)
		io.WriteString(w, e.add(before)) //nolint:errcheck,gosec // as above
		if ended || err != nil {
			io.WriteString(w, e.open) //nolint:errcheck,gosec // as above
			return strings.Join(e.whole, " ")
		}
	}
}

// exceptions gathers the engine's. One begins with a line that names it, and may go on until a line that ends with its
// code, such as "(SYNTAX_ERROR)".
type exceptions struct {
	whole []string
	ended bool   // the last one is
	open  string // lines that are the last one's if its end comes, and somebody else's if not
}

var exceptionEnd = regexp.MustCompile(`\([A-Z0-9_]+\)(?: \(version [^)]*\))?\s*$`)

// add takes a line and returns what is not the engine's.
func (e *exceptions) add(line string) (others string) {
	switch {
	case strings.Contains(line, "DB::Exception"):
		others, e.open = e.open, ""
		e.whole = append(e.whole, strings.TrimSpace(line))
		e.ended = exceptionEnd.MatchString(line)
		return others
	case len(e.whole) == 0 || e.ended:
		return line
	case exceptionEnd.MatchString(line):
		last := &e.whole[len(e.whole)-1]
		*last = strings.Join(append([]string{*last}, strings.Fields(e.open+line)...), " ")
		e.open, e.ended = "", true
		return ""
	default:
		e.open += line
		return ""
	}
}
