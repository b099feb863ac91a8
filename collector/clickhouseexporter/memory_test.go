package clickhouseexporter

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// narrow is a way to the engine on which statements that insert may take no more memory than limit, in bytes.
func narrow(t *testing.T, dsn, limit string) (endpoint string, inserts *atomic.Int64) {
	t.Helper()
	inner, err := url.Parse(dsn)
	require.NoError(t, err)
	inserts = new(atomic.Int64)
	inner.Path = ""
	proxy := httputil.NewSingleHostReverseProxy(inner)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query := r.URL.Query(); strings.HasPrefix(query.Get("query"), "INSERT INTO otel_traces") {
			inserts.Add(1)
			query.Set("max_memory_usage", limit)
			r.URL.RawQuery = query.Encode()
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	outer := *inner
	outer.Host, outer.Path = strings.TrimPrefix(server.URL, "http://"), ""
	endpoint = outer.String() + strings.TrimPrefix(dsn, inner.String())
	return endpoint, inserts
}

func TestXX(t *testing.T) {
	for _, limit := range []string{"1000000", "4000000", "8000000", "16000000", "32000000", "64000000"} {
		dsn := embeddedtest.DSN(t)
		startTraces(t, unqueued(dsn))
		endpoint, inserts := narrow(t, dsn, limit)
		cfg := unqueued(endpoint)
		cfg.CreateSchema = false
		err := startTraces(t, cfg).ConsumeTraces(t.Context(), benchTraces(t, 10000, 1))
		t.Log(limit, dsn, endpoint, inserts.Load(), count(t, connect(t, dsn), "SELECT count() FROM otel_traces"), err)
	}
	_ = consumererror.IsPermanent
}
