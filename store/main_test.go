package store_test

import (
	"os"
	"testing"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }
