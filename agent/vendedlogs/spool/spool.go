// Package spool keeps on disk the log lines that were pushed, until the executions that they are of were handed over as
// a whole: who pushed them has got an answer and does not send them again.
//
// It is a folder of segments that are only appended to. Lines go with their segment, when all in it are too old to be
// of an execution that is held.
package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// Bounds of a segment, after which the next one begins.
const (
	segmentBytes = 8 << 20
	segmentTime  = time.Minute
)

// Spool is safe for concurrent use.
type Spool struct {
	dir     string
	most    int64
	mu      sync.Mutex
	old     []segment // that are not written to any more, ascending
	current *os.File  // nil until something is written
	now     segment

	replayed bool // before that, what is there is not known
}

// entry is what one request had.
type entry struct {
	Arrived  time.Time            `json:"arrived"`
	Messages []vendedlogs.Message `json:"messages"`
}

// Open makes the folder when there is none. At most the given bytes are kept: what is older is let go.
func Open(dir string, most int64) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open spool: %w; %s", err, remedy)
	}
	s := &Spool{dir: dir, most: most}
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		var g segment
		if _, err := fmt.Sscanf(filepath.Base(name), "%d.jsonl", &g.number); err != nil {
			return nil, fmt.Errorf("spool %s: %s is no segment of it; move it away", dir, filepath.Base(name))
		}
		s.old = append(s.old, g)
	}
	slices.SortFunc(s.old, func(a, b segment) int { return a.number - b.number })
	if len(s.old) > 0 {
		s.now.number = s.old[len(s.old)-1].number + 1
	}
	return s, nil
}

const remedy = "let this user read and write the folder, or name another one as spool"

// Append keeps log events that arrived at the time. When it returns they are on disk.
func (s *Spool) Append(arrived time.Time, messages []vendedlogs.Message) error {
	body, err := json.Marshal(entry{arrived, messages})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(arrived, append(body, '\n')); err != nil {
		// What of it is on disk is no whole line: nothing may follow it.
		return errors.Join(fmt.Errorf("write spool %s: %w; %s", s.dir, err, remedy), s.rotate())
	}
	return nil
}

func (s *Spool) write(arrived time.Time, line []byte) error {
	if s.current != nil && (s.now.size >= segmentBytes || arrived.Sub(s.now.first) >= segmentTime) {
		if err := s.rotate(); err != nil {
			return err
		}
	}
	if s.current == nil {
		f, err := os.OpenFile(s.path(s.now.number), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		s.current, s.now.first = f, arrived
		if err := syncDir(s.dir); err != nil {
			return err
		}
	}
	if _, err := s.current.Write(line); err != nil {
		return err
	}
	s.now.size += int64(len(line))
	s.now.cover(arrived)
	return s.current.Sync()
}

// rotate ends the current segment.
func (s *Spool) rotate() error {
	if s.current == nil {
		return nil
	}
	err := s.current.Close()
	s.old = append(s.old, s.now)
	s.current, s.now = nil, segment{number: s.now.number + 1}
	return err
}

// Bound is before when lines have to go to keep within the bytes; zero when they do not have to.
func (s *Spool) Bound() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := s.now.size
	if !s.replayed {
		return time.Time{}
	}
	for _, g := range slices.Backward(s.old) {
		if total += g.size; total > s.most {
			return g.last.Add(1)
		}
	}
	return time.Time{}
}

// Floor is when the first line arrived of what stays when the segments before the time are dropped.
func (s *Spool) Floor(before time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.replayed {
		return time.Time{}
	}
	stays := slices.DeleteFunc(slices.Clone(s.old), func(g segment) bool { return g.last.Before(before) })
	if s.current != nil {
		stays = append(stays, s.now)
	}
	if len(stays) > 0 && stays[0].first.Before(before) {
		return stays[0].first
	}
	return before
}

// Drop lets the segments go all of whose lines arrived before the time.
func (s *Spool) Drop(before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.now.last.Before(before) {
		if err := s.rotate(); err != nil {
			return err
		}
	}
	for s.replayed && len(s.old) > 0 && s.old[0].last.Before(before) {
		if err := os.Remove(s.path(s.old[0].number)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("let go of spool %s: %w; %s", s.dir, err, remedy)
		}
		s.old = s.old[1:]
	}
	return nil
}

// Close ends writing. What is kept stays on disk.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rotate()
}

func (s *Spool) path(number int) string {
	return filepath.Join(s.dir, fmt.Sprintf("%012d.jsonl", number))
}

// syncDir makes a new file durable.
func syncDir(path string) error {
	d, err := os.Open(path) // #nosec G304 -- the configured folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
