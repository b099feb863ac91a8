package clickhouseexporter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapio"

	"github.com/steptrace/steptrace/store"
)

// storeExporter writes one signal into one store.
type storeExporter struct {
	cfg    *Config
	target target
	logger *zap.Logger
	tls    *tls.Config // nil for http
	client *http.Client

	schema   sync.Mutex // held while migrating
	migrated bool
}

func newExporter(set exporter.Settings, cfg *Config) (*storeExporter, error) {
	t, err := cfg.target()
	if err != nil {
		return nil, err
	}
	return &storeExporter{cfg: cfg, target: t, logger: set.Logger, migrated: !cfg.CreateSchema}, nil
}

// start connects and migrates. A store that cannot be reached now does not stop the Collector, which may accept data
// meanwhile; one that refuses does.
func (e *storeExporter) start(ctx context.Context, _ component.Host) (err error) {
	if e.target.url.Scheme == "https" {
		if e.tls, err = e.cfg.TLS.LoadTLSConfig(ctx); err != nil {
			return fmt.Errorf("tls: %w", err)
		}
	} else if e.target.password != "" && !isLoopback(e.target.url.Hostname()) {
		e.logger.Warn("the store's password travels unencrypted, use an https endpoint")
	}
	e.client = newClient(e.tls)
	err = e.migrate(ctx)
	if unreachable(err) {
		e.logger.Warn("the store cannot be reached, data waits in the sending queue", zap.Error(err))
		return nil
	}
	return err
}

func (e *storeExporter) shutdown(context.Context) error {
	if e.client != nil {
		e.client.CloseIdleConnections()
	}
	return nil
}

func (e *storeExporter) pushTraces(ctx context.Context, td ptrace.Traces) error {
	if td.SpanCount() == 0 {
		return nil
	}
	if err := e.migrate(ctx); err != nil {
		return err
	}
	return e.insert(ctx, spanTable(td))
}

func (e *storeExporter) pushLogs(ctx context.Context, ld plog.Logs) error {
	if ld.LogRecordCount() == 0 {
		return nil
	}
	if err := e.migrate(ctx); err != nil {
		return err
	}
	return e.insert(ctx, logTable(ld))
}

// migrate brings the store to this binary's schema, once.
func (e *storeExporter) migrate(ctx context.Context) error {
	e.schema.Lock()
	defer e.schema.Unlock()
	if e.migrated {
		return nil
	}
	opts, err := clickhouse.ParseDSN(e.target.dsn())
	if err != nil {
		return errors.New("endpoint: not understood as a ClickHouse address")
	}
	opts.TLS = e.tls
	out := &zapio.Writer{Log: e.logger}
	defer func() { _ = out.Close() }() // it only flushes into the logger
	logger := slog.New(slog.NewTextHandler(out, nil))
	if err := (store.Migration{Options: opts, Logger: logger, Retention: e.cfg.Retention}).Run(ctx); err != nil {
		return err
	}
	e.migrated = true
	return nil
}

// unreachable tells network failures from refusals.
func unreachable(err error) bool {
	var failure net.Error
	return errors.As(err, &failure)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
