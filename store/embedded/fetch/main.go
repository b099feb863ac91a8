// Command fetch puts the pinned libchdb for this platform into the user's cache folder and prints its path.
//
//	go run ./store/embedded/fetch
//
// It downloads with the npm client, so the user's registry, proxy and credentials apply, and checks the package
// against the pinned SHA-512 before anything is unpacked. It does nothing when the library is there already.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/steptrace/steptrace/store/embedded/library"
)

// envIntegrity accepts a package for which no hash is pinned, by the hash that npm shows for it.
const envIntegrity = "STEPTRACE_CHDB_INTEGRITY"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	path, err := fetch(ctx, newProgress(os.Stderr))
	if err != nil {
		fmt.Fprintln(os.Stderr, "fetch:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

// fetch returns the path of the library, after downloading it if it is missing.
func fetch(ctx context.Context, p *progress) (string, error) {
	pkg, err := library.ForPlatform(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return "", err
	}
	if pkg.Integrity == "" {
		pkg.Integrity = os.Getenv(envIntegrity)
	}
	path, err := library.CachePath()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, install(ctx, pkg, path, p)
}

// install downloads pkg, verifies it and puts its library at path.
func install(ctx context.Context, pkg library.Package, path string, p *progress) error {
	if pkg.Integrity == "" {
		return fmt.Errorf("no hash is pinned for %s yet: compare `npm view %s dist.integrity` with a source you trust, "+
			"then set %s to it and run this again", pkg.Name, pkg.Spec(), envIntegrity)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the cache folder: %w", err)
	}
	scratch, err := os.MkdirTemp(dir, ".download-*")
	if err != nil {
		return fmt.Errorf("make a scratch folder: %w", err)
	}
	defer os.RemoveAll(scratch)

	tarball, err := download(ctx, pkg, scratch, p)
	if err != nil {
		return err
	}
	if err := verify(tarball, pkg.Integrity); err != nil {
		return fmt.Errorf("%s is not the package that is pinned, nothing was unpacked: %w", pkg.Spec(), err)
	}
	return unpack(tarball, path, p)
}
