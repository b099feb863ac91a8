package lambda

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"github.com/google/uuid"
)

// Bounds of a deployment package: AWS's for its sizes, ours for the number of files.
const (
	maxZip      = 50 << 20
	maxUnzipped = 262144000
	maxFiles    = 20000
)

// code is an unzipped deployment package; its folder is removed when no version holds it any more.
type code struct {
	folder string
	sha256 string // base64, of the zip
	size   int64  // of the zip
	zip    []byte // what GetFunction hands out
	users  atomic.Int32
}

// tempFolder is where the environments have their temporary folders.
func (c *code) tempFolder() string { return c.folder + ".tmp" }

func (c *code) hold() { c.users.Add(1) }

func (c *code) release() {
	if c.users.Add(-1) == 0 {
		_ = os.RemoveAll(c.folder) // what stays is in the sandbox's own folder
		_ = os.RemoveAll(c.tempFolder())
	}
}

// unpack makes a folder of the zip under dir.
func unpack(dir string, archive []byte) (*code, error) {
	if len(archive) == 0 {
		return nil, invalidParameter("Please provide a source for function code: the sandbox takes a ZipFile.")
	}
	if len(archive) > maxZip {
		return nil, invalidParameter("The zip is over %d bytes.", maxZip)
	}
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, unreadable()
	}
	folder, err := filepath.Abs(filepath.Join(dir, uuid.NewString()))
	if err != nil {
		return nil, err
	}
	if err := extract(folder, reader.File, maxUnzipped); err != nil {
		_ = os.RemoveAll(folder) // the first error is the one to tell
		return nil, err
	}
	sum := sha256.Sum256(archive)
	return &code{
		folder: folder, zip: archive, size: int64(len(archive)), sha256: base64.StdEncoding.EncodeToString(sum[:]),
	}, nil
}

func unreadable() error {
	return invalidParameter("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

// extract writes the files below folder (an os.Root makes sure of that), limit bytes of them at most.
func extract(folder string, files []*zip.File, limit int64) error {
	if len(files) > maxFiles {
		return invalidParameter("The zip has %d files, the sandbox takes %d.", len(files), maxFiles)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of the function's code: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("open the folder of the function's code: %w", err)
	}
	defer root.Close()
	for _, file := range files {
		written, err := extractOne(root, file, limit)
		if err != nil {
			return err
		}
		limit -= written
	}
	return nil
}

func extractOne(root *os.Root, file *zip.File, limit int64) (int64, error) {
	name := path.Clean(file.Name)
	if !filepath.IsLocal(name) {
		return 0, invalidParameter("The zip has an entry outside of its root: %q.", file.Name)
	}
	switch mode := file.Mode(); {
	case mode.IsDir():
		return 0, makeFolder(root, name)
	case !mode.IsRegular():
		return 0, invalidParameter("The sandbox takes files and folders only, the zip has another kind: %q.", file.Name)
	}
	if err := makeFolder(root, path.Dir(name)); err != nil {
		return 0, err
	}
	return write(root, name, file, limit)
}

func makeFolder(root *os.Root, name string) error {
	if err := root.MkdirAll(name, 0o755); err != nil {
		return unreadable() // a file of that name, or a name the file system refuses
	}
	return nil
}

func write(root *os.Root, name string, file *zip.File, limit int64) (int64, error) {
	in, err := file.Open()
	if err != nil {
		return 0, unreadable()
	}
	defer in.Close()
	// A process forked while the file is open for writing would keep it so until its exec, and starting the file would
	// fail with "text file busy" (golang/go#22315).
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, permissions(file))
	if err != nil {
		return 0, unreadable() // the same name twice, or one the file system refuses
	}
	written, err := io.Copy(out, io.LimitReader(in, limit+1))
	if closeErr := out.Close(); closeErr != nil {
		return 0, fmt.Errorf("write the function's code: %w", closeErr)
	}
	switch {
	case err != nil:
		return 0, unreadable()
	case written > limit:
		return 0, invalidParameter("Unzipped size must be smaller than %d bytes", maxUnzipped)
	}
	return written, nil
}

// permissions are those of the zip; zips made without Unix permissions get executables, as there is no way to tell.
func permissions(file *zip.File) fs.FileMode {
	const fromUnix, fromMacOS = 3, 19
	if system := file.CreatorVersion >> 8; system != fromUnix && system != fromMacOS {
		return 0o755
	}
	return file.Mode().Perm() | 0o600
}

// entrypoint is the executable that AWS would start.
func (c *code) entrypoint(runtime, handler string) string {
	bootstrap := filepath.Join(c.folder, "bootstrap")
	if runtime != "go1.x" || !filepath.IsLocal(handler) {
		return bootstrap
	}
	if _, err := os.Stat(bootstrap); err == nil { //nolint:gosec // a fixed name in our own folder
		return bootstrap
	}
	return filepath.Join(c.folder, handler)
}

// extensions are the executables in extensions/, by name: the sandbox's /opt/extensions.
func (c *code) extensions() []string {
	entries, err := os.ReadDir(filepath.Join(c.folder, "extensions"))
	if err != nil {
		return nil // there is no such folder
	}
	var paths []string
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			paths = append(paths, filepath.Join(c.folder, "extensions", entry.Name()))
		}
	}
	return paths
}
