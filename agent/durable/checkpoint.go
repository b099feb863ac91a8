// Package durable keeps checkpoints on disk: versioned JSON, replaced as a whole, so that after a crash the file is the
// old one or the new one.
package durable

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const remedy = "let this user read and write the file and its folder, or name another file as checkpoint"

// Load reads the checkpoint into a value whose format has the version; another one is refused, never reinterpreted.
// Only a file that does not exist is a fresh start, for which found is false; one that cannot be read or understood is
// an error, as starting afresh would read everything again, or miss what is older than the initial history.
func Load(path string, version int, into any) (found bool, err error) {
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read checkpoint: %w; %s", err, remedy)
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return false, Unusable(path, err)
	}
	if head.Version != version {
		return false, Unusable(path, fmt.Errorf("it has version %d, this program reads version %d", head.Version, version))
	}
	if err := json.Unmarshal(body, into); err != nil {
		return false, Unusable(path, err)
	}
	return true, nil
}

// Unusable is the error about a checkpoint with something wrong in it.
func Unusable(path string, err error) error {
	return fmt.Errorf("checkpoint %s is unusable: %w; restore it from a backup, or move it away to start afresh from the "+
		"initial history (what is sent twice is stored once)", path, err)
}

// Save replaces the checkpoint by the value, which has the version among its members. When it returns, it is on disk.
func Save(path string, value any) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write checkpoint %s: %w; %s", path, err, remedy)
		}
	}()
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	next := path + ".next"
	if err := writeSynced(next, body); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDir(dir)
}

func writeSynced(path string, body []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, werr := f.Write(body)
	return errors.Join(werr, f.Sync(), f.Close())
}

// syncDir makes the rename durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
