// Package store is Steptrace's use of ClickHouse: the schema and its migrations, and one file for each question asked
// of it. It works on any ClickHouse, the embedded engine included, through clickhouse-go.
package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrNotFound is returned when the store holds nothing under the name that was asked for.
var ErrNotFound = errors.New("not found")

// queryTimeout bounds every query; ClickHouse is told of it too (max_execution_time), so an abandoned one ends there.
const queryTimeout = 30 * time.Second

// DB reads from one store. It is safe for concurrent use.
type DB struct {
	conn                driver.Conn
	addr                string
	maxSpans, maxEvents int // of one trace
}

// Open connects to the ClickHouse named by dsn, such as http://user:password@127.0.0.1:8123/default, and checks that it
// answers.
func Open(ctx context.Context, dsn string) (*DB, error) {
	opts, err := ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	db, err := OpenWith(opts)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if err := db.conn.Ping(ctx); err != nil {
		return nil, errors.Join(explain("open", db.addr, err), db.Close())
	}
	return db, nil
}

// OpenWith is Open for connections that a DSN cannot describe, such as those with a certificate authority of their own,
// and for those who cannot wait for the store: it does not connect, the first question does. It keeps opts.
func OpenWith(opts *clickhouse.Options) (*DB, error) {
	setDefault(opts, "distributed_product_mode", joinOnce)
	// Over HTTP, ClickHouse goes on with the query of a client that has left, unless it is told otherwise.
	setDefault(opts, "cancel_http_readonly_queries_on_client_close", 1)
	conn, err := clickhouse.Open(opts)
	if err != nil {
		return nil, fmt.Errorf("open the store at %s: %w", address(opts), err)
	}
	return &DB{conn: conn, addr: address(opts), maxSpans: maxSpans, maxEvents: maxEvents}, nil
}

// Close releases the connections.
func (db *DB) Close() error { return db.conn.Close() }

const formOfDSN = "http://user:password@host:8123/database" //nolint:gosec // nobody's password

// ParseDSN reads the address of a ClickHouse. Its errors do not tell the password.
func ParseDSN(dsn string) (*clickhouse.Options, error) {
	u, err := url.Parse(dsn)
	if err != nil { // it repeats the DSN, which may hold a password
		return nil, errors.New("the store's DSN is not a URL of the form " + formOfDSN)
	}
	query := u.Query()
	if u.Scheme == "https" && !query.Has("secure") { // without it clickhouse-go takes http and https for a contradiction
		query.Set("secure", "true")
		u.RawQuery = query.Encode()
	}
	opts, err := clickhouse.ParseDSN(u.String())
	if err != nil {
		reason := strings.ReplaceAll(err.Error(), u.String(), u.Redacted())
		return nil, fmt.Errorf("the store's DSN is not of the form %s: %s", formOfDSN, reason)
	}
	if opts.Compression == nil && opts.Protocol == clickhouse.HTTP {
		opts.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	}
	return opts, nil
}

// joinOnce lets queries of distributed tables hold others, which ClickHouse refuses unless it is told where to run them:
// once, for all shards, since an attempt and the invocation that joins it may lie on different ones. Where tables are not
// distributed it changes nothing.
const joinOnce = "global"

// setDefault sets what the DSN does not.
func setDefault(opts *clickhouse.Options, setting string, value any) {
	if _, given := opts.Settings[setting]; given {
		return
	}
	if opts.Settings == nil {
		opts.Settings = clickhouse.Settings{}
	}
	opts.Settings[setting] = value
}

// address names a store in messages, without its credentials.
func address(opts *clickhouse.Options) string {
	return opts.Protocol.String() + "://" + strings.Join(opts.Addr, ",") + "/" + opts.Auth.Database
}

// each runs a query with its server-side parameters and calls scan for every row.
func (db *DB) each(ctx context.Context, what, query string, scan func(driver.Rows) error, params ...any) (err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	rows, err := db.conn.Query(ctx, query, params...)
	if err != nil {
		return explain(what, db.addr, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return explain(what, db.addr, err)
		}
	}
	if err := rows.Err(); err != nil {
		return explain(what, db.addr, err)
	}
	return nil
}
