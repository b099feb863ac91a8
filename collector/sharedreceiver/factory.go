// Package sharedreceiver makes receivers of which the traces and the logs pipelines of one configuration share one:
// what both are made of is read once.
package sharedreceiver

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
)

// Consumers are those of the pipelines that a receiver is in, from its start on. One is nil when it is in no pipeline
// of that signal.
type Consumers struct {
	Traces consumer.Traces
	Logs   consumer.Logs
}

// NewFactory makes the factory of a component type whose configuration is a *C. create is called once for each
// configuration; what it makes is started and shut down once, also when its start failed.
func NewFactory[C any](
	name string, defaults component.CreateDefaultConfigFunc,
	create func(component.TelemetrySettings, *C, *Consumers) component.Component,
) receiver.Factory {
	s := &sharing[C]{create: create, receivers: make(map[*C]*shared)}
	return receiver.NewFactory(component.MustNewType(name), defaults,
		receiver.WithTraces(s.traces, component.StabilityLevelDevelopment),
		receiver.WithLogs(s.logs, component.StabilityLevelDevelopment))
}

type sharing[C any] struct {
	create func(component.TelemetrySettings, *C, *Consumers) component.Component

	mu        sync.Mutex
	receivers map[*C]*shared
}

func (s *sharing[C]) traces(
	_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces,
) (receiver.Traces, error) {
	r := s.receiver(set, cfg.(*C))
	r.consumers.Traces = next
	return r, nil
}

func (s *sharing[C]) logs(
	_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs,
) (receiver.Logs, error) {
	r := s.receiver(set, cfg.(*C))
	r.consumers.Logs = next
	return r, nil
}

func (s *sharing[C]) receiver(set receiver.Settings, cfg *C) *shared {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.receivers[cfg]
	if !ok {
		r = &shared{forget: func() { s.forget(cfg) }}
		r.component = s.create(set.TelemetrySettings, cfg, &r.consumers)
		s.receivers[cfg] = r
	}
	return r
}

// forget lets a configuration that was shut down be started anew.
func (s *sharing[C]) forget(cfg *C) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.receivers, cfg)
}

// shared is started and shut down by the Collector once for each pipeline.
type shared struct {
	component component.Component
	consumers Consumers
	forget    func()

	start, stop sync.Once
	started     error
}

func (r *shared) Start(ctx context.Context, host component.Host) error {
	r.start.Do(func() { r.started = r.component.Start(ctx, host) })
	return r.started
}

func (r *shared) Shutdown(ctx context.Context) error {
	var err error
	r.stop.Do(func() {
		r.forget()
		err = r.component.Shutdown(ctx)
	})
	return err
}
