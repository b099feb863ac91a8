package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const suffix = ".journal"

// Open makes a journal in the folder. Those of one name are of processes that can send for each other. preamble is what
// is common to all entries.
func Open(dir, name string, preamble []byte) (*Journal, error) {
	file, err := os.CreateTemp(dir, name+"-*"+suffix) // for this user only
	if err != nil {
		return nil, fmt.Errorf("make a journal: %w", err)
	}
	j, err := mapped(file, preamble)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the journal %s: %w", file.Name(), err), file.Close(), os.Remove(file.Name()))
	}
	return j, nil
}

func mapped(file *os.File, preamble []byte) (*Journal, error) {
	fd := int(file.Fd())
	// The lock ends with the process, and tells others that this one lives.
	if err := syscall.Flock(fd, syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := syscall.Fallocate(fd, 0, 0, fileSize); err != nil {
		return nil, fmt.Errorf("reserve %d bytes: %w", fileSize, err)
	}
	memory, err := syscall.Mmap(fd, 0, fileSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	j := &Journal{memory: memory, close: func() error {
		return errors.Join(syscall.Munmap(memory), os.Remove(file.Name()), file.Close())
	}}
	if !j.begin(preamble) {
		return nil, errors.Join(errors.New("the preamble is too long"), syscall.Munmap(memory))
	}
	return j, nil
}

// Close removes the journal and all that is in it.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	return j.close()
}

// Left is what a process has left behind that has not sent it. Nobody else takes it as long as it is not done with.
type Left struct {
	Preamble, Entries, Held []byte
	file                    *os.File
}

// Done removes it.
func (l *Left) Done() { _ = errors.Join(os.Remove(l.file.Name()), l.file.Close()) } // whoever is next tries again

// maxLeft bounds what one process takes over.
const maxLeft = 8

// Take finds what processes of the name have left in the folder.
func Take(dir, name string) []*Left {
	paths, _ := filepath.Glob(filepath.Join(dir, name+"-*"+suffix)) // the pattern is well-formed
	var left []*Left
	for _, path := range paths {
		if l := take(path); l != nil {
			if left = append(left, l); len(left) == maxLeft {
				break
			}
		}
	}
	return left
}

// take is nil for the journal of a process that lives, one that another takes, and one without anything in it.
func take(path string) *Left {
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil
	}
	l := &Left{file: file}
	if !own(file) || syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		_ = file.Close()
		return nil
	}
	body := make([]byte, fileSize)
	n, _ := file.ReadAt(body, 0) // what is short is no journal
	var ok bool
	l.Preamble, l.Entries, l.Held, ok = read(body[:n])
	if !ok || len(l.Entries)+len(l.Held) == 0 {
		l.Done()
		return nil
	}
	return l
}

// own is false for what another user has put there, and for what may be in the making.
func own(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() < fileSize && time.Since(info.ModTime()) < time.Minute {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
