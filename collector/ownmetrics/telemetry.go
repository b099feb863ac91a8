package ownmetrics

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configtelemetry"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
	otelconf "go.opentelemetry.io/contrib/otelconf/v0.3.0"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.uber.org/zap"
)

// Config is the upstream Collector's section service::telemetry, which may also have no metric readers.
type Config otelconftelemetry.Config

// Validate reports what upstream does, but for metrics without a reader: a receiver may read them.
func (c *Config) Validate() error {
	if c.Metrics.Views != nil && c.Metrics.Level != configtelemetry.LevelDetailed {
		return errors.New("service::telemetry::metrics::views can only be set when level beside it is detailed")
	}
	return nil
}

func upstream(c component.Config) *otelconftelemetry.Config {
	return (*otelconftelemetry.Config)(c.(*Config))
}

// Telemetry makes the factory of a Collector's telemetry: upstream's, of which the source's receivers may read metrics.
func (s *Source) Telemetry() telemetry.Factory {
	inner := otelconftelemetry.NewFactory()
	return telemetry.NewFactory(
		func() component.Config { return (*Config)(inner.CreateDefaultConfig().(*otelconftelemetry.Config)) },
		telemetry.WithCreateResource(
			func(ctx context.Context, set telemetry.Settings, c component.Config) (pcommon.Resource, string, error) {
				return inner.CreateResource(ctx, set, upstream(c))
			}),
		telemetry.WithCreateLogger(
			func(ctx context.Context, set telemetry.LoggerSettings, c component.Config) (
				*zap.Logger, component.ShutdownFunc, error,
			) {
				return inner.CreateLogger(ctx, set, upstream(c))
			}),
		telemetry.WithCreateTracerProvider(
			func(ctx context.Context, set telemetry.TracerSettings, c component.Config) (telemetry.TracerProvider, error) {
				return inner.CreateTracerProvider(ctx, set, upstream(c))
			}),
		telemetry.WithCreateMeterProvider(
			func(ctx context.Context, set telemetry.MeterSettings, c component.Config) (telemetry.MeterProvider, error) {
				if upstream(c).Metrics.Level == configtelemetry.LevelNone {
					return inner.CreateMeterProvider(ctx, set, upstream(c))
				}
				return s.meterProvider(ctx, set, upstream(c))
			}),
	)
}

// meterProvider is upstream's with one more reader, which upstream has no way to be given.
func (s *Source) meterProvider(
	ctx context.Context, set telemetry.MeterSettings, cfg *otelconftelemetry.Config,
) (telemetry.MeterProvider, error) {
	if cfg.Metrics.MigratedFromV02 {
		set.Logger.Warn("service::telemetry::metrics is written in the deprecated v0.2.0 format, write it in v0.3.0's")
	}
	metrics := cfg.Metrics.MeterProvider
	if metrics.Views == nil && set.DefaultViews != nil {
		metrics.Views = set.DefaultViews(cfg.Metrics.Level)
	}
	sdk, err := otelconf.NewSDK(otelconf.WithContext(ctx),
		otelconf.WithOpenTelemetryConfiguration(otelconf.OpenTelemetryConfiguration{
			Resource: resource(set.Settings), MeterProvider: &metrics,
		}),
		otelconf.WithMeterProviderOptions(sdkmetric.WithReader(s.renew())))
	if err != nil {
		return nil, fmt.Errorf("service::telemetry::metrics: %w", err)
	}
	return sdk.MeterProvider().(telemetry.MeterProvider), nil
}

func resource(set telemetry.Settings) *otelconf.Resource {
	var r otelconf.Resource
	if set.SchemaURL != "" {
		r.SchemaUrl = &set.SchemaURL
	}
	for name, value := range set.Resource.Attributes().All() {
		r.Attributes = append(r.Attributes, otelconf.AttributeNameValue{Name: name, Value: value.AsRaw()})
	}
	return &r
}
