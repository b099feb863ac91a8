package clickhouseexporter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/coder/quartz"
)

// DeadLetter is where rows go that ClickHouse can never store.
type DeadLetter struct {
	// Path is the file, of which each line is one row.
	Path string `mapstructure:"path"`
	// MaxSize is how large the file may become, in bytes.
	MaxSize int64 `mapstructure:"max_size"`
}

const defaultDeadLetterSize = 100 << 20

// Validate reports a file that cannot hold anything.
func (d *DeadLetter) Validate() error {
	if d.Path == "" {
		return errors.New("path: is missing, name the file that refused rows go to")
	}
	if d.MaxSize <= 0 {
		return fmt.Errorf("max_size: must be a positive number of bytes, not %d", d.MaxSize)
	}
	return nil
}

// appending lets one write at a time: the exporters of all signals share the file.
var appending sync.Mutex

// letters is the dead-letter file. It is opened for each write, so that it may be moved away to be sent again.
type letters struct {
	path    string
	maxSize int64
	clock   quartz.Clock
}

// letter stands in front of the OTLP in a line. OTLP receivers skip what they do not know, so a line is a request too.
type letter struct {
	Time   string `json:"time"`
	Table  string `json:"table"`
	Reason string `json:"reason"`
}

// check finds out early whether the file can be written.
func (l *letters) check() error { return l.append(nil) }

// write returns when the rows are on disk.
func (l *letters) write(found []refused) error {
	var lines bytes.Buffer
	for _, f := range found {
		for row := range f.rows() {
			if err := l.line(&lines, f, f.part(row, row+1)); err != nil {
				return fmt.Errorf("dead_letter: encode a row of %s: %w", f.table(), err)
			}
		}
	}
	return l.append(lines.Bytes())
}

func (l *letters) line(to *bytes.Buffer, f refused, row batch) error {
	head, err := json.Marshal(letter{
		Time: l.clock.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Table: f.table(), Reason: f.reason.Error(),
	})
	if err != nil {
		return err
	}
	otlp, err := row.otlp()
	if err != nil {
		return err
	}
	to.Write(bytes.TrimSuffix(head, []byte("}")))
	to.WriteByte(',')
	to.Write(bytes.TrimPrefix(otlp, []byte("{")))
	to.WriteByte('\n')
	return nil
}

// append adds whole lines or none.
func (l *letters) append(lines []byte) (err error) {
	appending.Lock()
	defer appending.Unlock()
	file, err := os.OpenFile(l.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("dead_letter: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("dead_letter: %w", err)
	}
	size := info.Size()
	if lines, err = afterCut(file, size, lines); err != nil {
		return fmt.Errorf("dead_letter: %w", err)
	}
	if size+int64(len(lines)) > l.maxSize {
		return fmt.Errorf("dead_letter: %s is full (%d of %d bytes, %d to come): send its lines again and move it away, "+
			"or raise max_size", l.path, size, l.maxSize, len(lines))
	}
	if _, err = file.Write(lines); err == nil {
		err = file.Sync()
	}
	if err != nil { // a line cut in the middle would spoil the next
		return fmt.Errorf("dead_letter: %w", errors.Join(err, file.Truncate(size)))
	}
	if size == 0 {
		return syncFolder(filepath.Dir(l.path))
	}
	return nil
}

// afterCut has the lines begin on a line of their own: a process that was killed may have left one that is cut. Its
// rows come again.
func afterCut(file *os.File, size int64, lines []byte) ([]byte, error) {
	if size == 0 || len(lines) == 0 {
		return lines, nil
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, size-1); err != nil {
		return nil, err
	}
	if last[0] == '\n' {
		return lines, nil
	}
	return append([]byte{'\n'}, lines...), nil
}

// syncFolder makes a new file outlive a power failure.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("dead_letter: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("dead_letter: %w", err)
	}
	return nil
}
