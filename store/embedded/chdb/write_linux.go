package chdb

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// libchdb takes a write that failed for one that was done: where ClickHouse throws, chdb-core leaves the loop
// (src/IO/WriteBufferFromFileDescriptor.cpp). On a full disk it so makes parts of empty files, answers inserts of which
// nothing is stored, and merges what is whole into what is not. So its write(2) is put in the place of the library's.
type writer struct {
	installing sync.Once
	failed     error
	errno      func() uintptr // int *__errno_location(void)
	refused    atomic.Pointer[Refused]
}

// One library is loaded once, however often Load is called, and a function for C is never given back.
var engineWriter writer

// install has the library's writes go to w, and its refused ones be told to refused.
func (w *writer) install(handle uintptr, path string, refused Refused) error {
	w.refused.Store(&refused)
	w.installing.Do(func() {
		errno, err := purego.Dlsym(purego.RTLD_DEFAULT, "__errno_location")
		if err != nil {
			w.failed = err
			return
		}
		purego.RegisterFunc(&w.errno, errno)
		w.failed = redirect(handle, path, "write", purego.NewCallback(w.write))
	})
	return w.failed
}

// write is write(2), except that a disk's refusal is not returned: the write is tried again once that was told.
func (w *writer) write(fd int32, data, size uintptr) int {
	for {
		n, _, errno := unix.Syscall(unix.SYS_WRITE, uintptr(fd), data, size)
		if errno == 0 {
			return int(n)
		}
		refused := *w.refused.Load()
		if refused == nil || !byDisk(errno) || !isFile(fd) {
			*(*int32)(fromC(w.errno())) = int32(errno)
			return -1
		}
		refused(fileName(fd), errno)
	}
}

// byDisk tells errors that speak of the disk from those that speak of the call, such as EINTR.
func byDisk(errno unix.Errno) bool {
	return slices.Contains([]unix.Errno{unix.ENOSPC, unix.EDQUOT, unix.EFBIG, unix.EIO}, errno)
}

func isFile(fd int32) bool {
	var status unix.Stat_t
	return unix.Fstat(int(fd), &status) == nil && status.Mode&unix.S_IFMT == unix.S_IFREG
}

func fileName(fd int32) string {
	name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return fmt.Sprintf("file descriptor %d", fd)
	}
	return name
}
