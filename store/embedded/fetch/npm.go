package main

import (
	"context"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/steptrace/steptrace/store/embedded/library"
)

// download asks npm for the package's tarball and returns its path inside dir.
func download(ctx context.Context, pkg library.Package, dir string, p *progress) (string, error) {
	done := p.elapsed("downloading " + pkg.Spec())
	defer done()
	cmd := exec.CommandContext(ctx, "npm", "pack", "--json", "--loglevel=error", "--pack-destination", dir, pkg.Spec())
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", npmError(pkg, err)
	}
	return tarballPath(out, dir)
}

func npmError(pkg library.Package, err error) error {
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("npm is not installed; install Node.js 20 or newer, or set " +
			library.EnvPath + " to a libchdb.so of your own")
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("npm could not download %s: %s", pkg.Spec(), lastLines(string(exit.Stderr), 8))
	}
	return fmt.Errorf("run npm: %w", err)
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// tarballPath reads the file name out of `npm pack --json`.
func tarballPath(out []byte, dir string) (string, error) {
	var packed []struct {
		Filename string `json:"filename"`
	}
	if err := json.Unmarshal(out, &packed); err != nil || len(packed) != 1 {
		return "", fmt.Errorf("npm pack answered something unexpected: %.200q", out)
	}
	return filepath.Join(dir, filepath.Base(packed[0].Filename)), nil
}

// verify compares a file with an npm integrity string ("sha512-" + base64 of the digest).
func verify(path, integrity string) error {
	encoded, ok := strings.CutPrefix(integrity, "sha512-")
	want, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(want) != sha512.Size {
		return fmt.Errorf("the expected integrity %q is not a sha512 hash in npm's form", integrity)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := h.Sum(nil); subtle.ConstantTimeCompare(got, want) == 0 {
		return fmt.Errorf("integrity is sha512-%s, want %s", base64.StdEncoding.EncodeToString(got), integrity)
	}
	return nil
}
