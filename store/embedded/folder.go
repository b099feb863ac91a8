package embedded

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// prepareFolder makes the data folder and finds out what the engine could only fail on: no rights, a file in its
// place, another process, missing pieces. It returns the absolute path.
func prepareFolder(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("data folder %s: %w", path, err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", fmt.Errorf("cannot make the data folder %s: %w; choose another path or mend its rights", path, err)
	}
	probe, err := os.CreateTemp(path, ".writable-*")
	if err != nil {
		return "", fmt.Errorf("cannot write to the data folder %s: %w; choose another path or mend its rights", path, err)
	}
	_, full := probe.WriteString("there is room")
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return "", fmt.Errorf("data folder %s: %w", path, err)
	}
	if full != nil {
		return "", fmt.Errorf("cannot write to the data folder %s: %w; make room on its disk or choose another path",
			path, full)
	}
	if err := checkUnused(path); err != nil {
		return "", err
	}
	return path, checkComplete(path)
}

// checkUnused looks at the lock that the engine holds on <path>/status.
func checkUnused(path string) error {
	f, err := os.OpenFile(filepath.Join(path, "status"), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data folder %s: %w", path, err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return inUse(path, owner(f))
	}
	return nil // closing gives the lock back
}

func inUse(path, owner string) error {
	return fmt.Errorf("the data folder %s is in use by %s: stop that process, use its URL, or choose another path",
		path, owner)
}

// owner reads the process id that the engine wrote into its lock file.
func owner(f *os.File) string {
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if pid, ok := strings.CutPrefix(lines.Text(), "PID: "); ok {
			return "process " + pid
		}
	}
	return "another process"
}

// grammar is what a syntax error lists at length.
var grammar = regexp.MustCompile(`\s*\. Expected one of: [^:]*: `)

// startFailure explains why the engine did not start on a folder that looked usable.
func startFailure(path, said string, err error) error {
	if strings.HasPrefix(said, "Code: 76.") {
		return inUse(path, "another process")
	}
	if said == "" {
		said = err.Error()
	}
	return fmt.Errorf("the embedded ClickHouse cannot start on %s, its data may be damaged or from a newer version: "+
		"%s; restore the folder from a copy, or move it away to begin anew", path, grammar.ReplaceAllString(said, ". "))
}
