package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The oldest ClickHouse that the schema works on. Since 24.7 a batch that is sent again after its table was written and
// before its views were fills the views (ClickHouse pull request 61601); before, these rows would be missing for ever.
// 24.8 is the first long-term release with that.
const (
	oldestMajor = 24
	oldestMinor = 8
)

func requireVersion(ctx context.Context, conn driver.Conn) error {
	var version string
	if err := queryRow(ctx, conn, &version, "SELECT version()"); err != nil {
		return fmt.Errorf("ask for its version: %w", err)
	}
	return checkVersion(version)
}

func checkVersion(version string) error {
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return fmt.Errorf("its version %q is not understood", version)
	}
	if major > oldestMajor || major == oldestMajor && minor >= oldestMinor {
		return nil
	}
	return fmt.Errorf("it is ClickHouse %s, which is too old: use %d.%d or newer", version, oldestMajor, oldestMinor)
}

// knownSettings are those that the server's tables can have. Some settings of the schema are for newer servers, whose
// defaults they change back; older ones do not know them and need them not.
func (t *target) knownSettings(ctx context.Context) (_ func(string) bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	rows, err := t.conn.Query(ctx, "SELECT name FROM system.merge_tree_settings")
	if err != nil {
		return nil, fmt.Errorf("ask for its table settings: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	known := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read its table settings: %w", err)
		}
		known[name] = true
	}
	return func(name string) bool { return known[name] }, rows.Err()
}
