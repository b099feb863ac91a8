package clickhouseexporter

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"pgregory.net/rapid"

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

// A batch that needs more memory than ClickHouse gives is stored in parts that do not.
func TestABatchTooMuchForMemoryIsHalved(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	startTraces(t, unqueued(dsn)) // migrates
	endpoint, inserts := narrow(t, dsn, "32000000")
	cfg := unqueued(endpoint)
	cfg.CreateSchema = false
	require.NoError(t, startTraces(t, cfg).ConsumeTraces(t.Context(), benchTraces(t, benchRows, 1)))
	require.Greater(t, inserts.Load(), int64(1), "the whole was refused")
	require.EqualValues(t, benchRows, count(t, connect(t, dsn), "SELECT count() FROM otel_traces FINAL"))
}

// When one row is too much, it is not the row's fault: all of it waits for better times.
func TestARowTooMuchForMemoryWaits(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	startTraces(t, unqueued(dsn)) // migrates
	endpoint, inserts := narrow(t, dsn, "1000000")
	cfg := withDeadLetter(unqueued(endpoint), filepath.Join(t.TempDir(), "refused.jsonl"), 1<<20)
	cfg.CreateSchema = false
	err := startTraces(t, cfg).ConsumeTraces(t.Context(), numbered(0, 100))
	require.ErrorContains(t, err, "MEMORY_LIMIT_EXCEEDED")
	require.ErrorContains(t, err, "insert 1 rows")
	require.False(t, consumererror.IsPermanent(err))
	var again consumererror.Traces
	require.ErrorAs(t, err, &again)
	require.Equal(t, 100, again.Data().SpanCount())
	require.EqualValues(t, 7, inserts.Load(), "100, 50, 25, 12, 6, 3, 1")
	require.Empty(t, lines(t, cfg.DeadLetter.Get().Path))
}

var errMuch = muchError{errors.New("code 241")}

// A store that takes so many rows at once is given all of them once, and what it finds at fault is found all the same.
func TestHalvingForMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 300).Draw(t, "rows")
		most := rapid.IntRange(1, n-1).Draw(t, "most at once")
		poison := rapid.Uint64Range(0, uint64(n)).Draw(t, "poison") // 0: none
		store := &fussyStore{poison: map[uint64]bool{poison: true}, taken: map[uint64]int{}}
		s := &search{batch: spans{scattered(t, n)}, send: func(ctx context.Context, b batch) error {
			if b.rows() > most {
				return errMuch
			}
			return store.send(ctx, b)
		}}
		require.NoError(t, s.inHalves(context.Background(), 0, n))
		require.Nil(t, s.rest())
		var found []uint64
		for _, f := range s.found {
			found = append(found, numbersOf(f.batch)...)
		}
		if poison > 0 {
			require.Equal(t, []uint64{poison}, found)
		}
		require.Equal(t, n-len(found), s.stored)
		require.Len(t, store.taken, s.stored)
		for number, times := range store.taken {
			require.Equal(t, 1, times, number)
		}
	})
}

// However many rows are too much: none is set aside for it.
func TestHalvingForMemorySetsNothingAside(t *testing.T) {
	const n = 3000
	inserts := 0
	s := &search{batch: spans{numbered(0, n)}, send: func(_ context.Context, b batch) error {
		inserts++
		if b.rows() > 1 {
			return errMuch
		}
		return nil
	}}
	require.NoError(t, s.inHalves(t.Context(), 0, n))
	require.Empty(t, s.found)
	require.Equal(t, n, s.stored)
	require.Greater(t, inserts, mostRefusals)
}
