// Package clickhouseexporter is the Collector exporter that writes traces, logs and metrics into a Steptrace store.
//
// A batch becomes one insert: the rows are encoded column by column in ClickHouse's Native format, compressed, and
// posted to its HTTP interface with a deduplication token computed from the content, so that a batch sent again is
// stored once.
package clickhouseexporter

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
)

// Type is the component type in Collector configurations.
var Type = component.MustNewType("clickhouse")

// NewFactory makes the factory of the exporter.
func NewFactory() exporter.Factory {
	return exporter.NewFactory(Type, createDefaultConfig,
		exporter.WithTraces(createTraces, component.StabilityLevelBeta),
		exporter.WithLogs(createLogs, component.StabilityLevelBeta),
		exporter.WithMetrics(createMetrics, component.StabilityLevelBeta),
	)
}

func createTraces(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Traces, error) {
	e, err := newSignalExporter(set, cfg.(*Config), "traces")
	if err != nil {
		return nil, err
	}
	inner, err := exporterhelper.NewTraces(ctx, set, cfg, e.pushTraces, e.options()...)
	if err != nil {
		return nil, err
	}
	return admittedTraces{inner, e.waiting}, nil
}

func createLogs(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Logs, error) {
	e, err := newSignalExporter(set, cfg.(*Config), "logs")
	if err != nil {
		return nil, err
	}
	inner, err := exporterhelper.NewLogs(ctx, set, cfg, e.pushLogs, e.options()...)
	if err != nil {
		return nil, err
	}
	return admittedLogs{inner, e.waiting}, nil
}

func createMetrics(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Metrics, error) {
	e, err := newSignalExporter(set, cfg.(*Config), "metrics")
	if err != nil {
		return nil, err
	}
	inner, err := exporterhelper.NewMetrics(ctx, set, cfg, e.pushMetrics, e.options()...)
	if err != nil {
		return nil, err
	}
	return admittedMetrics{inner, e.waiting}, nil
}

// newSignalExporter also tells how long rows wait, unless they may be given up, which nobody would know of.
func newSignalExporter(set exporter.Settings, cfg *Config, signal string) (*storeExporter, error) {
	e, err := newExporter(set, cfg)
	if err != nil || cfg.Retry.Enabled && cfg.Retry.MaxElapsedTime > 0 {
		return e, err
	}
	e.observed, err = e.meters.observe(e.waiting, set.ID.String(), signal)
	return e, err
}

func (e *storeExporter) options() []exporterhelper.Option {
	return []exporterhelper.Option{
		exporterhelper.WithStart(e.start),
		exporterhelper.WithShutdown(e.shutdown),
		exporterhelper.WithCapabilities(consumer.Capabilities{MutatesData: false}),
		exporterhelper.WithTimeout(exporterhelper.TimeoutConfig{}), // each insert of a batch has one of its own
		exporterhelper.WithRetry(e.cfg.Retry),
		exporterhelper.WithQueue(e.cfg.Queue),
	}
}
