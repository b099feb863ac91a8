// Package guardedotlp is the Collector's own otlp receiver behind checks of what it is sent (package otlplimits), which
// come before anything is decoded. Its configuration is that of the otlp receiver.
package guardedotlp

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

// NewFactory makes the factory of the component type "otlp".
func NewFactory() receiver.Factory {
	otlp := otlpreceiver.NewFactory()
	g := &guards{byConfig: make(map[*otlpreceiver.Config]*guard)}
	return receiver.NewFactory(otlp.Type(), otlp.CreateDefaultConfig,
		receiver.WithTraces(func(
			ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces,
		) (receiver.Traces, error) {
			return g.put(set, cfg, func(guarded component.Config) (component.Component, error) {
				return otlp.CreateTraces(ctx, set, guarded, next)
			})
		}, otlp.TracesStability()),
		receiver.WithLogs(func(
			ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs,
		) (receiver.Logs, error) {
			return g.put(set, cfg, func(guarded component.Config) (component.Component, error) {
				return otlp.CreateLogs(ctx, set, guarded, next)
			})
		}, otlp.LogsStability()),
		receiver.WithMetrics(func(
			ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics,
		) (receiver.Metrics, error) {
			return g.put(set, cfg, func(guarded component.Config) (component.Component, error) {
				return otlp.CreateMetrics(ctx, set, guarded, next)
			})
		}, otlp.MetricsStability()),
	)
}
