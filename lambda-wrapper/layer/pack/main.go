// Command pack builds the layer for both architectures of Lambda, reproducibly: DIR/steptrace-layer-arm64.zip and
// DIR/steptrace-layer-amd64.zip.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/layerzip"
)

const layer = "github.com/steptrace/steptrace/lambda-wrapper/layer"

func main() {
	dir := flag.String("o", "bin", "folder of the zips")
	version := flag.String("version", "dev", "version that the layer knows of itself")
	flag.Parse()
	for _, arch := range []string{"arm64", "amd64"} {
		if err := pack(context.Background(), *dir, arch, *version); err != nil {
			fmt.Fprintf(os.Stderr, "pack the layer for %s: %v\n", arch, err)
			os.Exit(1)
		}
	}
}

func pack(ctx context.Context, dir, arch, version string) error {
	extension, err := build(ctx, arch, version)
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	if err := layerzip.Write(&archive, extension); err != nil {
		return err
	}
	path := filepath.Join(dir, "steptrace-layer-"+arch+".zip")
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as make's other results
		return err
	}
	if err := os.WriteFile(path, archive.Bytes(), 0o644); err != nil { //nolint:gosec // as make's other results
		return err
	}
	fmt.Printf("%s: %.2f MB, the extension in it %.2f MB\n", path, megabytes(archive.Len()), megabytes(len(extension)))
	return nil
}

// build compiles the extension. Neither paths nor times nor the state of the working copy get into it.
func build(ctx context.Context, arch, version string) ([]byte, error) {
	folder, err := os.MkdirTemp("", "steptrace-layer")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "steptrace")
	command := exec.CommandContext(ctx, "go", "build", //nolint:gosec // the version is the caller's own
		"-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid= -X main.version="+version, "-o", binary, layer)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0")
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w: %s", err, out)
	}
	return os.ReadFile(binary)
}

func megabytes(n int) float64 { return float64(n) / 1e6 }
