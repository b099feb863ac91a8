package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/library"
)

// fakeNPM puts an npm first in PATH that packs the given tarball and records its arguments.
func fakeNPM(t *testing.T, tarball []byte) (arguments string) {
	t.Helper()
	dir := t.TempDir()
	packed, arguments := filepath.Join(dir, "packed.tgz"), filepath.Join(dir, "arguments")
	require.NoError(t, os.WriteFile(packed, tarball, 0o600))
	script := "#!/bin/sh\necho \"$@\" > " + arguments + `
while [ "$1" != --pack-destination ]; do shift; done
cp ` + packed + ` "$2/package-1.tgz"
echo '[{"filename": "package-1.tgz"}]'
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "npm"), []byte(script), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return arguments
}

// pack makes an npm tarball of files given as name and content in turn.
func pack(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	tw := tar.NewWriter(zw)
	for i := 0; i < len(files); i += 2 {
		require.NoError(t, tw.WriteHeader(&tar.Header{Name: files[i], Size: int64(len(files[i+1])), Mode: 0o644}))
		_, err := tw.Write([]byte(files[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, tw.Close())
	require.NoError(t, zw.Close())
	return b.Bytes()
}

func integrity(b []byte) string {
	sum := sha512.Sum512(b)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

func packageOf(tarball []byte) library.Package {
	return library.Package{Name: "@chdb/lib-test", Version: "1.2.3", Integrity: integrity(tarball)}
}

func TestInstall(t *testing.T) {
	content := strings.Repeat("ELF", 1<<20)
	tarball := pack(t, "package/index.js", "x", "package/libchdb.so", content, "package/more", "y")
	arguments := fakeNPM(t, tarball)
	path := filepath.Join(t.TempDir(), "1.2.3", "libchdb.so")
	var shown bytes.Buffer

	require.NoError(t, install(context.Background(), packageOf(tarball), path, &progress{w: &shown}))

	installed, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, content, string(installed))
	requireOnly(t, path)
	require.Contains(t, shown.String(), "downloading @chdb/lib-test@1.2.3")
	require.Contains(t, shown.String(), "unpacking libchdb … 100 %")
	used, err := os.ReadFile(arguments)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(used), " @chdb/lib-test@1.2.3\n"), "%s", used)
}

func TestInstallTakesMacOSName(t *testing.T) {
	tarball := pack(t, "package/libchdb.dylib", "Mach-O")
	fakeNPM(t, tarball)
	path := filepath.Join(t.TempDir(), "libchdb.so")
	require.NoError(t, install(context.Background(), packageOf(tarball), path, &progress{}))
	require.FileExists(t, path)
}

func TestInstallLeavesNothingOfAWrongPackage(t *testing.T) {
	good := pack(t, "package/libchdb.so", "good")
	truncated := good[:len(good)/2]
	for name, c := range map[string]struct {
		tarball   []byte
		integrity string
		want      string
	}{
		"other content": {pack(t, "package/libchdb.so", "evil"), integrity(good), "is not the package that is pinned"},
		"no hash":       {good, "", "no hash is pinned for @chdb/lib-test yet"},
		"weak hash":     {good, "sha1-AAAA", "is not a sha512 hash"},
		"no library":    {pack(t, "package/index.js", "x"), "", "holds no libchdb.so"},
		"cut off":       {truncated, integrity(truncated), "unexpected EOF"},
		"not gzip":      {[]byte("html"), integrity([]byte("html")), "is not a gzip file"},
	} {
		t.Run(name, func(t *testing.T) {
			fakeNPM(t, c.tarball)
			pkg := packageOf(c.tarball)
			if name != "no library" {
				pkg.Integrity = c.integrity
			}
			path := filepath.Join(t.TempDir(), "1.2.3", "libchdb.so")
			require.ErrorContains(t, install(context.Background(), pkg, path, &progress{}), c.want)
			requireOnly(t, path)
		})
	}
}

func TestInstallWithoutNPM(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := install(context.Background(), packageOf(nil), filepath.Join(t.TempDir(), "libchdb.so"), &progress{})
	require.ErrorContains(t, err, "npm is not installed; install Node.js 20")
}

func TestInstallShowsWhatNPMSays(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "npm"), []byte(script), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	err := install(context.Background(), packageOf(nil), filepath.Join(t.TempDir(), "libchdb.so"), &progress{})
	require.ErrorContains(t, err, "npm could not download @chdb/lib-test@1.2.3: npm error code E404")
}

func TestFetchDoesNothingWhenTheLibraryIsThere(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("PATH", "")
	path, err := library.CachePath()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	got, err := fetch(context.Background(), &progress{})
	require.NoError(t, err)
	require.Equal(t, path, got)
}

// requireOnly checks that the folder of a library holds that one or nothing.
func requireOnly(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	for _, e := range entries {
		require.Equal(t, filepath.Base(path), e.Name())
	}
}
