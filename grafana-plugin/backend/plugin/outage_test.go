package plugin

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

// restartable is a store behind a proxy that a test takes away and brings back at the same address.
type restartable struct {
	t       *testing.T
	target  *url.URL
	address string
	server  *http.Server
}

func (r *restartable) start() {
	r.t.Helper()
	listener, err := net.Listen("tcp", r.address)
	require.NoError(r.t, err)
	r.address = listener.Addr().String()
	proxy := httputil.NewSingleHostReverseProxy(r.target)
	proxy.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	r.server = &http.Server{Handler: proxy, ErrorLog: proxy.ErrorLog}
	go func() { _ = r.server.Serve(listener) }()
}

// stop cuts all connections, those in the middle of an answer as well.
func (r *restartable) stop() { require.NoError(r.t, r.server.Close()) }

func newRestartable(t *testing.T) (*restartable, *Instance) {
	t.Helper()
	address, database := emptyDatabase(t)
	require.NoError(t, store.Migrate(t.Context(), address+"/"+database, slog.New(slog.DiscardHandler)))
	target, err := url.Parse(address)
	require.NoError(t, err)
	r := &restartable{t: t, target: target, address: "127.0.0.1:0"}
	r.start()
	s := settings("http://"+r.address, named(t, database, "default"))
	s.DecryptedSecureJSONData = nil
	made, err := New(t.Context(), s)
	require.NoError(t, err)
	t.Cleanup(func() {
		made.(*Instance).Dispose()
		_ = r.server.Close()
	})
	return r, made.(*Instance)
}

// manyQueries are as many as a large dashboard has, of every type that needs no execution.
func manyQueries(n int) []backend.DataQuery {
	var queries []backend.DataQuery
	for k := range n {
		queryType := []string{"executions", "states", "failures", "calls", "cost"}[k%5]
		format := []string{"table", "numeric", "time_series"}[k%3]
		queries = append(queries, queryOf(fmt.Sprint(k), `{"queryType":"`+queryType+`","format":"`+format+`"}`))
	}
	return queries
}

func requireAnswers(t *testing.T, i *Instance, queries []backend.DataQuery) {
	t.Helper()
	response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: queries})
	require.NoError(t, err)
	require.Len(t, response.Responses, len(queries))
	for refID, answer := range response.Responses {
		require.NoError(t, answer.Error, refID)
		require.NotEmpty(t, answer.Frames, refID)
	}
}

// A store that goes away in the middle of answers fails them, and works again once it is back, on every connection.
func TestTheStoreGoesAwayAndComesBack(t *testing.T) {
	r, i := newRestartable(t)
	requireAnswers(t, i, manyQueries(100))
	for range 2 {
		var asking sync.WaitGroup
		for n := range 8 { // the embedded store runs 16 statements at once
			asking.Go(func() {
				response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{
					queryOf(fmt.Sprint(n), `{"queryType":"sql","rawSql":"`+endless+`"}`),
				}})
				require.NoError(t, err)
				answer := response.Responses[fmt.Sprint(n)]
				require.Error(t, answer.Error)
				require.Equal(t, backend.StatusBadGateway, answer.Status)
			})
		}
		awaitEndless(t, r, 8)
		r.stop()
		asking.Wait()
		health, err := i.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
		require.NoError(t, err)
		require.Equal(t, backend.HealthStatusError, health.Status)
		require.Contains(t, health.Message, "cannot be reached")

		r.start()
		requireAnswers(t, i, manyQueries(100))
		health, err = i.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
		require.NoError(t, err)
		require.Equal(t, backend.HealthStatusOk, health.Status, health.Message)
	}
}

// awaitEndless waits until so many of these statements run.
func awaitEndless(t *testing.T, r *restartable, n int) {
	t.Helper()
	const count = "SELECT count() FROM system.processes WHERE position(query, 'AS endless') > 0 " +
		"AND position(query, 'system.processes') = 0"
	require.Eventually(t, func() bool {
		response, err := http.Post(r.target.String(), "text/plain", strings.NewReader(count))
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return strings.TrimSpace(string(text)) == fmt.Sprint(n)
	}, 20*time.Second, 10*time.Millisecond)
}

// Grafana makes an instance anew each time that settings are saved, for years.
func TestManyInstancesLeaveNothingBehind(t *testing.T) {
	r, _ := newRestartable(t)
	before := runtime.NumGoroutine()
	for n := range 30 {
		asked := settings("http://"+r.address, "") // the password is wrong
		if n%2 == 0 {
			asked.DecryptedSecureJSONData = nil
		}
		made, err := New(t.Context(), asked)
		require.NoError(t, err)
		i := made.(*Instance)
		response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{
			queryOf("A", `{"queryType":"sql","rawSql":"SELECT 1"}`), queryOf("B", `{"queryType":"sql","rawSql":"SELECT 1"}`),
		}})
		require.NoError(t, err)
		require.Equal(t, n%2 == 0, response.Responses["A"].Error == nil && response.Responses["B"].Error == nil)
		i.Dispose()
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+5 }, 20*time.Second, 10*time.Millisecond)
}
