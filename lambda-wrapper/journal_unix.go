//go:build unix

package wrapper

import (
	"fmt"
	"os"
	"syscall"
)

// openJournal maps the file and returns what an earlier process has left in it. The file is held by one process at a
// time.
func openJournal(path string) (*journal, []byte, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the journal: %w", err)
	}
	memory, err := mapFile(file)
	if err != nil {
		_ = file.Close()
		return nil, nil, fmt.Errorf("map the journal %s: %w", path, err)
	}
	j := &journal{memory: memory, file: file} // a closed file would lose its lock
	return j, j.recover(), nil
}

func mapFile(file *os.File) ([]byte, error) {
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() != journalLength {
		// Written and not just sized: touching a page that a full disk has no room for would end the process.
		if _, err := file.WriteAt(make([]byte, journalLength), 0); err != nil {
			return nil, err
		}
		if err := file.Truncate(journalLength); err != nil {
			return nil, err
		}
	}
	return syscall.Mmap(int(file.Fd()), 0, journalLength, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
}

func (j *journal) close() {
	if j != nil {
		_ = syscall.Munmap(j.memory)
		_ = j.file.Close()
	}
}
