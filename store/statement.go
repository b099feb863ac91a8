package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Statement is SQL that somebody wrote, with its server-side parameters by name.
type Statement struct {
	SQL    string
	Params map[string]any
}

// ErrEnough ends a Read early when its function returns it.
var ErrEnough = errors.New("enough rows")

// Read runs a statement that may only read, whatever the user may do besides, and calls scan for every row, begin
// before the first. What ClickHouse says of the statement is in the error word for word.
func (db *DB) Read(
	ctx context.Context, s Statement, begin func([]driver.ColumnType) error, scan func(driver.Rows) error,
) error {
	level, err := db.readonlyLevel(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if level == 0 { // a reader's own level cannot be changed, nor need it be
		ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"readonly": 1}))
	}
	params := make([]any, 0, len(s.Params))
	for name, value := range s.Params {
		params = append(params, clickhouse.Named(name, value))
	}
	rows, err := db.conn.Query(ctx, s.SQL, params...)
	if err != nil {
		return db.refused(err)
	}
	err = begin(rows.ColumnTypes())
	for err == nil && rows.Next() {
		err = scan(rows)
	}
	if err != nil {
		cancel() // so that closing does not wait for the rest
		_ = rows.Close()
		if errors.Is(err, ErrEnough) {
			return nil
		}
		return err
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return db.refused(err)
	}
	return nil
}

// refused says what is wrong with a statement in ClickHouse's words; of all other failures what explain says.
func (db *DB) refused(err error) error {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return fmt.Errorf("the store refuses the query: %w", exception)
	}
	return explain("run the query", db.addr, err)
}
