package embedded_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// onSmallDisk starts a server on a disk of so many MiB.
func onSmallDisk(t *testing.T, size int) (*process, embeddedtest.SmallDisk, *said) {
	t.Helper()
	path := t.TempDir()
	disk := embeddedtest.NewSmallDisk(t, path)
	stderr := &said{}
	return startServer(t, disk.Command(size, os.Args[0]), path, stderr), disk, stderr
}

// said is what a process says.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *said) has(text string) bool { return strings.Contains(s.String(), text) }

// writers insert one row of many columns after the other, each with a number of its own, into a table with a view.
type writers struct {
	c         *client
	stop      chan struct{}
	running   sync.WaitGroup
	mu        sync.Mutex
	answered  map[string]bool
	refusals  atomic.Int64
	successes atomic.Int64
}

func startWriters(t *testing.T, c *client) *writers {
	t.Helper()
	const columns = 40 // as many small files and marks as a table of spans
	declared, random := "number UInt64", ""
	for i := range columns {
		declared += fmt.Sprintf(", c%d String", i)
		random += fmt.Sprintf(", toString(rand64(%d))", i)
	}
	for _, table := range []string{"t", "v"} {
		c.must("CREATE TABLE " + table + " (" + declared + ") ENGINE = MergeTree ORDER BY number " +
			"SETTINGS non_replicated_deduplication_window = 100")
	}
	c.must("CREATE MATERIALIZED VIEW m TO v AS SELECT * FROM t")
	w := &writers{c: c, stop: make(chan struct{}), answered: map[string]bool{}}
	for i := range 4 {
		w.running.Go(func() { w.write(i, random) })
	}
	t.Cleanup(w.end)
	return w
}

func (w *writers) write(writer int, random string) {
	for n := writer; ; n += 4 {
		select {
		case <-w.stop:
			return
		default:
		}
		r, err := w.c.do(http.MethodPost, strings.NewReader(fmt.Sprintf("INSERT INTO t SELECT %d%s", n, random)))
		switch {
		case err != nil:
			return
		case r.status != http.StatusOK:
			w.refusals.Add(1)
		default:
			w.successes.Add(1)
			w.mu.Lock()
			w.answered[fmt.Sprint(n)] = true
			w.mu.Unlock()
		}
	}
}

func (w *writers) end() {
	select {
	case <-w.stop:
	default:
		close(w.stop)
	}
	w.running.Wait()
}

// await waits until the counter has grown by so much.
func await(t *testing.T, counter *atomic.Int64, by int64) {
	t.Helper()
	target := counter.Load() + by
	require.Eventually(t, func() bool { return counter.Load() >= target }, time.Minute, time.Millisecond)
}

// The disk becomes full again and again while rows are inserted and merged.
func TestFullDiskLosesNothing(t *testing.T) {
	p, disk, stderr := onSmallDisk(t, 120)
	c := clientOf(t, p.url)
	w := startWriters(t, c)
	for range 8 {
		await(t, &w.successes, 30)
		free := disk.Fill(t, p.Process, 0)
		await(t, &w.refusals, 5)
		free()
	}
	w.end()
	for _, table := range []string{"t", "v"} {
		parts := c.with("check_query_single_value_result", "0").must("CHECK TABLE " + table + " FORMAT TSV")
		for _, part := range strings.Split(parts, "\n") {
			require.Equal(t, "1", strings.Split(part, "\t")[1], part)
		}
		stored := map[string]bool{}
		for _, number := range strings.Split(c.must("SELECT number FROM "+table), "\n") {
			stored[number] = true
		}
		for number := range w.answered {
			require.True(t, stored[number], "answered, but not in %s: %s", table, number)
		}
	}
	require.NoError(t, p.stdin.Close())
	require.NoError(t, p.Wait(), stderr)
}

// A server that is stopped while it waits for room ends all the same.
func TestStopOnAFullDisk(t *testing.T) {
	p, disk, stderr := onSmallDisk(t, 120)
	w := startWriters(t, clientOf(t, p.url))
	waits := func() bool {
		return stderr.has("the store's disk is full: inserts wait or are refused until there is room")
	}
	for { // until it becomes full in the midst of a write
		await(t, &w.successes, 10)
		free := disk.Fill(t, p.Process, 0)
		await(t, &w.refusals, 5)
		if waits() {
			break
		}
		free()
	}
	require.NoError(t, p.stdin.Close())
	require.ErrorContains(t, p.Wait(), "exit status 1")
	require.True(t, stderr.has("the store ends while its disk is full"))
}

// A server does not start where it could not even note what it does.
func TestStartOnAFullDisk(t *testing.T) {
	path := t.TempDir()
	fill := `head -c 2M /dev/zero >"$0/filler"; exec "$@"`
	cmd := embeddedtest.NewSmallDisk(t, path).Command(1, "/bin/sh", "-c", fill, path, os.Args[0])
	cmd.Env = append(os.Environ(), envServe+"="+path)
	text, err := cmd.CombinedOutput()
	require.ErrorContains(t, err, "exit status 1")
	require.Contains(t, string(text), "cannot write to the data folder "+path+": ")
	require.Contains(t, string(text), "no space left on device; make room")
}
