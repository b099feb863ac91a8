package clickhouseexporter

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"sync"

	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"
)

// storeExporter writes one signal into one store.
type storeExporter struct {
	cfg      *Config
	logger   *zap.Logger
	meters   meters
	encoders *encoders
	letters  *letters // nil without a dead-letter file
	replicas *replicas
	attempts *attempts
	waiting  *waiting
	observed metric.Registration // nil when nobody is told how long rows wait
	tls      *tls.Config
	client   *http.Client

	unsupported sync.Map // kinds of metrics of which was said that they are not stored
}

func newExporter(set exporter.Settings, cfg *Config) (*storeExporter, error) {
	return newExporterAt(set, cfg, quartz.NewReal())
}

func newExporterAt(set exporter.Settings, cfg *Config, clock quartz.Clock) (*storeExporter, error) {
	targets, err := cfg.targets()
	if err != nil {
		return nil, err
	}
	meters, err := newMeters(set.MeterProvider.Meter("github.com/steptrace/steptrace/collector/clickhouseexporter"))
	if err != nil {
		return nil, err
	}
	e := &storeExporter{
		cfg: cfg, logger: set.Logger, meters: meters, encoders: newEncoders(cfg.compressionMethod()),
		replicas: &replicas{clock: clock}, attempts: newAttempts(),
		waiting: newWaiting(clock, cfg),
	}
	for _, t := range targets {
		e.replicas.all = append(e.replicas.all, &replica{target: t, migrated: !cfg.CreateSchema})
	}
	if d := cfg.DeadLetter; d.HasValue() {
		e.letters = &letters{path: d.Get().Path, maxSize: d.Get().MaxSize, clock: clock}
	}
	return e, nil
}

// start connects and migrates. A store that cannot be reached now does not stop the Collector, which may accept data
// meanwhile; one that refuses does.
func (e *storeExporter) start(ctx context.Context, _ component.Host) (err error) {
	if e.letters != nil {
		if err := e.letters.check(); err != nil {
			return err
		}
	}
	if e.tls, err = e.cfg.TLS.LoadTLSConfig(ctx); err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	for _, r := range e.replicas.all {
		if r.secretInTheOpen() {
			e.logger.Warn("the store's password travels unencrypted, use an https endpoint", zap.String("host", r.url.Host))
		}
	}
	e.client = newClient(e.tls)
	return e.migrateAll(ctx)
}

func (e *storeExporter) shutdown(context.Context) error {
	if e.client != nil {
		e.client.CloseIdleConnections()
	}
	if e.observed != nil {
		return e.observed.Unregister()
	}
	return nil
}
