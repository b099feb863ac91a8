package wrapper

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the main of the functions that the environment tests start: this binary with functionVariable set.
func TestMain(m *testing.M) {
	if name := os.Getenv(functionVariable); name != "" {
		if main, ok := mains[name]; ok {
			main()
		}
		Start(functions[name])
		return
	}
	goleak.VerifyTestMain(m)
}
