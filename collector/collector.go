// Package collector is Steptrace's OpenTelemetry Collector distribution: OTLP and the Step Functions agent in,
// ClickHouse and OTLP out. Its configuration is the Collector's own YAML.
package collector

import (
	"context"
	_ "embed" // for the built-in configuration
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver"
	"go.uber.org/zap"
)

// DefaultConfig is the built-in configuration: everything on loopback, every setting by an environment variable.
//
//go:embed default.yaml
var DefaultConfig string

// AgentConfig is the built-in configuration of an agent that only reads Step Functions and sends OTLP elsewhere.
//
//go:embed agent.yaml
var AgentConfig string

// Settings of one Collector.
type Settings struct {
	// URIs are configuration sources in merge order, later ones winning: "file:PATH", "env:NAME" or "yaml:TEXT".
	// None means DefaultConfig.
	URIs []string
	// Version of the running binary, for the Collector's own telemetry.
	Version string
	// StepFunctions takes the place of the receiver that follows executions; nil: it does not.
	StepFunctions receiver.Factory
	// Logging options for the Collector's zap logger.
	Logging []zap.Option
}

// Collector is one configured Collector.
type Collector struct{ inner *otelcol.Collector }

// New makes a Collector; nothing is opened before Run. The Collector leaves OS signals to its caller: Run ends with
// its context.
func New(s Settings) (*Collector, error) {
	inner, err := otelcol.NewCollector(otelcol.CollectorSettings{
		Factories: s.factories,
		BuildInfo: component.BuildInfo{
			Command: "steptrace", Description: "Steptrace's OpenTelemetry Collector distribution", Version: s.Version,
		},
		DisableGracefulShutdown: true,
		LoggingOptions:          s.Logging,
		ConfigProviderSettings:  s.sources(),
	})
	if err != nil {
		return nil, fmt.Errorf("read collector configuration: %w", err)
	}
	return &Collector{inner}, nil
}

func (s *Settings) sources() otelcol.ConfigProviderSettings {
	uris := s.URIs
	if len(uris) == 0 {
		uris = []string{"yaml:" + DefaultConfig}
	}
	return otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
		URIs: uris,
		ProviderFactories: []confmap.ProviderFactory{
			fileprovider.NewFactory(), envprovider.NewFactory(), yamlprovider.NewFactory(),
		},
		ConverterFactories: []confmap.ConverterFactory{
			confmap.NewConverterFactory(newStrict), confmap.NewConverterFactory(newExposure),
		},
		DefaultScheme: "env",
	}}
}

// Validate reads the configuration and checks it without starting anything. Errors name the key's path.
func (c *Collector) Validate(ctx context.Context) error {
	return c.inner.DryRun(ctx)
}

// Run starts the pipelines and returns when ctx ends and everything is drained, or when they fail.
func (c *Collector) Run(ctx context.Context) error {
	return withRemedy(c.inner.Run(ctx))
}

// readyPoll is how often WaitReady looks; the Collector offers its state but no notification.
const readyPoll = 20 * time.Millisecond

// WaitReady returns when the pipelines run, or with an error when ctx ends or the Collector closed before that.
func (c *Collector) WaitReady(ctx context.Context) error {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		switch state := c.inner.GetState(); state {
		case otelcol.StateRunning:
			return nil
		case otelcol.StateClosing, otelcol.StateClosed:
			return fmt.Errorf("collector stopped before it was ready (state %s)", state)
		case otelcol.StateStarting:
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
