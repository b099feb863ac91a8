// Package layerzip puts the layer into the zip that Lambda unpacks to /opt.
package layerzip

import (
	"archive/zip"
	_ "embed"
	"fmt"
	"io"
	"time"
)

//go:embed exec-wrapper
var execWrapper []byte

// Where the parts are below /opt. Lambda starts what is in extensions/, which has to register under its file's name.
const (
	Extension   = "extensions/steptrace"
	ExecWrapper = "steptrace/exec-wrapper"
)

// modified is the same in all zips, so that the same layer is the same zip. It is the first day that zips know.
var modified = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Write writes the zip with the extension's executable.
func Write(to io.Writer, extension []byte) error {
	archive := zip.NewWriter(to)
	for _, file := range []struct {
		name string
		data []byte
	}{{Extension, extension}, {ExecWrapper, execWrapper}} {
		header := &zip.FileHeader{Name: file.name, Method: zip.Deflate, Modified: modified}
		header.SetMode(0o755)
		entry, err := archive.CreateHeader(header)
		if err == nil {
			_, err = entry.Write(file.data)
		}
		if err != nil {
			return fmt.Errorf("add %s to the layer: %w", file.name, err)
		}
	}
	return archive.Close()
}
