// Package worklist keeps on disk which executions a backfill is to read: there can be millions of them. Entries are
// written once and read in order. How much of the file counts, its owner remembers.
package worklist

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Entry is an execution, as the listing of its state machine had it.
type Entry struct {
	ARN          string    `json:"arn"`
	StateMachine string    `json:"m"`
	Version      string    `json:"v,omitempty"`
	Started      time.Time `json:"t"`
	Stopped      time.Time `json:"e,omitzero"`
	Status       string    `json:"s"`
	RedriveCount int       `json:"r,omitempty"`
}

// List is an open work list. It is not safe for concurrent use.
type List struct {
	file   *os.File
	writer *bufio.Writer
	size   int64 // with what is not committed
	reader *bufio.Reader
	at     int64 // where the reader is
}

// Open opens the list, of which the first bytes count: what is behind them was never committed.
func Open(path string, bytes int64) (*List, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, failed(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, failed(path, err)
	}
	l := &List{file: f, writer: bufio.NewWriter(io.Discard)}
	info, err := f.Stat()
	if err == nil && info.Size() < bytes {
		err = fmt.Errorf("it has %d bytes, the checkpoint knows of %d", info.Size(), bytes)
	}
	if err == nil {
		err = l.Rollback(bytes)
	}
	if err != nil {
		return nil, errors.Join(failed(path, err), f.Close())
	}
	return l, nil
}

func failed(path string, err error) error {
	return fmt.Errorf("work list %s: %w; let this user read and write it, or remove it and the checkpoint beside it to "+
		"start the backfill afresh", path, err)
}

// Append adds an entry, which counts once it is committed.
func (l *List) Append(e *Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return failed(l.file.Name(), err)
	}
	n, err := l.writer.Write(append(line, '\n'))
	l.size += int64(n)
	if err != nil {
		return failed(l.file.Name(), err)
	}
	return nil
}

// Commit puts everything on disk and returns how many bytes count from now on.
func (l *List) Commit() (bytes int64, err error) {
	if err := errors.Join(l.writer.Flush(), l.file.Sync()); err != nil {
		return 0, failed(l.file.Name(), err)
	}
	l.reader = nil // it ends where the list ended
	return l.size, nil
}

// Rollback drops what is behind the first bytes.
func (l *List) Rollback(bytes int64) error {
	if err := l.file.Truncate(bytes); err != nil {
		return err
	}
	if _, err := l.file.Seek(bytes, io.SeekStart); err != nil {
		return err
	}
	l.writer.Reset(l.file)
	l.size, l.reader = bytes, nil
	return nil
}

// Read returns the committed entry at the offset, and the offset of the next one.
func (l *List) Read(offset int64) (e Entry, next int64, err error) {
	if l.reader == nil || l.at != offset {
		l.reader, l.at = bufio.NewReader(io.NewSectionReader(l.file, offset, l.size-offset)), offset
	}
	line, err := l.reader.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &e)
	}
	if err != nil {
		return Entry{}, 0, failed(l.file.Name(), fmt.Errorf("at byte %d: %w", offset, err))
	}
	l.at += int64(len(line))
	return e, l.at, nil
}

// Close closes the file.
func (l *List) Close() error { return l.file.Close() }

// Remove closes the list and deletes its file.
func (l *List) Remove() error { return errors.Join(l.file.Close(), os.Remove(l.file.Name())) }
