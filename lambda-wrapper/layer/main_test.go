package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/layerzip"
)

// layerArchive is the layer as it is deployed.
var layerArchive []byte

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "layer-test")
	if err == nil {
		layerArchive, err = buildLayer(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(folder)
		os.Exit(code)
	}))
}

func buildLayer(folder string) ([]byte, error) {
	binary := filepath.Join(folder, "steptrace")
	command := exec.Command("go", "build", "-ldflags", "-s -w", "-o", binary, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the layer: %w: %s", err, out)
	}
	extension, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	err = layerzip.Write(&archive, extension)
	return archive.Bytes(), err
}
