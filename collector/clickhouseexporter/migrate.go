package clickhouseexporter

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"

	"go.uber.org/zap"
	"go.uber.org/zap/zapio"

	"github.com/steptrace/steptrace/store"
)

// migrateAll migrates what can be reached of the store. It fails if nothing works and something refuses.
func (e *storeExporter) migrateAll(ctx context.Context) error {
	var refusals []error
	works := false
	for _, r := range e.replicas.all {
		err := e.migrate(ctx, r)
		switch {
		case err == nil:
			works = true
			continue
		case unreachable(err):
			e.logger.Warn("the store cannot be reached, data waits in the sending queue", zap.Error(err))
		default:
			refusals = append(refusals, err)
			e.logger.Warn("the store refuses", zap.Error(err))
		}
		e.replicas.failed(r)
	}
	if works {
		return nil
	}
	return errors.Join(refusals...)
}

// migrate brings an endpoint to this binary's schema, once.
func (e *storeExporter) migrate(ctx context.Context, r *replica) error {
	r.migrating.Lock()
	defer r.migrating.Unlock()
	if r.migrated {
		return nil
	}
	out := &zapio.Writer{Log: e.logger}
	defer func() { _ = out.Close() }() // it only flushes into the logger
	migration := store.Migration{
		Options: r.options(e.tls), Logger: slog.New(slog.NewTextHandler(out, nil)), Retention: e.cfg.Retention,
	}
	if err := migration.Run(ctx); err != nil {
		return err
	}
	r.migrated = true
	return nil
}

// unreachable tells a network that failed, or a server that went away in the midst of it, from a refusal.
func unreachable(err error) bool {
	var failure net.Error
	return errors.As(err, &failure) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
