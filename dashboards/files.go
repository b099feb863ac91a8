// Package dashboards holds what Grafana is provisioned with: data source, app, dashboards and alert rules.
package dashboards

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// files are the folders as Grafana reads them.
//
//go:embed provisioning json
var files embed.FS

// Write puts the provisioning files and the dashboards into a folder, as provisioning/… and json/…, over
// those of an earlier version.
func Write(dir string) error {
	for _, part := range []string{"provisioning", "json"} {
		if err := os.RemoveAll(filepath.Join(dir, part)); err != nil {
			return fmt.Errorf("remove old provisioning files: %w", err)
		}
	}
	return fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o750)
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o600)
	})
}
