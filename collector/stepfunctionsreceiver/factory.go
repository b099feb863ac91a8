// Package stepfunctionsreceiver is a Collector receiver that follows AWS Step Functions executions (package agent): log
// records of history events at once, spans of what has ended.
package stepfunctionsreceiver

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
)

// NewFactory makes the factory of the component type "stepfunctions".
func NewFactory() receiver.Factory {
	s := &sharing{receivers: make(map[*Config]*follower)}
	return receiver.NewFactory(component.MustNewType("stepfunctions"), defaultConfig,
		receiver.WithTraces(s.traces, component.StabilityLevelDevelopment),
		receiver.WithLogs(s.logs, component.StabilityLevelDevelopment))
}

// sharing gives the traces and the logs pipelines of one configuration the same receiver: a history is read once.
type sharing struct {
	mu        sync.Mutex
	receivers map[*Config]*follower
}

func (s *sharing) traces(
	_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces,
) (receiver.Traces, error) {
	f := s.follower(set, cfg.(*Config))
	f.traces = next
	return f, nil
}

func (s *sharing) logs(
	_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs,
) (receiver.Logs, error) {
	f := s.follower(set, cfg.(*Config))
	f.logs = next
	return f, nil
}

func (s *sharing) follower(set receiver.Settings, cfg *Config) *follower {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.receivers[cfg]
	if !ok {
		f = &follower{cfg: cfg, telemetry: set.TelemetrySettings, forget: func() { s.forget(cfg) }}
		s.receivers[cfg] = f
	}
	return f
}

// forget lets a configuration that was shut down be started anew.
func (s *sharing) forget(cfg *Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.receivers, cfg)
}
