// Package ownmetrics lets a pipeline receive the Collector's own metrics, and those of its components: a receiver that
// reads them in the process. The Collector's OTLP reader would send them to a port of the same process instead: it
// would need that port's address, certificates and token, and fail when the Collector ends: receivers end before it.
package ownmetrics

import (
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// Source is what a Collector's telemetry and its receivers of own metrics share.
type Source struct {
	mu     sync.Mutex
	reader *sdkmetric.ManualReader
}

// New is the source of one Collector.
func New() *Source { return &Source{} }

// renew makes the reader of a new meter provider, of which a Collector has one at a time.
func (s *Source) renew() sdkmetric.Reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reader = sdkmetric.NewManualReader()
	return s.reader
}

// current is nil when the Collector measures nothing.
func (s *Source) current() *sdkmetric.ManualReader {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reader
}
