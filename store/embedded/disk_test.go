package embedded

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// testDisk has a clock that only the test turns, and notes instead of ending the process.
func testDisk(t *testing.T) (d *disk, clock *quartz.Mock, said *bytes.Buffer, exits chan int) {
	said, exits, clock = &bytes.Buffer{}, make(chan int, 1), quartz.NewMock(t)
	d = newDisk(slog.New(slog.NewTextHandler(said, nil)))
	d.clock, d.exit = clock, func(status int) { exits <- status }
	return d, clock, said, exits
}

func TestFullDiskIsTriedAgain(t *testing.T) {
	d, clock, said, _ := testDisk(t)
	for i := range 601 { // a minute and one
		done, begun := make(chan struct{}), clock.Trap().NewTimer()
		go func() {
			d.refused("/data/x.bin", unix.ENOSPC)
			close(done)
		}()
		begun.MustWait(t.Context()).MustRelease(t.Context())
		begun.Close()
		clock.Advance(roomCheck).MustWait(t.Context())
		<-done
		if want := 1 + i/600; strings.Count(said.String(), "the store's disk is full") != want {
			t.Fatalf("after %d attempts it has not been said %d times: %s", i+1, want, said)
		}
	}
	require.Contains(t, said.String(), `file=/data/x.bin error="no space left on device"`)
}

func TestStopDoesNotWaitForRoom(t *testing.T) {
	d, clock, said, exits := testDisk(t)
	begun := clock.Trap().NewTimer()
	done := make(chan struct{})
	go func() {
		d.refused("/data/x.bin", unix.EDQUOT)
		close(done)
	}()
	begun.MustWait(t.Context()).MustRelease(t.Context())
	begun.Close()
	d.stop()
	<-done // to be tried once more: there may be room by now
	require.Empty(t, exits)
	d.refused("/data/x.bin", unix.EDQUOT)
	require.Equal(t, 1, <-exits)
	require.Contains(t, said.String(), "the store ends while its disk is full")
}

func TestFailingDiskEndsTheProcess(t *testing.T) {
	d, _, said, exits := testDisk(t)
	d.refused("/data/x.bin", unix.EIO)
	require.Equal(t, 1, <-exits)
	require.Contains(t, said.String(), `level=ERROR msg="the store ends because its disk fails`)
}
