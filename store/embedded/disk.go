package embedded

import (
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/coder/quartz"
	"golang.org/x/sys/unix"
)

const (
	roomCheck   = 100 * time.Millisecond // between two attempts of a write on a full disk
	roomWarning = time.Minute            // between two warnings of one
)

// disk decides what becomes of the engine's writes that the disk refuses. They cannot fail: see chdb.Load.
type disk struct {
	log      *slog.Logger
	clock    quartz.Clock
	exit     func(status int)
	stopping chan struct{}

	mu     sync.Mutex
	warned time.Time
}

func newDisk(log *slog.Logger) *disk {
	return &disk{log: log, clock: quartz.NewReal(), exit: os.Exit, stopping: make(chan struct{})}
}

// refused returns when the write is to be tried again: a full disk may get room. Any other failure ends the process at
// once, and so does one after stop, which would otherwise wait for room for ever: nothing half written counts then, as
// when the machine loses its power.
func (d *disk) refused(file string, err error) {
	switch {
	case !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EDQUOT):
		d.end("the store ends because its disk fails: have the disk checked before starting it again", file, err)
	case d.stopped():
		d.end("the store ends while its disk is full: what was being written and not answered yet is dropped", file, err)
	default:
		d.warn(file, err)
		timer := d.clock.NewTimer(roomCheck)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-d.stopping:
		}
	}
}

func (d *disk) end(why, file string, err error) {
	d.log.Error(why, "file", file, "error", err)
	d.exit(1)
}

func (d *disk) stopped() bool {
	select {
	case <-d.stopping:
		return true
	default:
		return false
	}
}

func (d *disk) warn(file string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := d.clock.Now(); d.warned.IsZero() || now.Sub(d.warned) >= roomWarning {
		d.warned = now
		d.log.Warn("the store's disk is full: inserts wait or are refused until there is room", "file", file, "error", err)
	}
}

// stop has no write wait any longer: each is tried once more.
func (d *disk) stop() { close(d.stopping) }
