package clickhouseexporter

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// gate is a store that answers inserts when it is opened, and says how many rows each had.
type gate struct {
	*httptest.Server
	open   chan struct{}
	mu     sync.Mutex
	sizes  []int
	refuse string // with this code
}

func newGate(t *testing.T) *gate {
	g := &gate{open: make(chan struct{})}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		<-g.open
		g.mu.Lock()
		defer g.mu.Unlock()
		const rows = 16 + 9 + 1 // behind a frame's checksum and head, and the number of columns
		g.sizes = append(g.sizes, int(body[rows]))
		if g.refuse != "" {
			w.Header().Set("X-ClickHouse-Exception-Code", g.refuse)
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(g.Close)
	return g
}

// queued is a traces exporter with a queue set up as the section says, without compression and retries.
func queued(t *testing.T, endpoint string, queue map[string]any) exporter.Traces {
	t.Helper()
	cfg, err := load(t, map[string]any{
		"endpoint": endpoint, "create_schema": false, "compression": "none", "sending_queue": queue,
		"retry_on_failure": map[string]any{"enabled": false},
	})
	require.NoError(t, err)
	traces, err := NewFactory().CreateTraces(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.NoError(t, traces.Start(t.Context(), componenttest.NewNopHost()))
	return traces
}

func TestAFullQueueRefusesTheSender(t *testing.T) {
	store := newGate(t)
	traces := queued(t, store.URL, map[string]any{
		"queue_size": 10, "batch": map[string]any{"min_size": 10, "max_size": 10},
	})
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(0, 10)))
	err := traces.ConsumeTraces(t.Context(), numbered(10, 10))
	require.ErrorIs(t, err, exporterhelper.ErrQueueIsFull)
	require.False(t, consumererror.IsPermanent(err), "the sender may come again")
	close(store.open)
	require.Eventually(t, func() bool {
		return traces.ConsumeTraces(t.Context(), numbered(10, 10)) == nil
	}, 30*time.Second, 5*time.Millisecond)
	require.NoError(t, traces.Shutdown(context.Background()))
	require.Equal(t, []int{10, 10}, store.sizes)
}

func TestAFullQueueHoldsTheSenderWhoWantsToWait(t *testing.T) {
	store := newGate(t)
	traces := queued(t, store.URL, map[string]any{
		"queue_size": 10, "block_on_overflow": true, "batch": map[string]any{"min_size": 10, "max_size": 10},
	})
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(0, 10)))
	impatient, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, traces.ConsumeTraces(impatient, numbered(10, 10)), context.DeadlineExceeded)
	close(store.open)
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(20, 10)))
	require.NoError(t, traces.Shutdown(context.Background()))
	require.Equal(t, []int{10, 10}, store.sizes)
}

func TestLargeRequestsAreSplit(t *testing.T) {
	store := newGate(t)
	close(store.open)
	traces := queued(t, store.URL, map[string]any{"batch": map[string]any{"min_size": 10, "max_size": 10}})
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(0, 25)))
	require.NoError(t, traces.Shutdown(context.Background()))
	slices.Sort(store.sizes)
	require.Equal(t, []int{5, 10, 10}, store.sizes)
}

// Senders that wait learn what became of the batch that their rows were in.
func TestWaitForResult(t *testing.T) {
	for _, test := range []struct {
		refuse    string
		permanent bool
	}{{refuse: ""}, {refuse: "53", permanent: true}, {refuse: "241"}} {
		store := newGate(t)
		store.refuse = test.refuse
		close(store.open)
		traces := queued(t, store.URL, map[string]any{
			"wait_for_result": true, "batch": map[string]any{"min_size": 2, "flush_timeout": "1h"},
		})
		outcomes := make(chan error)
		for sender := range 2 { // who fill a batch together
			go func() { outcomes <- traces.ConsumeTraces(t.Context(), numbered(sender, 1)) }()
		}
		for range 2 {
			err := <-outcomes
			require.Equal(t, test.refuse == "", err == nil, err)
			require.Equal(t, test.permanent, consumererror.IsPermanent(err))
		}
		require.NoError(t, traces.Shutdown(context.Background()))
		require.Equal(t, 2, store.sizes[0])
	}
}

// A table that cannot be written holds up its own signal only.
func TestTablesFailByThemselves(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	conn := connect(t, dsn)
	traces, logs := startTraces(t, unqueued(dsn)), startLogs(t, unqueued(dsn))

	require.NoError(t, conn.Exec(t.Context(), "RENAME TABLE otel_logs TO logs_away"))
	err := logs.ConsumeLogs(t.Context(), sampleLogs())
	require.ErrorContains(t, err, "steptrace migrate")
	require.False(t, consumererror.IsPermanent(err))
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(0, 10)))

	require.NoError(t, conn.Exec(t.Context(), "RENAME TABLE logs_away TO otel_logs, otel_traces TO traces_away"))
	require.Error(t, traces.ConsumeTraces(t.Context(), numbered(10, 10)))
	require.NoError(t, logs.ConsumeLogs(t.Context(), sampleLogs()))

	require.NoError(t, conn.Exec(t.Context(), "RENAME TABLE traces_away TO otel_traces"))
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(10, 10)))
	require.EqualValues(t, 20, count(t, conn, "SELECT count() FROM otel_traces"))
	require.EqualValues(t, 2, count(t, conn, "SELECT count() FROM otel_logs"))
}

// Nor does a signal whose queue is full of what cannot be written.
func TestAFullQueueOfLogsDoesNotStopTraces(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	traces := startTraces(t, unqueued(dsn))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), "RENAME TABLE otel_logs TO logs_away"))
	cfg, err := load(t, map[string]any{
		"endpoint": dsn, "create_schema": false,
		"sending_queue":    map[string]any{"queue_size": 4, "batch": map[string]any{"min_size": 2, "max_size": 2}},
		"retry_on_failure": map[string]any{"initial_interval": "10ms", "max_interval": "10ms"},
	})
	require.NoError(t, err)
	logs, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.NoError(t, logs.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, logs.ConsumeLogs(t.Context(), sampleLogs()))
	require.NoError(t, logs.ConsumeLogs(t.Context(), sampleLogs()))
	require.ErrorIs(t, logs.ConsumeLogs(t.Context(), sampleLogs()), exporterhelper.ErrQueueIsFull)
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(0, 10)))
	require.EqualValues(t, 10, count(t, conn, "SELECT count() FROM otel_traces"))

	require.NoError(t, conn.Exec(t.Context(), "RENAME TABLE logs_away TO otel_logs"))
	require.Eventually(t, func() bool {
		return count(t, conn, "SELECT count() FROM otel_logs") == 2 // the same batch twice
	}, 30*time.Second, 5*time.Millisecond)
	require.NoError(t, logs.Shutdown(context.Background()))
}
