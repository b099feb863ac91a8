package store

import (
	"net/http"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// transport is what all connections of a DB send their requests through. With one each, as clickhouse-go makes them, a
// connection whose first request is refused would stay open behind it for an hour.
type transport struct {
	once   sync.Once
	shared *http.Transport
}

const idleConnections = 16

func (t *transport) serve(opts *clickhouse.Options) {
	if opts.TransportFunc != nil {
		return
	}
	opts.TransportFunc = func(made *http.Transport) (http.RoundTripper, error) {
		t.once.Do(func() {
			made.MaxIdleConns, made.MaxIdleConnsPerHost = idleConnections, idleConnections
			t.shared = made
		})
		return t.shared, nil
	}
}

// close closes the connections that nobody uses; the first one used makes t.shared.
func (t *transport) close() {
	t.once.Do(func() { t.shared = &http.Transport{} })
	t.shared.CloseIdleConnections()
}
