package embedded

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
)

// The engine's limits are for one laptop that has other things to do; docs/embedded-store.md says what they come to.
//
//go:embed config.xml
var configXML []byte

//go:embed users.xml
var usersXML []byte

// readerProfile is the settings profile in users.xml that users with ReadOnly get. The engine takes constraints from
// it, but no values: so how long a reader's statement may run is set beside it.
const (
	readerProfile = "reader"
	readerSeconds = "60"
)

// engineConfig is a folder with the engine's configuration. The engine reads it once, when it starts.
type engineConfig struct{ dir, main string }

func writeEngineConfig() (engineConfig, error) {
	dir, err := os.MkdirTemp("", "steptrace-store-")
	if err != nil {
		return engineConfig{}, fmt.Errorf("write the engine's configuration: %w (set TMPDIR to a writable folder)", err)
	}
	c := engineConfig{dir: dir, main: filepath.Join(dir, "config.xml")}
	for name, content := range map[string][]byte{"config.xml": configXML, "users.xml": usersXML} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			c.remove()
			return engineConfig{}, fmt.Errorf("write the engine's configuration: %w", err)
		}
	}
	return c, nil
}

func (c engineConfig) remove() { os.RemoveAll(c.dir) } //nolint:gosec // a temporary folder
