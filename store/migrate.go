package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/store/schema"
)

// statementTimeout bounds one statement of a migration. Sent to a cluster, it waits for every server.
const statementTimeout = 4 * time.Minute

// Migrate brings the store named by dsn to this binary's schema, and does nothing else.
func Migrate(ctx context.Context, dsn string, logger *slog.Logger) error {
	opts, err := ParseDSN(dsn)
	if err != nil {
		return err
	}
	return MigrateWith(ctx, opts, logger)
}

// MigrateWith is Migrate for connections that a DSN cannot describe, such as those with a certificate authority of
// their own.
func MigrateWith(ctx context.Context, opts *clickhouse.Options, logger *slog.Logger) error {
	return Migration{Options: opts, Logger: logger}.Run(ctx)
}

// Migration brings a store to this binary's schema: it creates the database when it is missing and applies the
// migrations not recorded yet. Migrations only go forward. Every statement can be repeated, so a migration that was cut
// short is finished by the next run and two processes migrating at once do no harm. A store is refused that a newer
// Steptrace has migrated, or one whose files were others.
type Migration struct {
	Options *clickhouse.Options
	Logger  *slog.Logger
	// Cluster makes the tables on every server of the cluster of that name. "" takes what the store was made with.
	Cluster string
	// Retention says how long tables keep their rows; those not named keep them as long as before.
	Retention Retention
	// Users are created, or given what they need; nil leaves the users as they are.
	Users *Users
}

// Run migrates.
func (m Migration) Run(ctx context.Context) error {
	if err := m.run(ctx); err != nil {
		return explain("migrate", address(m.Options), err)
	}
	return nil
}

func (m Migration) run(ctx context.Context) (err error) {
	migrations, err := schema.Migrations()
	if err != nil {
		return err
	}
	tables, err := schema.Tables(migrations)
	if err != nil {
		return err
	}
	if err := m.prepare(ctx); err != nil {
		return err
	}
	conn, err := clickhouse.Open(m.Options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	t := &target{conn: conn, logger: m.Logger, database: m.database(), cluster: m.Cluster, tables: tables}
	if err := t.migrate(ctx, migrations); err != nil {
		return err
	}
	if err := t.retain(ctx, m.Retention); err != nil {
		return err
	}
	return t.createUsers(ctx, m.Users)
}

func (m Migration) database() string {
	if name := m.Options.Auth.Database; name != "" {
		return name
	}
	return "default"
}

// prepare connects without a database, for the server refuses one that it does not have, and makes it.
func (m Migration) prepare(ctx context.Context) (err error) {
	server := *m.Options
	server.Auth.Database = ""
	conn, err := clickhouse.Open(&server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := requireVersion(ctx, conn); err != nil {
		return err
	}
	name := m.database()
	if m.Cluster == "" { // who may not create databases may still migrate one that is there
		var exists bool
		err := queryRow(ctx, conn, &exists, "SELECT count() > 0 FROM system.databases WHERE name = {name:String}",
			clickhouse.Named("name", name))
		if err != nil {
			return fmt.Errorf("look for the database %q: %w", name, err)
		}
		if exists {
			return nil
		}
	}
	if err := execute(ctx, conn, createDatabase(name, m.Cluster)); err != nil {
		return fmt.Errorf("create the database %q: %w", name, err)
	}
	return nil
}

func createDatabase(name, cluster string) string {
	return "CREATE DATABASE IF NOT EXISTS " + schema.QuoteName(name) + schema.On(cluster)
}

// target is the store that is migrated.
type target struct {
	conn              driver.Conn
	logger            *slog.Logger
	database, cluster string
	tables            []schema.Table
}

func (t *target) migrate(ctx context.Context, migrations []schema.Migration) error {
	applied, err := t.recorded(ctx)
	if err != nil {
		return err
	}
	if err := applied.check(migrations); err != nil {
		return err
	}
	known, err := t.knownSettings(ctx)
	if err != nil {
		return err
	}
	for _, m := range migrations {
		if _, done := applied[m.Version]; done {
			continue
		}
		start := time.Now()
		for _, s := range m.Statements {
			if err := t.apply(ctx, s, known); err != nil {
				return fmt.Errorf("migration %s: %w", m.File, err)
			}
		}
		if err := t.record(ctx, m); err != nil {
			return fmt.Errorf("record migration %s: %w", m.File, err)
		}
		t.logger.Info("migrated the store", "migration", m.File, "duration", time.Since(start))
	}
	return nil
}

func (t *target) apply(ctx context.Context, s schema.Statement, known func(string) bool) error {
	variant, err := variantOf(s, t.database, t.cluster, t.tables)
	if err != nil {
		return err
	}
	for _, v := range variant {
		if err := execute(ctx, t.conn, v.WithoutSettings(known).SQL); err != nil {
			return err
		}
	}
	return nil
}

// variantOf is the statement, or what stands for it on a cluster.
func variantOf(s schema.Statement, database, cluster string, tables []schema.Table) ([]schema.Statement, error) {
	if cluster == "" {
		return []schema.Statement{s}, nil
	}
	return schema.Cluster{Name: cluster, Database: database, Tables: tables}.Variant(s)
}

func execute(ctx context.Context, conn driver.Conn, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	return conn.Exec(ctx, statement)
}

func queryRow(ctx context.Context, conn driver.Conn, to any, query string, params ...any) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	return conn.QueryRow(ctx, query, params...).Scan(to)
}
