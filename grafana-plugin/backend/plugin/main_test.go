package plugin

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { os.Exit(leakChecked(m)) }

// leakChecked looks for leaked goroutines once the shared engine has stopped.
func leakChecked(m *testing.M) int {
	if status := embeddedtest.Main(m); status != 0 {
		return status
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
