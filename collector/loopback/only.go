package loopback

import (
	"net"
	"strings"
)

// Only tells a host:port, or a Unix socket's path, that nothing but this machine reaches. What is neither is refused by
// who listens on it.
func Only(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return strings.HasPrefix(endpoint, "/")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
