package store_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

func readNumbers(t *testing.T, db *store.DB, s store.Statement, most int) (numbers []uint64, err error) {
	err = db.Read(t.Context(), s, func(columns []driver.ColumnType) error {
		require.Len(t, columns, 1)
		return nil
	}, func(rows driver.Rows) error {
		var n uint64
		require.NoError(t, rows.Scan(&n))
		numbers = append(numbers, n)
		if len(numbers) == most {
			return store.ErrEnough
		}
		return nil
	})
	return numbers, err
}

func TestReadTakesParameters(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	numbers, err := readNumbers(t, r.db, store.Statement{
		SQL:    "SELECT number FROM numbers(10) WHERE number >= {least:UInt64}",
		Params: map[string]any{"least": 8},
	}, 100)
	require.NoError(t, err)
	require.Equal(t, []uint64{8, 9}, numbers)
}

func TestReadEndsEarly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	numbers, err := readNumbers(t, r.db, store.Statement{SQL: "SELECT number FROM numbers(100000000000)"}, 3)
	require.NoError(t, err)
	require.Equal(t, []uint64{0, 1, 2}, numbers)
}

func TestReadWritesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t) // its user may write
	for _, statement := range []string{
		"INSERT INTO steptrace_migrations (Version, File) SELECT 999, 'x'", "DROP TABLE otel_traces",
		"TRUNCATE TABLE otel_logs", "ALTER TABLE otel_logs DELETE WHERE 1", "SYSTEM STOP MERGES", "SET readonly = 0",
		"CREATE TABLE x (a Int8) ENGINE = Memory", "SELECT 1 SETTINGS readonly = 0", "SELECT 1 SETTINGS max_execution_time = 0",
		"SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", "SELECT * FROM file('/etc/passwd', 'LineAsString')",
	} {
		_, err := readNumbers(t, r.db, store.Statement{SQL: statement}, 1)
		require.ErrorContains(t, err, "the store refuses the query", statement)
	}
	c, err := r.db.Condition(t.Context())
	require.NoError(t, err)
	require.Equal(t, c.Known, c.Schema)
}

func TestReadSaysWhatTheServerSays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := readNumbers(t, r.db, store.Statement{SQL: "SELECT nothing FROM otel_tarces"}, 1)
	require.ErrorContains(t, err, "otel_tarces")
}

// A user's rights are changed while the store is open, such as after a warning that it may write.
func TestReadFollowsTheUsersRights(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	target, err := url.Parse(r.dsn)
	require.NoError(t, err)
	var readonly atomic.Bool
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: target.Host})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		settings := request.URL.Query()
		if readonly.Load() && settings.Has("readonly") { // as ClickHouse answers a user of readonly 2
			w.Header().Set("X-ClickHouse-Exception-Code", "164")
			http.Error(w, "Code: 164. DB::Exception: Cannot modify 'readonly' setting in readonly mode. (READONLY)", 500)
			return
		}
		if readonly.Load() {
			settings.Set("readonly", "2")
			request.URL.RawQuery = settings.Encode()
		}
		proxy.ServeHTTP(w, request)
	}))
	defer server.Close()
	db, err := store.Open(t.Context(), server.URL+target.Path)
	require.NoError(t, err)
	defer db.Close()
	one := store.Statement{SQL: "SELECT toUInt64(1)"}
	for _, only := range []bool{false, true, false} {
		readonly.Store(only)
		numbers, err := readNumbers(t, db, one, 1)
		require.NoError(t, err)
		require.Equal(t, []uint64{1}, numbers)
		condition, err := db.Condition(t.Context())
		require.NoError(t, err)
		require.Equal(t, !only, condition.MayWrite)
	}
	_, err = readNumbers(t, db, store.Statement{SQL: "INSERT INTO steptrace_migrations (Version, File) SELECT 999, 'x'"}, 1)
	require.ErrorContains(t, err, "the store refuses the query")
}
