package loopback_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/collector/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAddressesAreFreeDifferentAndNoneOfOutgoingConnections(t *testing.T) {
	seen := make(map[string]bool)
	for range 500 {
		address, err := loopback.FreeAddress(t.Context())
		require.NoError(t, err)
		require.False(t, seen[address], address)
		seen[address] = true
		_, port, err := net.SplitHostPort(address)
		require.NoError(t, err)
		number, err := strconv.Atoi(port)
		require.NoError(t, err)
		require.Less(t, number, 32768)
		listener, err := net.Listen("tcp", address)
		require.NoError(t, err)
		defer listener.Close()
	}
}
