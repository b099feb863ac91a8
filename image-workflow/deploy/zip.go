package deploy

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
)

// ZipBootstrap makes the deployment package of a provided.al2023 function out of its built binary.
func ZipBootstrap(path string) ([]byte, error) {
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read function binary (build it with `make functions`): %w", err)
	}
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	file, err := w.CreateHeader(header)
	if err != nil {
		return nil, fmt.Errorf("zip %s: %w", path, err)
	}
	if _, err := file.Write(binary); err != nil {
		return nil, fmt.Errorf("zip %s: %w", path, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("zip %s: %w", path, err)
	}
	return buf.Bytes(), nil
}
