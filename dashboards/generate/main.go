// Writes the dashboards as JSON into dashboards/json: go run ./dashboards/generate
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/steptrace/steptrace/dashboards/board"
)

func main() {
	dir := flag.String("o", filepath.Join("dashboards", "json"), "folder to write to")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(dir string) error {
	files, err := board.All()
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil { //nolint:gosec // read by Grafana
			return fmt.Errorf("write a dashboard: %w", err)
		}
	}
	return nil
}
