package clickhouseexporter

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// unqueued sends at once and without retries, so that a test sees the outcome of each batch.
func unqueued(endpoint string) *Config {
	cfg := createDefaultConfig().(*Config)
	cfg.Endpoint = Endpoint(endpoint)
	cfg.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
	cfg.Retry.Enabled = false
	return cfg
}

func startTraces(t *testing.T, cfg *Config) exporter.Traces {
	t.Helper()
	e, err := NewFactory().CreateTraces(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return e
}

func startLogs(t *testing.T, cfg *Config) exporter.Logs {
	t.Helper()
	e, err := NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(Type), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return e
}

func connect(t *testing.T, dsn string) driver.Conn {
	t.Helper()
	opts, err := clickhouse.ParseDSN(dsn)
	require.NoError(t, err)
	conn, err := clickhouse.Open(opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

func count(t *testing.T, conn driver.Conn, query string) uint64 {
	t.Helper()
	var n uint64
	require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&n))
	return n
}

var start = time.Now().Add(-time.Minute).UTC()

func sampleTraces() ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "images")
	rs.Resource().Attributes().PutStr("cloud.region", "eu-west-1")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("steptrace/agent")
	ss.Scope().SetVersion("1.2.3")
	s := ss.Spans().AppendEmpty()
	s.SetTraceID(pcommon.TraceID{0xe7, 0xb5, 15: 0x18})
	s.SetSpanID(pcommon.SpanID{0xe4, 7: 0x63})
	s.SetParentSpanID(pcommon.SpanID{0x85, 7: 0x12})
	s.TraceState().FromRaw("a=b")
	s.SetName("Lambda-Rekognition")
	s.SetKind(ptrace.SpanKindClient)
	s.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(1500 * time.Millisecond)))
	s.Status().SetCode(ptrace.StatusCodeError)
	s.Status().SetMessage("no image; 'quoted'\n\nblank line above")
	a := s.Attributes()
	a.PutStr("text", "bytes \x00 and \xff, ü")
	a.PutInt("int", -42)
	a.PutBool("bool", true)
	a.PutDouble("double", 1.5)
	a.PutEmptySlice("list").AppendEmpty().SetStr("x")
	a.PutEmptyMap("map").PutInt("n", 1)
	e := s.Events().AppendEmpty()
	e.SetName("exception")
	e.SetTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Second)))
	e.Attributes().PutStr("exception.type", "Boom")
	s.Events().AppendEmpty().SetName("second")
	l := s.Links().AppendEmpty()
	l.SetTraceID(pcommon.TraceID{1})
	l.SetSpanID(pcommon.SpanID{2})
	l.TraceState().FromRaw("c=d")
	l.Attributes().PutStr("why", "map run")
	ss.Spans().AppendEmpty().SetStartTimestamp(pcommon.NewTimestampFromTime(start)) // a span with nothing in it
	return td
}

func TestEverySpanColumnComesBack(t *testing.T) {
	for _, compression := range []Compression{"lz4", "zstd", "none"} {
		t.Run(string(compression), func(t *testing.T) {
			dsn := embeddedtest.DSN(t)
			cfg := unqueued(dsn)
			cfg.Compression = compression
			require.NoError(t, startTraces(t, cfg).ConsumeTraces(t.Context(), sampleTraces()))
			conn := connect(t, dsn)
			require.Equal(t, uint64(2), count(t, conn, "SELECT count() FROM otel_traces"))

			var r struct {
				Timestamp                                                                  time.Time
				TraceID, SpanID, ParentSpanID, TraceState, SpanName, SpanKind, ServiceName string
				ScopeName, ScopeVersion, StatusCode, StatusMessage                         string
				ResourceAttributes, SpanAttributes                                         map[string]string
				Duration                                                                   uint64
				EventTimes                                                                 []time.Time
				EventNames, LinkTraceIDs, LinkSpanIDs, LinkStates                          []string
				EventAttributes, LinkAttributes                                            []map[string]string
			}
			require.NoError(t, conn.QueryRow(t.Context(), `SELECT * FROM otel_traces WHERE SpanId != ''`).Scan(
				&r.Timestamp, &r.TraceID, &r.SpanID, &r.ParentSpanID, &r.TraceState, &r.SpanName, &r.SpanKind,
				&r.ServiceName, &r.ResourceAttributes, &r.ScopeName, &r.ScopeVersion, &r.SpanAttributes, &r.Duration,
				&r.StatusCode, &r.StatusMessage, &r.EventTimes, &r.EventNames, &r.EventAttributes,
				&r.LinkTraceIDs, &r.LinkSpanIDs, &r.LinkStates, &r.LinkAttributes))
			require.True(t, start.Equal(r.Timestamp), r.Timestamp)
			require.Equal(t, "e7b50000000000000000000000000018", r.TraceID)
			require.Equal(t, "e400000000000063", r.SpanID)
			require.Equal(t, "8500000000000012", r.ParentSpanID)
			require.Equal(t, "a=b", r.TraceState)
			require.Equal(t, "Lambda-Rekognition", r.SpanName)
			require.Equal(t, "Client", r.SpanKind)
			require.Equal(t, "images", r.ServiceName)
			require.Equal(t, map[string]string{"service.name": "images", "cloud.region": "eu-west-1"}, r.ResourceAttributes)
			require.Equal(t, "steptrace/agent", r.ScopeName)
			require.Equal(t, "1.2.3", r.ScopeVersion)
			require.Equal(t, map[string]string{
				"text": "bytes \x00 and \xff, ü", "int": "-42", "bool": "true", "double": "1.5",
				"list": `["x"]`, "map": `{"n":1}`,
			}, r.SpanAttributes)
			require.Equal(t, uint64(1_500_000_000), r.Duration)
			require.Equal(t, "Error", r.StatusCode)
			require.Equal(t, "no image; 'quoted'\n\nblank line above", r.StatusMessage)
			require.Len(t, r.EventTimes, 2)
			require.True(t, start.Add(time.Second).Equal(r.EventTimes[0]))
			require.Equal(t, []string{"exception", "second"}, r.EventNames)
			require.Equal(t, []map[string]string{{"exception.type": "Boom"}, {}}, r.EventAttributes)
			require.Equal(t, []string{"01000000000000000000000000000000"}, r.LinkTraceIDs)
			require.Equal(t, []string{"0200000000000000"}, r.LinkSpanIDs)
			require.Equal(t, []string{"c=d"}, r.LinkStates)
			require.Equal(t, []map[string]string{{"why": "map run"}}, r.LinkAttributes)
		})
	}
}

func sampleLogs() plog.Logs {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.SetSchemaUrl("https://opentelemetry.io/schemas/1.36.0")
	rl.Resource().Attributes().PutStr("service.name", "images")
	sl := rl.ScopeLogs().AppendEmpty()
	sl.SetSchemaUrl("https://example.com/scope")
	sl.Scope().SetName("steptrace/agent")
	sl.Scope().SetVersion("1.2.3")
	sl.Scope().Attributes().PutStr("k", "v")
	r := sl.LogRecords().AppendEmpty()
	r.SetTimestamp(pcommon.NewTimestampFromTime(start))
	r.SetTraceID(pcommon.TraceID{0xe7, 15: 0x18})
	r.SetSpanID(pcommon.SpanID{0xe4, 7: 0x63})
	r.SetFlags(plog.DefaultLogRecordFlags.WithIsSampled(true))
	r.SetSeverityText("ERROR")
	r.SetSeverityNumber(plog.SeverityNumberError)
	r.SetEventName("TaskFailed")
	r.Body().SetStr(`{"cause":"it broke"}`)
	r.Attributes().PutInt("aws.step_functions.event.id", 7)
	seen := sl.LogRecords().AppendEmpty() // has only the time when it was seen
	seen.SetObservedTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Second)))
	return ld
}

func TestEveryLogColumnComesBack(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	require.NoError(t, startLogs(t, unqueued(dsn)).ConsumeLogs(t.Context(), sampleLogs()))
	conn := connect(t, dsn)

	var r struct {
		Timestamp                                                               time.Time
		TraceID, SpanID, SeverityText, ServiceName, Body, ResourceURL, ScopeURL string
		ScopeName, ScopeVersion, EventName                                      string
		TraceFlags, SeverityNumber                                              uint8
		ResourceAttributes, ScopeAttributes, LogAttributes                      map[string]string
	}
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT * FROM otel_logs WHERE SpanId != ''`).Scan(
		&r.Timestamp, &r.TraceID, &r.SpanID, &r.TraceFlags, &r.SeverityText, &r.SeverityNumber, &r.ServiceName, &r.Body,
		&r.ResourceURL, &r.ResourceAttributes, &r.ScopeURL, &r.ScopeName, &r.ScopeVersion, &r.ScopeAttributes,
		&r.LogAttributes, &r.EventName))
	require.True(t, start.Equal(r.Timestamp), r.Timestamp)
	require.Equal(t, "e7000000000000000000000000000018", r.TraceID)
	require.Equal(t, "e400000000000063", r.SpanID)
	require.Equal(t, uint8(1), r.TraceFlags)
	require.Equal(t, "ERROR", r.SeverityText)
	require.Equal(t, uint8(17), r.SeverityNumber)
	require.Equal(t, "images", r.ServiceName)
	require.JSONEq(t, `{"cause":"it broke"}`, r.Body)
	require.Equal(t, "https://opentelemetry.io/schemas/1.36.0", r.ResourceURL)
	require.Equal(t, map[string]string{"service.name": "images"}, r.ResourceAttributes)
	require.Equal(t, "https://example.com/scope", r.ScopeURL)
	require.Equal(t, "steptrace/agent", r.ScopeName)
	require.Equal(t, "1.2.3", r.ScopeVersion)
	require.Equal(t, map[string]string{"k": "v"}, r.ScopeAttributes)
	require.Equal(t, map[string]string{"aws.step_functions.event.id": "7"}, r.LogAttributes)
	require.Equal(t, "TaskFailed", r.EventName)

	var seen time.Time
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT Timestamp FROM otel_logs WHERE SpanId = ''`).Scan(&seen))
	require.True(t, start.Add(time.Second).Equal(seen))
}

func TestABatchSentAgainIsStoredOnce(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	traces, logs := startTraces(t, unqueued(dsn)), startLogs(t, unqueued(dsn))
	for range 3 {
		require.NoError(t, traces.ConsumeTraces(t.Context(), sampleTraces()))
		require.NoError(t, logs.ConsumeLogs(t.Context(), sampleLogs()))
	}
	conn := connect(t, dsn)
	require.Equal(t, uint64(2), count(t, conn, "SELECT count() FROM otel_traces"))
	require.Equal(t, uint64(2), count(t, conn, "SELECT count() FROM otel_logs"))
	require.Equal(t, uint64(1), count(t, conn, "SELECT count() FROM otel_traces_trace_id_ts"))
}

func TestASpanInAnotherBatchReplacesItself(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	traces := startTraces(t, unqueued(dsn))
	again := sampleTraces()
	spans := again.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	other := spans.AppendEmpty() // makes it another batch
	other.SetSpanID(pcommon.SpanID{9})
	other.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
	require.NoError(t, traces.ConsumeTraces(t.Context(), sampleTraces()))
	require.NoError(t, traces.ConsumeTraces(t.Context(), again))
	conn := connect(t, dsn)
	require.Equal(t, uint64(3), count(t, conn, "SELECT count() FROM otel_traces FINAL"))
	require.NoError(t, conn.Exec(t.Context(), "OPTIMIZE TABLE otel_traces FINAL"))
	require.Equal(t, uint64(3), count(t, conn, "SELECT count() FROM otel_traces"))
}

// ClickHouse may be killed between writing a table and the table that a view feeds.
func TestResendingFillsAViewThatMissedTheBatch(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	traces := startTraces(t, unqueued(dsn))
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(0, 2)))
	conn := connect(t, dsn)
	require.NoError(t, conn.Exec(t.Context(), "TRUNCATE TABLE sfn_attempts"))
	require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(0, 2)))
	require.Equal(t, uint64(2), count(t, conn, "SELECT count() FROM otel_traces"))
	require.Equal(t, uint64(2), count(t, conn, "SELECT count() FROM sfn_attempts"))
}

func TestTimesAtTheEdge(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for day := range 101 { // more days than max_partitions_per_insert_block allows by default
		s := spans.AppendEmpty()
		s.SetSpanID(pcommon.SpanID{1, byte(day), byte(day >> 8)})
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(start.AddDate(0, 0, -day)))
	}
	late := spans.AppendEmpty()
	late.SetSpanID(pcommon.SpanID{2})
	late.SetStartTimestamp(math.MaxUint64)
	late.SetEndTimestamp(1)
	require.NoError(t, startTraces(t, unqueued(dsn)).ConsumeTraces(t.Context(), td))
	conn := connect(t, dsn)
	require.Equal(t, uint64(1), count(t, conn,
		"SELECT count() FROM otel_traces WHERE SpanId = '0200000000000000' AND Duration = 0 AND toYear(Timestamp) = 2100"))
}

func TestRefusalsAreTriedAgainUnlessTheRowsAreAtFault(t *testing.T) {
	for _, test := range []struct {
		name      string
		status    int
		code      string
		permanent bool
		says      string
	}{
		{"memory limit", 500, "241", false, "Code: 241"},
		{"no table", 404, "60", false, "steptrace migrate"},
		{"wrong password", 401, "516", false, "username and password"},
		{"rows of the wrong type", 500, "53", true, "Code: 53"},
		{"a proxy's limit", 413, "", true, "Code: "},
		{"overload", 503, "", false, "Code: "},
		{"an error behind status 200", 200, "243", false, "disk is full"},
		{"a redirect", 307, "", false, "307"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if test.code != "" {
					w.Header().Set("X-ClickHouse-Exception-Code", test.code)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte("Code: " + test.code + ". DB::Exception: no"))
			}))
			defer server.Close()
			cfg := unqueued(server.URL)
			cfg.CreateSchema = false
			err := startTraces(t, cfg).ConsumeTraces(t.Context(), sampleTraces())
			require.ErrorContains(t, err, test.says)
			require.Equal(t, test.permanent, consumererror.IsPermanent(err))
		})
	}
}

func TestAStoreThatIsAwayDoesNotStopTheCollector(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	cfg := unqueued(server.URL)
	err := startTraces(t, cfg).ConsumeTraces(t.Context(), sampleTraces())
	require.ErrorContains(t, err, "refused")
	require.False(t, consumererror.IsPermanent(err))
}
