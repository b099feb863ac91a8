package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

var twoUsers = &store.Users{
	Writer: store.User{Name: "w", Password: "wr1tes"}, Reader: store.User{Name: "r`", Password: "r3ads"},
	WriterMigrates: true,
}

func script(t *testing.T, m store.Migration) []string {
	t.Helper()
	var err error
	m.Options, err = store.ParseDSN("http://127.0.0.1:1/st")
	require.NoError(t, err)
	statements, err := m.Script()
	require.NoError(t, err)
	return statements
}

// Every statement that a cluster would be sent is one that ClickHouse's parser takes.
func TestScriptsAreParsedByTheEngine(t *testing.T) {
	conn := connect(t, embeddedtest.DSN(t))
	for _, cluster := range []string{"", "main", "{cluster}"} {
		for _, statement := range script(t, store.Migration{
			Cluster: cluster, Users: twoUsers,
			Retention: store.Retention{"otel_traces": 0, "otel_logs": store.Period(36 * time.Hour)},
		}) {
			require.NoError(t, conn.Exec(t.Context(), "EXPLAIN AST "+statement), statement)
		}
	}
	require.Error(t, conn.Exec(t.Context(), "EXPLAIN AST GRANT SELECT ON a.* TO b WITH REPLACEMENT"), "it parses")
}

func TestClusterScriptOfOneTable(t *testing.T) {
	want, err := os.ReadFile("testdata/cluster_sfn_state_machines.sql")
	require.NoError(t, err)
	var got []string
	for _, statement := range script(t, store.Migration{Cluster: "main"}) {
		if strings.Contains(statement, "EXISTS sfn_state_machines") {
			got = append(got, statement)
		}
	}
	require.Equal(t, string(want), strings.Join(got, ";\n\n")+";\n")
}

func TestScriptOfUsersOnACluster(t *testing.T) {
	want, err := os.ReadFile("testdata/cluster_users.sql")
	require.NoError(t, err)
	all := script(t, store.Migration{Cluster: "main", Users: twoUsers})
	first := slices.IndexFunc(all, func(s string) bool { return strings.HasPrefix(s, "CREATE SETTINGS PROFILE") })
	got := strings.Join(all[first:], ";\n\n") + ";\n"
	identified := regexp.MustCompile(`BY '([0-9A-F]{64})' SALT '(\w{20,})'`)
	for i, found := range identified.FindAllStringSubmatch(got, -1) {
		password := []string{"wr1tes", "wr1tes", "r3ads", "r3ads"}[i]
		sum := sha256.Sum256([]byte(password + found[2]))
		require.Equal(t, strings.ToUpper(hex.EncodeToString(sum[:])), found[1])
	}
	require.Equal(t, string(want), identified.ReplaceAllString(got, "BY 'HASH' SALT 'SALT'"))
	require.NotContains(t, got, "wr1tes")
	require.NotContains(t, got, "r3ads")
}

func TestAWriterWhoDoesNotMigrateMayOnlyReadAndWrite(t *testing.T) {
	users := *twoUsers
	users.WriterMigrates = false
	all := script(t, store.Migration{Users: &users})
	require.Equal(t, []string{
		"GRANT SELECT, INSERT ON `st`.* TO `w` WITH REPLACE OPTION",
		"GRANT SELECT ON `st`.* TO `r\\`` WITH REPLACE OPTION",
	}, all[len(all)-2:])
}

func TestScriptOfRetention(t *testing.T) {
	retention := store.Retention{
		"otel_traces": 0, "otel_logs": store.Period(36 * time.Hour), "aws_calls": store.Period(90 * 24 * time.Hour),
		"sfn_state_minutes": store.Period(48 * time.Hour),
	}
	alters := func(m store.Migration) []string {
		m.Retention = retention
		return slices.DeleteFunc(script(t, m), func(s string) bool { return !strings.HasPrefix(s, "ALTER") })
	}
	require.Equal(t, []string{
		"ALTER TABLE otel_traces REMOVE TTL",
		"ALTER TABLE otel_logs MODIFY TTL toDateTime(Timestamp) + toIntervalHour(36)",
		"ALTER TABLE sfn_state_minutes MODIFY TTL Minute + toIntervalDay(2)",
		"ALTER TABLE trace_times REMOVE TTL",
	}, alters(store.Migration{}))
	require.Equal(t, []string{
		"ALTER TABLE otel_traces_local ON CLUSTER 'main' REMOVE TTL",
		"ALTER TABLE otel_logs_local ON CLUSTER 'main' MODIFY TTL toDateTime(Timestamp) + toIntervalHour(36)",
		"ALTER TABLE sfn_state_minutes_local ON CLUSTER 'main' MODIFY TTL Minute + toIntervalDay(2)",
		"ALTER TABLE trace_times_local ON CLUSTER 'main' REMOVE TTL",
	}, alters(store.Migration{Cluster: "main"}))
}

func TestUsersThatAreWrong(t *testing.T) {
	for _, test := range []struct {
		users store.Users
		says  string
	}{
		{store.Users{}, "need names"},
		{store.Users{Writer: store.User{"a", "b"}, Reader: store.User{"a", "c"}}, `are one user, "a"`},
		{store.Users{Writer: store.User{"a", "b"}, Reader: store.User{"r", ""}}, "need passwords"},
	} {
		require.ErrorContains(t, test.users.Validate(), test.says)
	}
}

func TestTheEmbeddedEngineSaysThatItHasNoUsers(t *testing.T) {
	opts, err := store.ParseDSN(embeddedtest.DSN(t))
	require.NoError(t, err)
	err = store.Migration{Options: opts, Logger: quiet, Users: twoUsers}.Run(t.Context())
	require.ErrorContains(t, err, "keeps its users in its configuration")
	require.ErrorContains(t, err, "`steptrace store --user` and `--reader`")
}

// What the reader's settings allow is enough for what is read, and not for writing.
func TestReadingWithTheReadersReadonly(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, store.Migrate(t.Context(), dsn, quiet))
	db, err := store.Open(t.Context(), dsn+"?readonly=2&max_execution_time=30")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	found, err := db.Executions(t.Context(), store.ExecutionFilter{})
	require.NoError(t, err)
	require.Empty(t, found)
	_, err = db.Trace(t.Context(), "0123456789abcdef0123456789abcdef")
	require.ErrorIs(t, err, store.ErrNotFound)

	conn := connect(t, dsn+"?readonly=2")
	require.Error(t, conn.Exec(t.Context(), "TRUNCATE TABLE otel_logs"))
	require.Error(t, conn.Exec(t.Context(), "SELECT 1 SETTINGS readonly = 0"))
}
