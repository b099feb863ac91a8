package plugin

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// healthOf checks a data source of these settings.
func healthOf(ctx context.Context, t *testing.T, s backend.DataSourceInstanceSettings) *backend.CheckHealthResult {
	t.Helper()
	made, err := New(ctx, s)
	require.NoError(t, err)
	i := made.(*Instance)
	defer i.Dispose()
	result, err := i.CheckHealth(ctx, &backend.CheckHealthRequest{})
	require.NoError(t, err)
	require.NotContains(t, result.Message, secret)
	return result
}

// emptyDatabase is an own database in the embedded store that nothing has migrated.
func emptyDatabase(t *testing.T) (address, database string) {
	t.Helper()
	u, err := url.Parse(embeddedtest.DSN(t))
	require.NoError(t, err)
	return "http://" + u.Host, u.Path[1:]
}

func named(t *testing.T, database, username string) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"database": database, "username": username})
	require.NoError(t, err)
	return string(text)
}

func execute(t *testing.T, address, database, statement string) {
	t.Helper()
	options, err := store.ParseDSN(address + "/" + database)
	require.NoError(t, err)
	conn, err := clickhouse.Open(options)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Exec(t.Context(), statement))
}

func TestHealthOfAStore(t *testing.T) {
	address, database := emptyDatabase(t)
	open := settings(address, named(t, database, "default"))
	open.DecryptedSecureJSONData = nil

	result := healthOf(t.Context(), t, open)
	require.Equal(t, backend.HealthStatusError, result.Status)
	require.Contains(t, result.Message, `has no Steptrace tables: run `+"`steptrace migrate`")

	require.NoError(t, store.Migrate(t.Context(), address+"/"+database, slog.New(slog.DiscardHandler)))
	result = healthOf(t.Context(), t, open)
	require.Equal(t, backend.HealthStatusOk, result.Status, result.Message)
	require.Regexp(t, `^ClickHouse \d+\.\d+.*, schema \d+: 0 state machines, 0 executions in the last 24 hours, 0 spans\. `+
		`The user "default" may write: give this data source one that may only read`, result.Message)
	var details health
	require.NoError(t, json.Unmarshal(result.JSONDetails, &details))
	require.Positive(t, details.Schema)
	require.Len(t, details.Warnings, 1)

	execute(t, address, database, "INSERT INTO steptrace_migrations (Version, File, Checksum, Cluster) SELECT 4711, 'x', 'y', ''")
	result = healthOf(t.Context(), t, open)
	require.Equal(t, backend.HealthStatusError, result.Status)
	require.Contains(t, result.Message, "has version 4711, this plugin knows")
	require.Contains(t, result.Message, "install a newer Steptrace plugin")

	execute(t, address, database, "TRUNCATE TABLE steptrace_migrations")
	execute(t, address, database, "INSERT INTO steptrace_migrations (Version, File, Checksum, Cluster) SELECT 3, 'x', 'y', ''")
	result = healthOf(t.Context(), t, open)
	require.Equal(t, backend.HealthStatusError, result.Status)
	require.Contains(t, result.Message, "has version 3, this plugin needs")
	require.Contains(t, result.Message, "run `steptrace migrate`")
}

func TestHealthOfWrongLogins(t *testing.T) {
	address, database := emptyDatabase(t)
	wrong := healthOf(t.Context(), t, settings(address, named(t, database, "default")))
	require.Contains(t, wrong.Message, `refuses the user "default" or its password: correct Username and Password`)
	missing := settings(address, named(t, "nowhere", "default"))
	missing.DecryptedSecureJSONData = nil
	require.Contains(t, healthOf(t.Context(), t, missing).Message, `has no database "nowhere": correct Database`)
}

// What the real engine cannot be made to answer here, a proxy before it does, in ClickHouse's form.
func TestHealthOfRefusals(t *testing.T) {
	for code, want := range map[string]string{
		"193": "refuses the user", "192": "refuses the user", "194": "refuses the user", "516": "refuses the user",
		"497": "GRANT SELECT ON steptrace.* to it", "164": "readonly = 2 instead of 1", "47": "use a new database",
		"241": "ClickHouse at", "81": "has no database", "60": "run `steptrace migrate`",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-ClickHouse-Exception-Code", code)
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("Code: " + code + ". DB::Exception: no. (NO)"))
		}))
		result := healthOf(t.Context(), t, settings(server.URL, named(t, "steptrace", "reader")))
		require.Equal(t, backend.HealthStatusError, result.Status)
		require.Contains(t, result.Message, want, code)
		server.Close()
	}
}

func TestHealthOfWhatIsNotClickHouse(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"HTTP 404":      http.NotFound,
		"HTTP 302":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) },
		"HTTP 502":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"does not answ": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello</html>")) },
		"does not answe": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat("\xff\x01", 1<<16)))
		},
		"does not ans": func(http.ResponseWriter, *http.Request) {},
	} {
		server := httptest.NewServer(answer)
		result := healthOf(t.Context(), t, settings(server.URL, ""))
		require.Equal(t, backend.HealthStatusError, result.Status)
		require.Contains(t, result.Message, name)
		require.Contains(t, result.Message, "8123")
		require.True(t, utf8.ValidString(result.Message))
		require.Less(t, len(result.Message), 800)
		server.Close()
	}
}

func TestHealthOfWhatCannotBeReached(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	refused := healthOf(t.Context(), t, settings("http://"+address, ""))
	require.Contains(t, refused.Message, address+" cannot be reached (connect: connection refused): start the store")

	require.Contains(t, healthOf(t.Context(), t, settings("http://no-such-host.invalid:8123", "")).Message,
		`There is no host "no-such-host.invalid": correct the URL`)

	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	require.Contains(t, healthOf(t.Context(), t, settings(strings.Replace(plain.URL, "http", "https", 1), "")).Message,
		"does not speak TLS: write http://")

	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	require.NoError(t, err)
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.Contains(t, healthOf(ctx, t, settings("http://"+silent.Addr().String(), "")).Message, "did not answer within")
}

// A store that is away does not keep the data source from being made, and queries work once it is back.
func TestQueriesWhileTheStoreIsAway(t *testing.T) {
	address, database := emptyDatabase(t)
	require.NoError(t, store.Migrate(t.Context(), address+"/"+database, slog.New(slog.DiscardHandler)))
	target, err := url.Parse(address)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	s := settings("http://"+listener.Addr().String(), named(t, database, "default"))
	s.DecryptedSecureJSONData = nil
	made, err := New(t.Context(), s)
	require.NoError(t, err)
	i := made.(*Instance)
	defer i.Dispose()
	ask := func(query string) backend.DataResponse {
		response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{queryOf("A", query)}})
		require.NoError(t, err)
		return response.Responses["A"]
	}
	for _, query := range []string{
		`{"queryType":"machines"}`, `{"queryType":"trace","execution":"latest"}`, `{"queryType":"sql","rawSql":"SELECT 1"}`,
		`{"queryType":"workflow","execution":"latest"}`, `{"queryType":"events","execution":"latest"}`,
	} {
		away := ask(query)
		require.ErrorContains(t, away.Error, "cannot be reached")
		require.Equal(t, backend.StatusBadGateway, away.Status)
		require.Equal(t, backend.ErrorSourceDownstream, away.ErrorSource)
	}
	listener, err = net.Listen("tcp", listener.Addr().String())
	require.NoError(t, err)
	proxy := &http.Server{Handler: httputil.NewSingleHostReverseProxy(target)}
	go func() { _ = proxy.Serve(listener) }()
	defer proxy.Close()
	require.NoError(t, ask(`{"queryType":"sql","rawSql":"SELECT 1"}`).Error)
	require.NoError(t, ask(`{"queryType":"machines"}`).Error)
}
