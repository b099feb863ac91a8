// Package library says which build of libchdb Steptrace runs on and where it lies on this machine.
//
// libchdb is ClickHouse as a shared library. It is published as one npm package per platform;
// `go run ./store/embedded/fetch` puts it into the user's cache folder.
package library

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const (
	// Version is the pinned version of the npm packages, and the name of the cache folder.
	Version = "26.7.3-stable.1"

	// EnvPath names the environment variable that holds the path of a libchdb to use instead of the cached one.
	EnvPath = "STEPTRACE_LIBCHDB"

	fileName = "libchdb.so"
)

// Package is the npm package that carries libchdb for one platform.
type Package struct {
	Name      string
	Version   string
	Integrity string // "sha512-" + base64, as npm writes it; empty where it has not been pinned yet
}

// Spec returns the package as npm's command line takes it, "name@version".
func (p Package) Spec() string { return p.Name + "@" + p.Version }

var packages = map[string]Package{
	"linux/amd64": {
		Name: "@chdb/lib-linux-x64-gnu", Version: Version,
		Integrity: "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
	},
	"linux/arm64":  {Name: "@chdb/lib-linux-arm64-gnu", Version: Version},
	"darwin/amd64": {Name: "@chdb/lib-darwin-x64", Version: Version},
	"darwin/arm64": {Name: "@chdb/lib-darwin-arm64", Version: Version},
}

// ForPlatform returns the package for a GOOS and GOARCH.
func ForPlatform(goos, goarch string) (Package, error) {
	p, ok := packages[goos+"/"+goarch]
	if !ok {
		return Package{}, fmt.Errorf("the embedded ClickHouse exists for Linux and macOS on amd64 and arm64, not for %s/%s: "+
			"use a ClickHouse server instead", goos, goarch)
	}
	return p, nil
}

// CachePath returns where the fetched library belongs: <user cache>/steptrace/chdb/<version>/libchdb.so.
func CachePath() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache folder: %w (set XDG_CACHE_HOME or HOME)", err)
	}
	return filepath.Join(cache, "steptrace", "chdb", Version, fileName), nil
}

// ErrMissing is returned by Locate when no library is found.
var ErrMissing = errors.New("the embedded ClickHouse (libchdb) is not on this machine")

// Locate returns the path of the library to load: explicit if set, else $STEPTRACE_LIBCHDB, else the cached one.
func Locate(explicit string) (string, error) {
	if _, err := ForPlatform(runtime.GOOS, runtime.GOARCH); err != nil {
		return "", err
	}
	for _, candidate := range []string{explicit, os.Getenv(EnvPath)} {
		if candidate != "" {
			return existing(candidate)
		}
	}
	cached, err := CachePath()
	if err != nil {
		return "", err
	}
	return existing(cached)
}

func existing(path string) (string, error) {
	info, err := os.Stat(path) //nolint:gosec // the user's own choice of a file
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%w: %s does not exist; run `make chdb` to fetch it, or set %s to a libchdb.so",
			ErrMissing, path, EnvPath)
	case err != nil:
		return "", fmt.Errorf("look for libchdb: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%w: %s is not a file; set %s to a libchdb.so", ErrMissing, path, EnvPath)
	}
	return path, nil
}
