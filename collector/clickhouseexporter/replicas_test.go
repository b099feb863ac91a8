package clickhouseexporter

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exportertest"

	"github.com/steptrace/steptrace/collector/loopback"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// endpoint is a server that counts the inserts it gets and answers them as it is told.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	code   string
	tokens []string
}

var tokenPattern = regexp.MustCompile(`insert_deduplication_token = '(\w+)'`)

func newEndpoint(t *testing.T) *endpoint {
	e := &endpoint{status: http.StatusOK}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.tokens = append(e.tokens, tokenPattern.FindStringSubmatch(r.URL.Query().Get("query"))[1])
		if e.code != "" {
			w.Header().Set("X-ClickHouse-Exception-Code", e.code)
		}
		w.WriteHeader(e.status)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) answer(status int, code string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status, e.code = status, code
}

func (e *endpoint) inserts() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tokens
}

func startAt(t *testing.T, clock quartz.Clock, endpoints ...string) *storeExporter {
	t.Helper()
	cfg := unqueued("")
	cfg.CreateSchema = false
	for _, e := range endpoints {
		cfg.Endpoints = append(cfg.Endpoints, Endpoint(e))
	}
	require.NoError(t, cfg.Validate())
	e, err := newExporterAt(exportertest.NewNopSettings(Type), cfg, clock)
	require.NoError(t, err)
	require.NoError(t, e.start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.shutdown(context.Background())) })
	return e
}

func TestTheNextEndpointTakesWhatOneCannot(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		code   string
	}{
		{"shutting down", 503, ""},
		{"read-only table", 500, "242"},
		{"read-only user", 500, "164"},
		{"out of disk", 500, "243"},
		{"a proxy without a server behind it", 502, ""},
		{"an error behind status 200", 200, "241"},
	} {
		t.Run(test.name, func(t *testing.T) {
			one, two := newEndpoint(t), newEndpoint(t)
			one.answer(test.status, test.code)
			clock := quartz.NewMock(t)
			e := startAt(t, clock, one.URL, two.URL)
			require.NoError(t, e.pushTraces(t.Context(), numbered(0, 10)))
			require.Len(t, one.inserts(), 1)
			require.Equal(t, one.inserts(), two.inserts(), "with the same token")

			require.NoError(t, e.pushTraces(t.Context(), numbered(10, 10)))
			require.Len(t, one.inserts(), 1, "what failed is let alone")
			require.Len(t, two.inserts(), 2)

			one.answer(http.StatusOK, "")
			clock.Advance(coolDown)
			require.NoError(t, e.pushTraces(t.Context(), numbered(20, 10)))
			require.Len(t, two.inserts(), 3, "what works stays")

			two.answer(http.StatusServiceUnavailable, "")
			require.NoError(t, e.pushTraces(t.Context(), numbered(30, 10)))
			require.Len(t, one.inserts(), 2)
		})
	}
}

func TestRowsAtFaultAreNotTriedElsewhere(t *testing.T) {
	one, two := newEndpoint(t), newEndpoint(t)
	one.answer(http.StatusBadRequest, "53")
	err := startAt(t, quartz.NewMock(t), one.URL, two.URL).pushTraces(t.Context(), numbered(0, 1))
	require.True(t, consumererror.IsPermanent(err))
	require.Empty(t, two.inserts())
}

// Endpoints that rest are tried nevertheless when no other works.
func TestAllEndpointsFailing(t *testing.T) {
	one, two := newEndpoint(t), newEndpoint(t)
	one.answer(http.StatusInternalServerError, "241")
	two.answer(http.StatusInternalServerError, "243")
	e := startAt(t, quartz.NewMock(t), one.URL, two.URL)
	for range 2 {
		err := e.pushTraces(t.Context(), numbered(0, 1))
		require.False(t, consumererror.IsPermanent(err))
		require.ErrorContains(t, err, hostOf(t, one.URL))
		require.ErrorContains(t, err, hostOf(t, two.URL)+": the store's disk is full")
	}
	require.Len(t, one.inserts(), 2)
	require.Len(t, two.inserts(), 2)
}

func hostOf(t *testing.T, address string) string {
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.Host
}

// A host that swallows what it is sent costs one timeout, not one for each batch.
func TestAnEndpointThatHangsCostsOneTimeout(t *testing.T) {
	hung := make(chan struct{})
	one := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hung:
		case <-r.Context().Done():
		}
	}))
	defer one.Close()
	defer close(hung)
	two := newEndpoint(t)
	e := startAt(t, quartz.NewMock(t), one.URL, two.URL)
	e.cfg.Timeout = 2 * time.Second
	require.NoError(t, e.pushTraces(t.Context(), numbered(0, 10)))
	e.cfg.Timeout = time.Minute
	require.NoError(t, e.pushTraces(t.Context(), numbered(0, 10)))
	require.Len(t, two.inserts(), 2)
}

// Of two engines one is killed while batches are written: the other takes over at once.
func TestAKilledEngineIsReplacedByTheNext(t *testing.T) {
	listen, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	engine, other := startEngine(t, t.TempDir(), listen), embeddedtest.DSN(t)
	cfg := unqueued("")
	cfg.Endpoints = []Endpoint{Endpoint(engine.url), Endpoint(other)}
	traces := startTraces(t, cfg)
	for batch := range 10 {
		if batch == 5 {
			engine.kill(t)
		}
		require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(batch*10, 10)))
	}
	conn := connect(t, other)
	require.EqualValues(t, 50, count(t, conn, "SELECT count() FROM otel_traces"))
	require.EqualValues(t, 50, count(t, conn, "SELECT count() FROM otel_traces WHERE SpanId > '0000000000000032'"))
}

func TestOneEndpointIsEnoughToStart(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	cfg := unqueued("")
	cfg.Endpoints = []Endpoint{Endpoint(gone.URL), Endpoint(embeddedtest.DSN(t))}
	require.NoError(t, startTraces(t, cfg).ConsumeTraces(t.Context(), numbered(0, 10)))
}
