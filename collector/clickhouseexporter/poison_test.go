package clickhouseexporter

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// fussy makes a store whose engine itself refuses rows that are named poison.
func fussy(t *testing.T) (dsn string) {
	dsn = embeddedtest.DSN(t)
	startTraces(t, unqueued(dsn)) // migrates
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), "ALTER TABLE otel_traces ADD CONSTRAINT fussy CHECK SpanName != 'poison'"))
	require.NoError(t, conn.Exec(t.Context(), "ALTER TABLE otel_logs ADD CONSTRAINT fussy CHECK Body != 'poison'"))
	return dsn
}

// poisoned are spans 1..n, of which some are named poison.
func poisoned(n int, poison ...int) ptrace.Traces {
	td := numbered(0, n)
	td.ResourceSpans().At(0).Resource().Attributes().PutStr("service.name", "images")
	for _, i := range poison {
		td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(i).SetName("poison")
	}
	return td
}

func withDeadLetter(cfg *Config, path string, maxSize int64) *Config {
	cfg.DeadLetter = configoptional.Some(DeadLetter{Path: path, MaxSize: maxSize})
	return cfg
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	if len(content) == 0 {
		return nil
	}
	require.True(t, strings.HasSuffix(string(content), "\n"))
	return strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
}

func TestRowsAtFaultGoToTheDeadLetterFileAndTheRestIsStored(t *testing.T) {
	dsn, path := fussy(t), filepath.Join(t.TempDir(), "refused.jsonl")
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set := exportertest.NewNopSettings(Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	e, err := newExporterAt(set, withDeadLetter(unqueued(dsn), path, 1<<20), quartz.NewMock(t))
	require.NoError(t, err)
	require.NoError(t, e.start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.shutdown(context.Background())) })

	require.NoError(t, e.pushTraces(t.Context(), poisoned(100, 3, 50)))
	conn := connect(t, dsn)
	require.EqualValues(t, 98, count(t, conn, "SELECT count() FROM otel_traces"))
	letters := lines(t, path)
	require.Len(t, letters, 2)
	for i, id := range []string{"0000000000000004", "0000000000000033"} {
		var head letter
		require.NoError(t, json.Unmarshal([]byte(letters[i]), &head))
		require.Equal(t, "otel_traces", head.Table)
		require.Contains(t, head.Reason, "VIOLATED_CONSTRAINT")
		written, err := time.Parse(time.RFC3339, head.Time)
		require.NoError(t, err)
		require.Equal(t, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), written)
		// A line is an OTLP request too, and has everything of its row.
		request := ptraceotlp.NewExportRequest()
		require.NoError(t, request.UnmarshalJSON([]byte(letters[i])))
		td := request.Traces()
		require.Equal(t, 1, td.SpanCount())
		rs := td.ResourceSpans().At(0)
		require.Equal(t, map[string]any{"service.name": "images"}, rs.Resource().Attributes().AsRaw())
		require.Equal(t, id, rs.ScopeSpans().At(0).Spans().At(0).SpanID().String())
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	got, err := telemetry.GetMetric(semconv.MetricStoreRefused)
	require.NoError(t, err)
	metricdatatest.AssertEqual(t, metricdata.Metrics{
		Name: semconv.MetricStoreRefused, Unit: "{row}", Description: "Rows that ClickHouse can never store, by what became of them",
		Data: metricdata.Sum[int64]{
			Temporality: metricdata.CumulativeTemporality, IsMonotonic: true,
			DataPoints: []metricdata.DataPoint[int64]{{Value: 2, Attributes: attribute.NewSet(
				attribute.String("table", "otel_traces"), attribute.String("outcome", "dead_letter"))}},
		},
	}, got, metricdatatest.IgnoreTimestamp())

	// Mended and sent again by whoever reads the file, they are stored.
	require.NoError(t, conn.Exec(t.Context(), "ALTER TABLE otel_traces DROP CONSTRAINT fussy"))
	for _, line := range letters {
		td, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces([]byte(line))
		require.NoError(t, err)
		require.NoError(t, e.pushTraces(t.Context(), td))
	}
	require.EqualValues(t, 100, count(t, conn, "SELECT count() FROM otel_traces"))
}

func TestLogsAtFaultGoToTheDeadLetterFile(t *testing.T) {
	dsn, path := fussy(t), filepath.Join(t.TempDir(), "refused.jsonl")
	ld := sampleLogs()
	bad := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().AppendEmpty()
	bad.SetTimestamp(pcommon.NewTimestampFromTime(start))
	bad.Body().SetStr("poison")
	require.NoError(t, startLogs(t, withDeadLetter(unqueued(dsn), path, 1<<20)).ConsumeLogs(t.Context(), ld))
	require.EqualValues(t, 2, count(t, connect(t, dsn), "SELECT count() FROM otel_logs"))
	letters := lines(t, path)
	require.Len(t, letters, 1)
	got, err := new(plog.JSONUnmarshaler).UnmarshalLogs([]byte(letters[0]))
	require.NoError(t, err)
	require.Equal(t, "poison", got.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().Str())
}

// A batch sent again is halved the same way, so that its parts are known.
func TestHalvesSentAgainAreStoredOnce(t *testing.T) {
	dsn := fussy(t)
	traces := startTraces(t, unqueued(dsn))
	for range 2 {
		require.NoError(t, traces.ConsumeTraces(t.Context(), poisoned(50, 7)))
	}
	require.EqualValues(t, 49, count(t, connect(t, dsn), "SELECT count() FROM otel_traces"))
}

func TestAFullDeadLetterFileKeepsTheRowsAtFaultInTheQueue(t *testing.T) {
	dsn, path := fussy(t), filepath.Join(t.TempDir(), "refused.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("0123456789\n"), 0o600))
	traces := startTraces(t, withDeadLetter(unqueued(dsn), path, 20))
	err := traces.ConsumeTraces(t.Context(), poisoned(10, 2, 3))
	require.ErrorContains(t, err, "dead_letter: "+path+" is full")
	require.False(t, consumererror.IsPermanent(err))
	var again consumererror.Traces
	require.ErrorAs(t, err, &again)
	require.Equal(t, 2, again.Data().SpanCount(), "the rest is stored and not sent again")
	require.EqualValues(t, 8, count(t, connect(t, dsn), "SELECT count() FROM otel_traces"))
	require.Equal(t, []string{"0123456789"}, lines(t, path))

	require.NoError(t, os.Remove(path)) // moved away to be sent again
	traces = startTraces(t, withDeadLetter(unqueued(dsn), path, 1<<20))
	require.NoError(t, traces.ConsumeTraces(t.Context(), again.Data()))
	require.Len(t, lines(t, path), 2)
}

func TestADeadLetterFileThatCannotBeWrittenStopsTheCollector(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "refused.jsonl")
	cfg := withDeadLetter(unqueued("http://127.0.0.1:1"), path, 1<<20)
	e, err := NewFactory().CreateTraces(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.ErrorContains(t, e.Start(t.Context(), componenttest.NewNopHost()), "dead_letter: open "+path)
}

// What a proxy finds too large is stored in parts that it lets through.
func TestABatchTooLargeForAProxyIsSentInParts(t *testing.T) {
	rows := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 2000 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		rows++
	}))
	defer server.Close()
	cfg := unqueued(server.URL)
	cfg.CreateSchema, cfg.Compression = false, "none"
	require.NoError(t, startTraces(t, cfg).ConsumeTraces(t.Context(), poisoned(40)))
	require.Greater(t, rows, 1)
}

// A batch interrupted while it was halved goes on with the rest.
func TestOnlyTheRestOfAnInterruptedSearchIsSentAgain(t *testing.T) {
	inserts := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch inserts++; inserts {
		case 1: // all of it
			w.Header().Set("X-ClickHouse-Exception-Code", "469")
			w.WriteHeader(http.StatusInternalServerError)
		case 3: // the second half
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	cfg := unqueued(server.URL)
	cfg.CreateSchema = false
	err := startTraces(t, cfg).ConsumeTraces(t.Context(), poisoned(10))
	var again consumererror.Traces
	require.ErrorAs(t, err, &again)
	require.Equal(t, 5, again.Data().SpanCount())
	require.Equal(t, "0000000000000006", again.Data().ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SpanID().String())
}

func TestWithoutADeadLetterFileRowsAtFaultAreDroppedAndCounted(t *testing.T) {
	dsn := fussy(t)
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set := exportertest.NewNopSettings(Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	traces, err := NewFactory().CreateTraces(t.Context(), set, unqueued(dsn))
	require.NoError(t, err)
	require.NoError(t, traces.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, traces.Shutdown(context.Background())) })
	require.NoError(t, traces.ConsumeTraces(t.Context(), poisoned(10, 4)))
	require.EqualValues(t, 9, count(t, connect(t, dsn), "SELECT count() FROM otel_traces"))
	err = traces.ConsumeTraces(t.Context(), poisoned(1, 0))
	require.True(t, consumererror.IsPermanent(err), "nothing of it was stored")

	got, err := telemetry.GetMetric(semconv.MetricStoreRefused)
	require.NoError(t, err)
	points := got.Data.(metricdata.Sum[int64]).DataPoints
	require.Len(t, points, 1)
	require.EqualValues(t, 2, points[0].Value)
	outcome, _ := points[0].Attributes.Value("outcome")
	require.Equal(t, "dropped", outcome.AsString())
}

// A disk that fills up in the middle of a line leaves no half of it, and the row in the queue.
func TestADiskFullOfDeadLettersKeepsTheRows(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full")
	}
	l := &letters{path: "/dev/full", maxSize: 1 << 20, clock: quartz.NewReal()}
	err := l.write([]refused{{spans{poisoned(1)}, errPoison}})
	require.ErrorIs(t, err, syscall.ENOSPC)
}
