package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/pressly/goose/v3"

	"github.com/steptrace/steptrace/store/schema"
)

const migrationsTable = "steptrace_migrations"

// Migrate brings the store named by dsn to this binary's schema: it creates the database when it is missing and applies
// the migrations not recorded yet. Migrations only go forward. Every statement can be repeated, so a migration that was
// cut short is finished by the next run and two processes migrating at once do no harm. A store that a newer Steptrace
// has migrated is refused.
func Migrate(ctx context.Context, dsn string, logger *slog.Logger) error {
	opts, err := parseDSN(dsn)
	if err != nil {
		return err
	}
	return MigrateWith(ctx, opts, logger)
}

// MigrateWith is Migrate for connections that a DSN cannot describe, such as those with a certificate authority of
// their own.
func MigrateWith(ctx context.Context, opts *clickhouse.Options, logger *slog.Logger) error {
	if err := createDatabase(ctx, opts); err != nil {
		return explain("migrate", address(opts), err)
	}
	if err := applyMigrations(ctx, opts, logger); err != nil {
		return explain("migrate", address(opts), err)
	}
	return nil
}

func applyMigrations(ctx context.Context, opts *clickhouse.Options, logger *slog.Logger) (err error) {
	db := clickhouse.OpenDB(opts)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectClickHouse, db, schema.Files,
		goose.WithTableName(migrationsTable), goose.WithDisableGlobalRegistry(true), goose.WithSlog(logger))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if current > target {
		return fmt.Errorf("its schema version %d is newer than %d, the newest this steptrace knows: "+
			"use a newer steptrace", current, target)
	}
	applied, err := provider.Up(ctx)
	for _, m := range applied {
		logger.Info("migrated the store", "migration", m.Source.Path, "duration", m.Duration)
	}
	return err
}

func createDatabase(ctx context.Context, opts *clickhouse.Options) (err error) {
	name := opts.Auth.Database
	if name == "" || name == "default" {
		return nil
	}
	server := *opts
	server.Auth.Database = ""
	conn, err := clickhouse.Open(&server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var exists bool
	row := conn.QueryRow(ctx, "SELECT count() > 0 FROM system.databases WHERE name = {name:String}",
		clickhouse.Named("name", name))
	if err := row.Scan(&exists); err != nil {
		return fmt.Errorf("look for the database %q: %w", name, err)
	}
	if exists {
		return nil
	}
	err = conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS {name:Identifier}", clickhouse.Named("name", name))
	if err != nil {
		return fmt.Errorf("create the database %q: %w", name, err)
	}
	return nil
}
