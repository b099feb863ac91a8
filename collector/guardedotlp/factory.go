// Package guardedotlp is the Collector's own otlp receiver behind checks of what it is sent (package otlplimits), which
// come before anything is decoded. Its configuration is that of the otlp receiver.
package guardedotlp

import (
	"context"
	"maps"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/configmiddleware"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

// NewFactory makes the factory of the component type "otlp".
func NewFactory() receiver.Factory {
	otlp := otlpreceiver.NewFactory()
	return receiver.NewFactory(otlp.Type(), otlp.CreateDefaultConfig,
		receiver.WithTraces(func(
			ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces,
		) (receiver.Traces, error) {
			r, err := otlp.CreateTraces(ctx, set, cfg, next)
			return guard(r, err, cfg.(*otlpreceiver.Config))
		}, otlp.TracesStability()),
		receiver.WithLogs(func(
			ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs,
		) (receiver.Logs, error) {
			r, err := otlp.CreateLogs(ctx, set, cfg, next)
			return guard(r, err, cfg.(*otlpreceiver.Config))
		}, otlp.LogsStability()),
		receiver.WithMetrics(func(
			ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics,
		) (receiver.Metrics, error) {
			r, err := otlp.CreateMetrics(ctx, set, cfg, next)
			return guard(r, err, cfg.(*otlpreceiver.Config))
		}, otlp.MetricsStability()),
	)
}

// guarded is a receiver that finds the guard among the extensions.
type guarded struct {
	component.Component
	cfg *otlpreceiver.Config
}

// guardID is under what the receiver's servers ask for the guard.
var guardID = component.MustNewIDWithName("otlp", "guard")

// guard has the servers of the receiver ask for the guard, before other middleware. The receiver of the pipelines of
// one configuration is the same.
func guard(r component.Component, err error, cfg *otlpreceiver.Config) (component.Component, error) {
	if err != nil {
		return nil, err
	}
	if c := cfg.Protocols.GRPC.Get(); c != nil {
		c.Middlewares = first(c.Middlewares)
	}
	if c := cfg.Protocols.HTTP.Get(); c != nil {
		c.ServerConfig.Middlewares = first(c.ServerConfig.Middlewares)
	}
	return &guarded{r, cfg}, nil
}

func first(others []configmiddleware.Config) []configmiddleware.Config {
	if len(others) > 0 && others[0].ID == guardID {
		return others
	}
	return append([]configmiddleware.Config{{ID: guardID}}, others...)
}

// Start listens.
func (g *guarded) Start(ctx context.Context, h component.Host) error {
	extensions := maps.Clone(h.GetExtensions())
	if extensions == nil {
		extensions = make(map[component.ID]component.Component)
	}
	extensions[guardID] = &middleware{cfg: g.cfg, extensions: h.GetExtensions()}
	return g.Component.Start(ctx, &host{h, extensions})
}

// host shows the guard among the extensions.
type host struct {
	component.Host
	extensions map[component.ID]component.Component
}

func (h *host) GetExtensions() map[component.ID]component.Component { return h.extensions }

// Report passes on what the receiver says of itself.
func (h *host) Report(e *componentstatus.Event) { componentstatus.ReportStatus(h.Host, e) }
