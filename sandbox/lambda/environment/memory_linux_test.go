package environment

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHighWater(t *testing.T) {
	require.Equal(t, 2048, highWaterKB([]byte("Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n")))
	require.Zero(t, highWaterKB([]byte("Name:\tzombie\n")))
	own, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	require.Greater(t, highWaterKB(own), 1024)
}
