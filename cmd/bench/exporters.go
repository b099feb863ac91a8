package main

import (
	"context"
	"errors"

	contrib "github.com/open-telemetry/opentelemetry-collector-contrib/exporter/clickhouseexporter"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"

	"github.com/steptrace/steptrace/collector/clickhouseexporter"
)

// exporters write both signals into one database. Each batch is an insert: they have no queue.
type exporters struct {
	traces exporter.Traces
	logs   exporter.Logs
}

func oursInto(ctx context.Context, url string) (exporters, error) {
	factory := clickhouseexporter.NewFactory()
	cfg := factory.CreateDefaultConfig().(*clickhouseexporter.Config)
	cfg.Endpoint = clickhouseexporter.Endpoint(url)
	cfg.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
	return startExporters(ctx, factory, cfg)
}

// contribInto is the OpenTelemetry Collector's exporter with its own defaults. Its inserts of log records take more
// memory than the embedded store gives a statement.
func contribInto(ctx context.Context, url string) (exporters, error) {
	factory := contrib.NewFactory()
	cfg := factory.CreateDefaultConfig().(*contrib.Config)
	cfg.Endpoint = url + "?max_memory_usage=2000000000&max_memory_usage_for_user=4000000000"
	cfg.QueueSettings = configoptional.None[exporterhelper.QueueBatchConfig]()
	return startExporters(ctx, factory, cfg)
}

func startExporters(ctx context.Context, factory exporter.Factory, cfg component.Config) (exporters, error) {
	settings := exportertest.NewNopSettings(factory.Type())
	traces, tracesErr := factory.CreateTraces(ctx, settings, cfg)
	logs, logsErr := factory.CreateLogs(ctx, settings, cfg)
	if err := errors.Join(tracesErr, logsErr); err != nil {
		return exporters{}, err
	}
	host := componenttest.NewNopHost()
	return exporters{traces, logs}, errors.Join(traces.Start(ctx, host), logs.Start(ctx, host))
}

func (e exporters) shutdown(ctx context.Context) error {
	return errors.Join(e.traces.Shutdown(ctx), e.logs.Shutdown(ctx))
}
