package main

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/steptrace/steptrace/cmd/bench/corpus"
	"github.com/steptrace/steptrace/collector/clickhouseexporter"
)

const (
	pastSince = 5 * time.Hour // ago
	pastEvery = time.Minute   // an execution, on average
	pastSpans = 4_000         // about 280 executions
)

// writePast stores executions of the last hours, so that there is something to aggregate.
func writePast(ctx context.Context, url string) error {
	factory := clickhouseexporter.NewFactory()
	cfg := factory.CreateDefaultConfig().(*clickhouseexporter.Config)
	cfg.Endpoint = clickhouseexporter.Endpoint(url)
	cfg.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
	settings := exporter.Settings{
		ID: component.NewID(factory.Type()), TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}
	traces, tracesErr := factory.CreateTraces(ctx, settings, cfg)
	logs, logsErr := factory.CreateLogs(ctx, settings, cfg)
	if err := errors.Join(tracesErr, logsErr); err != nil {
		return err
	}
	host := componenttest.NewNopHost()
	if err := errors.Join(traces.Start(ctx, host), logs.Start(ctx, host)); err != nil {
		return err
	}
	spans, records := corpus.New(1, time.Now().Add(-pastSince), pastEvery).Batch(pastSpans)
	err := errors.Join(traces.ConsumeTraces(ctx, spans), logs.ConsumeLogs(ctx, records))
	return errors.Join(err, traces.Shutdown(ctx), logs.Shutdown(ctx))
}
