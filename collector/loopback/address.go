// Package loopback knows the endpoints that only this machine reaches, and finds free ones for what has to know its
// address before it is opened.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// Ports are taken from below those that Linux (from 32768 on) and macOS and Windows (from 49152 on) give to outgoing
// connections: the next connection of whatever process would otherwise take a port that was free a moment ago.
const (
	firstPort = 20000
	endPort   = 32768
	tries     = 100
)

var (
	mu    sync.Mutex
	given = make(map[int]bool) // so that no two parts of a process get the same
)

// FreeAddress finds a loopback address on which nothing listens and that it has not given before. Another process may
// take it before it is used: what finds it busy then has to say so.
func FreeAddress(ctx context.Context) (string, error) {
	mu.Lock()
	defer mu.Unlock()
	var errs error
	for range tries {
		port := firstPort + rand.IntN(endPort-firstPort) // #nosec G404 -- nobody gains from guessing it
		if given[port] {
			continue
		}
		address := fmt.Sprintf("127.0.0.1:%d", port)
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			errs = errors.Join(errs, err)
			continue
		}
		given[port] = true
		return address, listener.Close()
	}
	return "", fmt.Errorf("find a free loopback port from %d to %d: %w", firstPort, endPort-1, errs)
}
