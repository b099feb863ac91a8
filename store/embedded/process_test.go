package embedded_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// batch is a Native block of rows that all carry the writer's and the batch's number.
func batch(writer, number uint64, rows int) []byte {
	var b proto.Buffer
	b.PutUVarInt(4)
	b.PutUVarInt(uint64(rows))
	for name, value := range map[string]uint64{"writer": writer, "number": number} {
		b.PutString(name)
		b.PutString("UInt64")
		for range rows {
			b.PutUInt64(value)
		}
	}
	b.PutString("row")
	b.PutString("UInt64")
	for i := range rows {
		b.PutUInt64(uint64(i))
	}
	b.PutString("payload")
	b.PutString("String")
	for range rows {
		b.PutString("some payload that is somewhat long")
	}
	return b.Buf
}

// TestKillLosesNothing kills a server with SIGKILL in the middle of inserts. Every answered insert has to be there
// afterwards, and every insert as a whole or not at all.
func TestKillLosesNothing(t *testing.T) {
	const writers, rows, killAfter = 4, 2000, 60
	path := t.TempDir()
	p := startProcess(t, path)
	c := clientOf(t, p.url)
	c.must("CREATE TABLE t (writer UInt64, number UInt64, row UInt64, payload String) ENGINE = MergeTree ORDER BY (writer, number)")

	var mu sync.Mutex
	answered := map[string]bool{}
	var writing sync.WaitGroup
	for w := range uint64(writers) {
		writing.Go(func() {
			for n := uint64(0); ; n++ {
				r, err := c.with("query", "INSERT INTO t FORMAT Native").do(http.MethodPost, bytes.NewReader(batch(w, n, rows)))
				if err != nil || r.status != http.StatusOK {
					return
				}
				mu.Lock()
				answered[fmt.Sprintf("%d\t%d", w, n)] = true
				enough := len(answered) == killAfter
				mu.Unlock()
				if enough {
					p.Process.Kill() //nolint:errcheck // the test fails below if it lives on
				}
			}
		})
	}
	writing.Wait()
	require.GreaterOrEqual(t, len(answered), killAfter)

	c = clientOf(t, startProcess(t, path).url)
	stored := c.must("SELECT writer, number FROM t GROUP BY writer, number HAVING count() = 2000 AND uniqExact(row) = 2000")
	require.Equal(t, "0", c.must("SELECT count() FROM (SELECT count() AS n FROM t GROUP BY writer, number HAVING n != 2000)"))
	for _, line := range strings.Split(stored, "\n") {
		delete(answered, line)
	}
	require.Empty(t, answered, "answered, but lost")
}

func TestFolderInUseByAnotherProcess(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	path := t.TempDir()
	p := startProcess(t, path)
	_, err := embedded.Open(t.Context(), embedded.Config{Path: path, Listen: "127.0.0.1:0"})
	require.ErrorContains(t, err, fmt.Sprintf("the data folder %s is in use by process %d: stop that process", path, p.Process.Pid))
	p.stop(t)
	open(t, embedded.Config{Path: path})
}

func TestTimezoneIsUTCEverywhere(t *testing.T) {
	c := clientOf(t, startProcess(t, t.TempDir(), "TZ=Asia/Tokyo").url)
	require.Equal(t, "UTC\t1970-01-01 00:00:00", c.must("SELECT timezone(), toString(toDateTime(0))"))
}

// Loading the engine must not leave marks on the process: Go's own signals, child processes and their ends.
func TestEngineLeavesTheProcessAlone(t *testing.T) {
	c := newClient(t)
	c.must("SELECT 1")

	require.Panics(t, func() {
		var nothing *struct{ field int }
		nothing.field++ // SIGSEGV, which Go turns into a panic
	})

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	defer signal.Stop(signals)
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	select {
	case <-signals:
	case <-time.After(10 * time.Second):
		t.Fatal("no signal arrived")
	}
}

func TestChildrenInheritNoSignalMask(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	c := newClient(t)
	inherited := masksBeforeEngine // what the tests were started with, which need not be nothing
	require.Len(t, inherited, 2)
	var children sync.WaitGroup
	for range 8 {
		children.Go(func() {
			runtime.LockOSThread() // each from a thread of its own, on which the engine has been
			defer runtime.UnlockOSThread()
			for range 3 {
				c.must("SELECT count() FROM numbers(1000)")
				masks := childMasks()
				if len(masks) != 2 {
					t.Error("a child did not end well")
				}
				for name, mask := range masks {
					if more := mask &^ inherited[name]; more != 0 {
						t.Errorf("a child starts with signals %#x in its %s that the tests did not start with", more, name)
					}
				}
			}
		})
	}
	children.Wait()
}

// masksBeforeEngine is childMasks before the engine's library is loaded; TestMain sets it.
var masksBeforeEngine map[string]uint64

// childMasks is which signals a child process starts with blocked and ignored, by the name in /proc; empty when the
// child did not end well, which needs SIGCHLD and wait to work.
func childMasks() map[string]uint64 {
	masks := map[string]uint64{}
	out, err := exec.Command("grep", "-E", "SigBlk|SigIgn", "/proc/self/status").Output()
	if err != nil {
		return masks
	}
	for line := range strings.Lines(string(out)) {
		name, text, _ := strings.Cut(line, ":")
		if mask, err := strconv.ParseUint(strings.TrimSpace(text), 16, 64); err == nil {
			masks[name] = mask
		}
	}
	return masks
}

func TestManyAtOnce(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (writer UInt64, number UInt64, row UInt64, payload String) ENGINE = MergeTree ORDER BY (writer, number)")
	var clients sync.WaitGroup
	for w := range uint64(24) { // more than may run at once
		clients.Go(func() {
			for n := range uint64(3) {
				if r := c.upload("INSERT INTO t FORMAT Native", bytes.NewReader(batch(w, n, 500))); r.status != http.StatusOK {
					t.Error(r.body)
				}
				if got := c.must(fmt.Sprintf("SELECT count() FROM t WHERE writer = %d", w)); got != fmt.Sprint((n+1)*500) {
					t.Errorf("writer %d read %s rows after %d batches", w, got, n+1)
				}
				c.refused("60", "SELECT * FROM nope")
				runtime.GC()
			}
		})
	}
	clients.Wait()
	require.Equal(t, "36000", c.must("SELECT count() FROM t"))
}

// TestMemory holds the engine to what docs/embedded-store.md promises for one laptop.
func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	p := startProcess(t, t.TempDir())
	c := clientOf(t, p.url)
	idle := memory(t, p.Process.Pid, "VmRSS")
	c.must("CREATE TABLE t (writer UInt64, number UInt64, row UInt64, payload String, " +
		"attributes Map(LowCardinality(String), String) DEFAULT map('a', payload, 'b', toString(row), 'c', toString(number))) " +
		"ENGINE = MergeTree ORDER BY (writer, number)")
	for n := range uint64(20) {
		require.Empty(t, c.upload("INSERT INTO t FORMAT Native", bytes.NewReader(batch(0, n, 10_000))).body)
	}
	require.Equal(t, "200000", c.must("SELECT count() FROM t"))
	peak := memory(t, p.Process.Pid, "VmHWM")
	t.Logf("idle %d MiB, at most %d MiB while 200,000 rows came in", idle>>20, peak>>20)
	require.Less(t, idle, 300<<20)
	require.Less(t, peak, 600<<20)
	p.stop(t)
}

// memory reads a line such as "VmRSS:   1234 kB", in bytes.
func memory(t *testing.T, pid int, name string) int {
	t.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "status"))
	require.NoError(t, err)
	m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindStringSubmatch(string(status))
	require.NotNil(t, m)
	kilobytes, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	return kilobytes << 10
}
