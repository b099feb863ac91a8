package collector

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// withRemedy adds to a failed start what mends it, where that is known.
func withRemedy(err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: stop what listens there, or change that endpoint", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: choose a place that this user may use, or change its permissions", err)
	default:
		return err
	}
}
