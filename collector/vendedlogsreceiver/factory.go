// Package vendedlogsreceiver is a Collector receiver that makes traces of the log lines that AWS Step Functions writes
// to CloudWatch Logs (package agent/vendedlogs), which are all there is of Express workflows.
package vendedlogsreceiver

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
)

// NewFactory makes the factory of the component type "awsvendedlogs".
func NewFactory() receiver.Factory {
	s := &sharing{receivers: make(map[*Config]*reader)}
	return receiver.NewFactory(component.MustNewType("awsvendedlogs"), defaultConfig,
		receiver.WithTraces(s.traces, component.StabilityLevelDevelopment),
		receiver.WithLogs(s.logs, component.StabilityLevelDevelopment))
}

// sharing gives the traces and the logs pipelines of one configuration the same receiver: a line is read once.
type sharing struct {
	mu        sync.Mutex
	receivers map[*Config]*reader
}

func (s *sharing) traces(
	_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces,
) (receiver.Traces, error) {
	r := s.reader(set, cfg.(*Config))
	r.traces = next
	return r, nil
}

func (s *sharing) logs(
	_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs,
) (receiver.Logs, error) {
	r := s.reader(set, cfg.(*Config))
	r.logs = next
	return r, nil
}

func (s *sharing) reader(set receiver.Settings, cfg *Config) *reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.receivers[cfg]
	if !ok {
		r = &reader{cfg: cfg, settings: set.TelemetrySettings, forget: func() { s.forget(cfg) }}
		s.receivers[cfg] = r
	}
	return r
}

// forget lets a configuration that was shut down be started anew.
func (s *sharing) forget(cfg *Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.receivers, cfg)
}
