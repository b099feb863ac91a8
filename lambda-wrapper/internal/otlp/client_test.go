package otlp

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	c := &Client{
		URL: server.URL + "/v1/traces", Headers: http.Header{"Authorization": {"Bearer x"}},
		Compress: true, HTTP: NewHTTPClient(),
	}
	t.Cleanup(func() {
		c.HTTP.CloseIdleConnections()
		server.Close()
	})
	return c
}

func TestPost(t *testing.T) {
	for _, compressed := range []bool{true, false} {
		c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
			var body io.Reader = r.Body
			if compressed {
				zipped, err := gzip.NewReader(r.Body)
				if err != nil {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				body = zipped
			}
			text, _ := io.ReadAll(body)
			ok := string(text) == "spans" && r.Method == http.MethodPost && r.URL.Path == "/v1/traces" &&
				r.Header.Get("Authorization") == "Bearer x" && r.Header.Get("Content-Type") == ContentType &&
				len(r.Header.Values("Idempotency-Key")) == 0
			if !ok {
				w.WriteHeader(http.StatusBadRequest)
			}
		})
		c.Compress = compressed
		require.NoError(t, c.Post(context.Background(), []byte("spans")))
	}
}

func TestAnswersThatMayBeRetriedAndNot(t *testing.T) {
	for status, refused := range map[int]bool{
		400: true, 401: true, 404: true, 500: true, 301: true, 429: false, 502: false, 503: false, 504: false,
	} {
		c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "because\n")
		})
		err := c.Post(context.Background(), []byte("spans"))
		require.Error(t, err)
		require.Equal(t, refused, Refused(err), status)
		if refused {
			require.ErrorContains(t, err, ": because")
		}
	}
}

func TestAnUnreachableCollectorMayBeRetried(t *testing.T) {
	c := &Client{URL: "http://127.0.0.1:1/v1/traces", HTTP: NewHTTPClient()}
	err := c.Post(context.Background(), nil)
	require.Error(t, err)
	require.False(t, Refused(err))
}

// The collector may have closed the idle connection while the environment was frozen.
func TestAConnectionThatDiedInTheFreezeIsReplaced(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if requests.Add(1) == 2 { // hang up without an answer, as for a request on a dead connection
			connection, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = connection.Close()
			}
		}
	}))
	defer server.Close()
	c := &Client{URL: server.URL, HTTP: NewHTTPClient()}
	defer c.HTTP.CloseIdleConnections()
	require.NoError(t, c.Post(context.Background(), []byte("one")))
	require.NoError(t, c.Post(context.Background(), []byte("two")))
	require.EqualValues(t, 3, requests.Load())
}
