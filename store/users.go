package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/steptrace/steptrace/store/schema"
)

// Users are the two ClickHouse users of a store.
type Users struct {
	Writer, Reader User
	// WriterMigrates lets the writer create and alter what migrations do, as a Collector with create_schema needs.
	WriterMigrates bool
}

// User is a ClickHouse user.
type User struct{ Name, Password string }

// Validate reports what a user lacks.
func (u Users) Validate() error {
	switch {
	case u.Writer.Name == "" || u.Reader.Name == "":
		return errors.New("the users need names")
	case u.Writer.Name == u.Reader.Name:
		return fmt.Errorf("the writer and the reader are one user, %q: give them two names", u.Writer.Name)
	case u.Writer.Password == "" || u.Reader.Password == "":
		return errors.New("the users need passwords")
	}
	return nil
}

// readerSettings bound a reader's queries. readonly 2 and not 1: with 1 a query can set nothing, but clickhouse-go
// sends max_execution_time with every query that has a deadline, Grafana does so too, and this package's queries set
// how FINAL is read. With 2 they can, within these limits, but cannot write, nor leave readonly.
const readerSettings = "readonly = 2, max_execution_time = 30 MIN 1 MAX 60, " +
	"max_memory_usage = 4000000000 MIN 1 MAX 4000000000, " +
	"max_memory_usage_for_user = 8000000000 CONST, " +
	"max_result_rows = 1000000 MIN 1 MAX 1000000, " +
	"max_result_bytes = 1000000000 MIN 1 MAX 1000000000, " +
	"max_concurrent_queries_for_user = 50 CONST, allow_introspection_functions = 0 CONST"

// On a cluster an insert is answered when every shard has its rows, and tables of several shards are joined on the
// server that was asked, since what joins may lie on different ones.
const (
	clusterWriterSettings = "distributed_foreground_insert = 1 CONST"
	clusterReaderSettings = ", distributed_product_mode = 'global'"
)

// The rights. Creating a Distributed table takes REMOTE, sending a statement to all servers takes CLUSTER. Where
// engines need grants too (table_engines_require_grant), these are there.
const (
	migratingRights = ", CREATE DATABASE, CREATE TABLE, CREATE VIEW, ALTER TABLE, ALTER VIEW"
	engineRights    = ", TABLE ENGINE ON ReplacingMergeTree, TABLE ENGINE ON AggregatingMergeTree"
	clusterRights   = ", TABLE ENGINE ON ReplicatedReplacingMergeTree, " +
		"TABLE ENGINE ON ReplicatedAggregatingMergeTree, TABLE ENGINE ON Distributed, REMOTE ON *.*, CLUSTER ON *.*"
)

// statements create the users, or change those that are there. GRANT … WITH REPLACE OPTION takes what they had before.
func (u Users) statements(database, cluster string) []string {
	on, all := schema.On(cluster), schema.QuoteName(database)+".*"
	reading, writing, rights := readerSettings, "", "SELECT, INSERT"
	if cluster != "" {
		reading, writing = readerSettings+clusterReaderSettings, clusterWriterSettings
	}
	if u.WriterMigrates {
		rights += migratingRights + " ON " + all + engineRights
		if cluster != "" {
			rights += clusterRights
		}
	} else {
		rights += " ON " + all
	}
	statements := append(u.Writer.statements(on, writing), u.Reader.statements(on, reading)...)
	return append(statements,
		"GRANT"+on+" "+rights+" TO "+schema.QuoteName(u.Writer.Name)+" WITH REPLACE OPTION",
		"GRANT"+on+" SELECT ON "+all+" TO "+schema.QuoteName(u.Reader.Name)+" WITH REPLACE OPTION")
}

// statements create the user and a settings profile of the same name, or give them what they are to have now.
func (u User) statements(on, settings string) []string {
	name := schema.QuoteName(u.Name)
	identified := " IDENTIFIED WITH sha256_hash BY " + u.hash()
	if settings == "" {
		return []string{
			"CREATE USER IF NOT EXISTS " + name + on + identified, "ALTER USER " + name + on + identified,
		}
	}
	profile := " SETTINGS PROFILE " + schema.Quote(u.Name)
	return []string{
		"CREATE SETTINGS PROFILE IF NOT EXISTS " + name + on + " SETTINGS " + settings,
		"ALTER SETTINGS PROFILE " + name + on + " SETTINGS " + settings,
		"CREATE USER IF NOT EXISTS " + name + on + identified + profile,
		"ALTER USER " + name + on + identified + profile,
	}
}

// hash is what the server keeps of the password and compares with. The password itself would be in its query log.
func (u User) hash() string {
	salt := rand.Text()
	sum := sha256.Sum256([]byte(u.Password + salt))
	return schema.Quote(strings.ToUpper(hex.EncodeToString(sum[:]))) + " SALT " + schema.Quote(salt)
}

func (t *target) createUsers(ctx context.Context, u *Users) error {
	if u == nil {
		return nil
	}
	if err := u.Validate(); err != nil {
		return err
	}
	var configured bool
	if err := queryRow(ctx, t.conn, &configured,
		"SELECT count() > 0 AND countIf(type != 'users_xml') = 0 FROM system.user_directories"); err == nil && configured {
		return errors.New("it keeps its users in its configuration and cannot create any: write them there; " +
			"of the embedded engine they are `steptrace store --user` and `--reader`")
	}
	for _, statement := range u.statements(t.database, t.cluster) {
		if err := execute(ctx, t.conn, statement); err != nil {
			return fmt.Errorf("create the users: %w", err)
		}
	}
	t.logger.Info("created the users, or gave them their rights", "writer", u.Writer.Name, "reader", u.Reader.Name)
	return nil
}
