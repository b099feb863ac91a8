package clickhouseexporter

import (
	"os"
	"testing"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(engineEnv); path != "" {
		os.Exit(runEngine(path))
	}
	os.Exit(embeddedtest.Main(m))
}
