package chdb

import (
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// errno is what C would see in its errno after the write.
func testWriter(t *testing.T) (w *writer, errno *int32) {
	t.Helper()
	errno = new(int32)
	w = &writer{errno: func() uintptr { return uintptr(unsafe.Pointer(errno)) }}
	refused := Refused(func(file string, err error) { t.Errorf("%s was refused: %v", file, err) })
	w.refused.Store(&refused)
	return w, errno
}

func (w *writer) writeText(f *os.File, text string) int {
	return w.write(int32(f.Fd()), uintptr(unsafe.Pointer(unsafe.StringData(text))), uintptr(len(text)))
}

func TestWriteIsWrite(t *testing.T) {
	w, _ := testWriter(t)
	name := filepath.Join(t.TempDir(), "file")
	f, err := os.Create(name)
	require.NoError(t, err)
	require.Equal(t, 3, w.writeText(f, "abc"))
	require.Equal(t, 2, w.writeText(f, "de"))
	require.NoError(t, f.Close())
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "abcde", string(text))
}

// What is no disk's refusal is returned as write(2) returns it.
func TestWriteFails(t *testing.T) {
	t.Run("by the call", func(t *testing.T) {
		w, errno := testWriter(t)
		require.Equal(t, -1, w.write(-1, 0, 0))
		require.Equal(t, int32(unix.EBADF), *errno)
	})
	t.Run("not on a file", func(t *testing.T) {
		w, errno := testWriter(t)
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		require.NoError(t, err)
		defer full.Close()
		require.Equal(t, -1, w.writeText(full, "abc"))
		require.Equal(t, int32(unix.ENOSPC), *errno)
	})
}
