package faults

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

// smallDisk is a file system of its own that a process has in the place of a folder. It is gone with the process.
type smallDisk struct{ folder string }

// command runs the program with the disk, of so many MiB.
func (d smallDisk) command(size int, args ...string) *exec.Cmd {
	script := `mkdir -p "$1" && mount -t tmpfs -o size=$0m,mode=0777 tmpfs "$1" && shift && exec "$@"`
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, strconv.Itoa(size), d.folder}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	return cmd
}

// newSmallDisk skips the test where a user may not mount anything, not even for itself.
func newSmallDisk(t *testing.T, folder string) smallDisk {
	t.Helper()
	d := smallDisk{folder}
	if text, err := d.command(1, "true").CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted here: %v %s", err, text)
	}
	return d
}

// fill takes all space but the bytes; free gives it back.
func (d smallDisk) fill(t *testing.T, p *process, spare int) (free func()) {
	t.Helper()
	name := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "root", d.folder, "filler")
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

// The disk of the collector's queue is full while the store is away, and still when it is back.
func TestAFullDiskUnderTheQueue(t *testing.T) {
	s := newSystem(t)
	disk := newSmallDisk(t, s.queue)
	s.collectorProcess = run(t, disk.command(16, program, "collector", "--config", s.config))
	sent := newSenders(t, s, 21)
	sent.start(t)
	eventually(t, func() bool { return sent.traces.progress() > 0 && sent.logs.progress() > 0 }, "the collector is there")
	free := disk.fill(t, s.collectorProcess, 100<<10)
	eventually(t, func() bool {
		return s.collectorProcess.said.has("there is no room for the sending queue in " + s.queue)
	},
		"what is full is named")
	eventually(t, func() bool { return sent.backpressure() > 10 }, "senders are told to come again")

	s.startStore(t)
	s.awaitStore(t)
	accepted := sent.traces.progress()
	eventually(t, func() bool {
		stored, err := strconv.Atoi(s.ask("SELECT uniqExact(SpanId) FROM otel_traces"))
		return err == nil && stored >= accepted
	}, "what was accepted is stored although the disk is full")
	free()
	requireExactlyOnce(t, s, sent)
	require.True(t, s.collectorProcess.running())
}

// The store's disk is full: what was accepted waits in the queue until there is room.
func TestAFullDiskUnderTheStore(t *testing.T) {
	s := newSystem(t)
	disk := newSmallDisk(t, s.data)
	s.storeProcess = run(t, disk.command(200, program, "store", "--path", s.data, "--listen", s.storeAddress))
	s.awaitStore(t)
	s.startCollector(t)
	sent := newSenders(t, s, 22)
	sent.start(t)
	eventually(t, func() bool { return sent.traces.progress() > 0 && sent.logs.progress() > 0 }, "the collector is there")
	free := disk.fill(t, s.storeProcess, 0)
	eventually(t, func() bool { return s.collectorProcess.said.has("the store's disk is full") }, "what is full is named")
	accepted := sent.traces.progress()
	eventually(t, func() bool { return sent.traces.progress() > accepted+500 }, "senders do not notice")
	free()
	requireExactlyOnce(t, s, sent)
	require.True(t, s.storeProcess.running())
}
