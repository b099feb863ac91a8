package embeddedtest

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// SmallDisk is a file system of its own that a process has in the place of a folder. It is gone with the process.
type SmallDisk struct{ folder string }

// NewSmallDisk skips the test where a user may not mount anything, not even for itself.
func NewSmallDisk(t *testing.T, folder string) SmallDisk {
	t.Helper()
	d := SmallDisk{folder}
	if text, err := d.Command(1, "true").CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted here: %v %s", err, text)
	}
	return d
}

// Command runs the program with the disk, of so many MiB.
func (d SmallDisk) Command(size int, args ...string) *exec.Cmd {
	script := `mkdir -p "$1" && mount -t tmpfs -o size=$0m,mode=0777 tmpfs "$1" && shift && exec "$@"`
	args = append([]string{"-c", script, strconv.Itoa(size), d.folder}, args...)
	cmd := exec.Command("/bin/sh", args...) //nolint:noctx // the test's own
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	return cmd
}

// Fill takes all space but the bytes from the process that runs with the disk; free gives it back.
func (d SmallDisk) Fill(t *testing.T, p *os.Process, spare int) (free func()) {
	t.Helper()
	name := filepath.Join("/proc", strconv.Itoa(p.Pid), "root", d.folder, "filler")
	filler, err := os.Create(name)
	require.NoError(t, err)
	defer filler.Close()
	size, err := io.Copy(filler, endless{})
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, filler.Truncate(max(0, size-int64(spare))))
	return func() { require.NoError(t, os.Remove(name)) }
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
