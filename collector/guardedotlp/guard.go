package guardedotlp

import (
	"context"
	"maps"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/configmiddleware"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

// guardID is under what the receiver's servers ask for the guard among the extensions.
var guardID = component.MustNewIDWithName("otlp", "guard")

// guard is the middleware of the servers of one configuration.
type guard struct {
	component.StartFunc
	component.ShutdownFunc

	written    *otlpreceiver.Config // by the user
	cfg        otlpreceiver.Config  // with the guard in it
	telemetry  component.TelemetrySettings
	extensions map[component.ID]component.Component
	budget     budget
}

func newGuard(set receiver.Settings, cfg *otlpreceiver.Config) *guard {
	g := &guard{written: cfg, cfg: *cfg, telemetry: set.TelemetrySettings}
	g.budget.left.Store(inFlight)
	if c := g.cfg.Protocols.GRPC.Get(); c != nil {
		c.Middlewares = first(c.Middlewares)
	}
	if c := g.cfg.Protocols.HTTP.Get(); c != nil {
		c.ServerConfig.Middlewares = first(c.ServerConfig.Middlewares)
		c.ServerConfig.CompressionAlgorithms = []string{} // the guard decompresses
	}
	return g
}

// first puts the guard before other middleware.
func first(others []configmiddleware.Config) []configmiddleware.Config {
	return append([]configmiddleware.Config{{ID: guardID}}, others...)
}

// guards has the guard of each configuration, as the receiver is one for the pipelines of all signals.
type guards struct {
	mu       sync.Mutex
	byConfig map[*otlpreceiver.Config]*guard
}

// put makes a receiver that has the guard.
func (gs *guards) put(
	set receiver.Settings, cfg component.Config, create func(component.Config) (component.Component, error),
) (component.Component, error) {
	written := cfg.(*otlpreceiver.Config)
	gs.mu.Lock()
	defer gs.mu.Unlock()
	g := gs.byConfig[written]
	if g == nil {
		g = newGuard(set, written)
	}
	r, err := create(&g.cfg)
	if err != nil {
		return nil, err
	}
	gs.byConfig[written] = g
	return &guarded{r, g, gs}, nil
}

func (gs *guards) forget(g *guard) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if gs.byConfig[g.written] == g {
		delete(gs.byConfig, g.written)
	}
}

// guarded is a receiver that finds the guard among the extensions.
type guarded struct {
	component.Component
	guard *guard
	all   *guards
}

// Start listens.
func (r *guarded) Start(ctx context.Context, h component.Host) error {
	r.guard.extensions = h.GetExtensions()
	extensions := make(map[component.ID]component.Component, len(r.guard.extensions)+1)
	maps.Copy(extensions, r.guard.extensions)
	extensions[guardID] = r.guard
	return r.Component.Start(ctx, &host{h, extensions})
}

// Shutdown stops listening; the configuration may be used for another receiver then.
func (r *guarded) Shutdown(ctx context.Context) error {
	r.all.forget(r.guard)
	return r.Component.Shutdown(ctx)
}

// host shows the guard among the extensions.
type host struct {
	component.Host
	extensions map[component.ID]component.Component
}

func (h *host) GetExtensions() map[component.ID]component.Component { return h.extensions }

// Report passes on what the receiver says of itself.
func (h *host) Report(e *componentstatus.Event) { componentstatus.ReportStatus(h.Host, e) }
