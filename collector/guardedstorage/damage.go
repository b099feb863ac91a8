package guardedstorage

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	berrors "go.etcd.io/bbolt/errors"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"github.com/steptrace/steptrace/collector/guardedstorage/boltfile"
)

var errDamaged = errors.New("the file is damaged")

// checkFile looks for damage before the file is opened, for bbolt panics on some and is misled by other. With recreate
// a damaged file is moved aside.
func (g *guarded) checkFile(path string, logger *zap.Logger) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the file %s: %w", path, err)
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil // another process writes it, which opening it will tell
	}
	size, err := file.Seek(0, 2)
	if err != nil {
		return fmt.Errorf("read the file %s: %w", path, err)
	}
	if size == 0 {
		logger.Warn("the file is empty, which is right only when the process was killed as it made it; begins anew")
		return nil
	}
	damage := boltfile.Check(file, size)
	if damage == nil {
		return nil
	}
	if errors.Is(damage, boltfile.ErrHead) {
		logger.Error("the sending queue is damaged: what was accepted last may be missing", zap.NamedError("damage", damage))
		return nil
	}
	if !g.cfg.Recreate {
		return damaged(path, damage)
	}
	return moveAside(path, damage, logger)
}

func damaged(path string, damage error) error {
	return fmt.Errorf("the sending queue in %s is damaged (%w): what it holds was accepted and may not be stored; "+
		"restore it from a copy, or move it away, or set recreate in file_storage to have that done, to begin with an "+
		"empty queue", path, damage)
}

// moveAside leaves the file as it is, under another name.
func moveAside(path string, damage error, logger *zap.Logger) error {
	aside := path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000")
	if err := os.Rename(path, aside); err != nil {
		return fmt.Errorf("%w; it cannot be moved away: %w", damaged(path, damage), err)
	}
	logger.Error("the sending queue was damaged: its file was moved aside as it is, and an empty queue begins. "+
		"What it holds was accepted and may not be stored",
		zap.String("moved_to", aside), zap.NamedError("damage", damage))
	return nil
}

// explainOpen says how to mend what keeps a file from being opened.
func explainOpen(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("the file %s is in use by another process: stop it, or give this one another directory in "+
			"file_storage", path)
	case errors.Is(err, errDamaged):
		return damaged(path, err)
	case full(err):
		return explainFull(path, err)
	}
	return fmt.Errorf("open the file %s: %w", path, err)
}

// full tells whether there is no room for a file to grow.
func full(err error) bool {
	for _, reason := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, storage.ErrStorageFull} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

func explainFull(path string, err error) error {
	return fmt.Errorf("there is no room for the sending queue in %s: make room on its disk, or raise max_size in "+
		"file_storage; what was accepted is kept, and senders are refused until then: %w", path, err)
}
