package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// maxLibrary bounds what is written to disk; libchdb 26.7 has 0.57 GB.
const maxLibrary = 4 << 30

// unpack writes the library inside the tarball to target, which appears whole or not at all.
func unpack(tarball, target string, p *progress) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	zr, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return fmt.Errorf("%s is not a gzip file: %w", tarball, err)
	}
	defer zr.Close()
	library, size, err := findLibrary(tar.NewReader(zr))
	if err != nil {
		return err
	}
	return writeWhole(target, p.percent("unpacking libchdb", library, size))
}

// findLibrary moves r to the shared library and returns its content and size in bytes.
func findLibrary(r *tar.Reader) (io.Reader, int64, error) {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil, 0, errors.New("the package holds no libchdb.so")
		}
		if err != nil {
			return nil, 0, fmt.Errorf("read the package: %w", err)
		}
		base := path.Base(h.Name)
		if h.Typeflag != tar.TypeReg || base != "libchdb.so" && base != "libchdb.dylib" {
			continue
		}
		if h.Size > maxLibrary {
			return nil, 0, fmt.Errorf("the library has %d bytes, more than the %d allowed", h.Size, int64(maxLibrary))
		}
		return r, h.Size, nil
	}
}

// writeWhole writes src beside target, syncs it and renames it into place.
func writeWhole(target string, src io.Reader) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(target), ".libchdb-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(tmp.Name()) //nolint:gosec // the first error counts
		}
	}()
	_, err = io.Copy(tmp, src)
	err = errors.Join(err, tmp.Chmod(0o755), tmp.Sync(), tmp.Close())
	if err != nil {
		return fmt.Errorf("write the library: %w", err)
	}
	return os.Rename(tmp.Name(), target)
}
