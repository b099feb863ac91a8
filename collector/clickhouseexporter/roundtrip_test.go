package clickhouseexporter

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// storedSpan is a row of otel_traces.
type storedSpan struct {
	Timestamp                                                                  time.Time
	TraceID, SpanID, ParentSpanID, TraceState, SpanName, SpanKind, ServiceName string
	ScopeName, ScopeVersion, StatusCode, StatusMessage                         string
	ResourceAttributes, SpanAttributes                                         map[string]string
	Duration                                                                   uint64
	EventTimes                                                                 []time.Time
	EventNames, LinkTraceIDs, LinkSpanIDs, LinkStates                          []string
	EventAttributes, LinkAttributes                                            []map[string]string
}

const selectSpans = "SELECT Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName, " +
	"ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage, " +
	"`Events.Timestamp`, `Events.Name`, `Events.Attributes`, `Links.TraceId`, `Links.SpanId`, `Links.TraceState`, " +
	"`Links.Attributes` FROM otel_traces "

func readSpans(t require.TestingT, conn driver.Conn, where string, args ...any) (stored []storedSpan) {
	rows, err := conn.Query(context.Background(), selectSpans+where, args...)
	require.NoError(t, err)
	for rows.Next() {
		var r storedSpan
		require.NoError(t, rows.Scan(&r.Timestamp, &r.TraceID, &r.SpanID, &r.ParentSpanID, &r.TraceState, &r.SpanName,
			&r.SpanKind, &r.ServiceName, &r.ResourceAttributes, &r.ScopeName, &r.ScopeVersion, &r.SpanAttributes,
			&r.Duration, &r.StatusCode, &r.StatusMessage, &r.EventTimes, &r.EventNames, &r.EventAttributes,
			&r.LinkTraceIDs, &r.LinkSpanIDs, &r.LinkStates, &r.LinkAttributes))
		stored = append(stored, r)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	return stored
}

// expectedSpans says in the plainest way what a store holds of the spans.
func expectedSpans(td ptrace.Traces) (expected []storedSpan) {
	for _, rs := range td.ResourceSpans().All() {
		resource := asText(rs.Resource().Attributes())
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				r := storedSpan{
					Timestamp: s.StartTimestamp().AsTime(), TraceID: s.TraceID().String(), SpanID: s.SpanID().String(),
					ParentSpanID: s.ParentSpanID().String(), TraceState: s.TraceState().AsRaw(), SpanName: s.Name(),
					SpanKind: s.Kind().String(), ServiceName: resource["service.name"], ResourceAttributes: resource,
					ScopeName: ss.Scope().Name(), ScopeVersion: ss.Scope().Version(), SpanAttributes: asText(s.Attributes()),
					Duration: uint64(s.EndTimestamp() - s.StartTimestamp()), StatusCode: s.Status().Code().String(),
					StatusMessage: s.Status().Message(),
				}
				for _, e := range s.Events().All() {
					r.EventTimes = append(r.EventTimes, e.Timestamp().AsTime())
					r.EventNames = append(r.EventNames, e.Name())
					r.EventAttributes = append(r.EventAttributes, asText(e.Attributes()))
				}
				for _, l := range s.Links().All() {
					r.LinkTraceIDs = append(r.LinkTraceIDs, l.TraceID().String())
					r.LinkSpanIDs = append(r.LinkSpanIDs, l.SpanID().String())
					r.LinkStates = append(r.LinkStates, l.TraceState().AsRaw())
					r.LinkAttributes = append(r.LinkAttributes, asText(l.Attributes()))
				}
				expected = append(expected, r)
			}
		}
	}
	return expected
}

func asText(m pcommon.Map) map[string]string {
	out := map[string]string{}
	for k, v := range m.All() {
		out[k] = v.AsString()
	}
	return out
}

// drawTraces gives every span the run as its parent, by which the test finds them, and an id that no other run has, by
// which they are ordered.
func drawTraces(t *rapid.T, run uint64) ptrace.Traces {
	td, number := ptrace.NewTraces(), run<<32
	for range rapid.IntRange(1, 3).Draw(t, "resources") {
		rs := td.ResourceSpans().AppendEmpty()
		drawMap(t, rs.Resource().Attributes(), 1)
		if rapid.Bool().Draw(t, "named") {
			drawValue(t, rs.Resource().Attributes().PutEmpty("service.name"), 0)
		}
		for range rapid.IntRange(0, 2).Draw(t, "scopes") {
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName(drawText(t))
			ss.Scope().SetVersion(drawText(t))
			for range rapid.IntRange(0, 4).Draw(t, "spans") {
				number++
				s := ss.Spans().AppendEmpty()
				s.SetParentSpanID(spanID(run))
				s.SetSpanID(spanID(number))
				drawSpan(t, s)
			}
		}
	}
	return td
}

func spanID(number uint64) (id pcommon.SpanID) {
	binary.BigEndian.PutUint64(id[:], number)
	return id
}

func drawSpan(t *rapid.T, s ptrace.Span) {
	begin := start.Add(time.Duration(rapid.IntRange(-1e9, 1e9).Draw(t, "begin")))
	s.SetStartTimestamp(pcommon.NewTimestampFromTime(begin))
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(time.Duration(rapid.IntRange(0, 1e9).Draw(t, "took")))))
	s.SetTraceID(pcommon.TraceID{byte(rapid.IntRange(0, 2).Draw(t, "trace"))})
	s.TraceState().FromRaw(drawText(t))
	s.SetName(drawText(t))
	s.SetKind(ptrace.SpanKind(rapid.IntRange(0, 6).Draw(t, "kind")))
	s.Status().SetCode(ptrace.StatusCode(rapid.IntRange(0, 3).Draw(t, "status")))
	s.Status().SetMessage(drawText(t))
	drawMap(t, s.Attributes(), 2)
	for range rapid.IntRange(0, 2).Draw(t, "events") {
		e := s.Events().AppendEmpty()
		e.SetName(drawText(t))
		e.SetTimestamp(pcommon.NewTimestampFromTime(begin))
		drawMap(t, e.Attributes(), 1)
	}
	for range rapid.IntRange(0, 2).Draw(t, "links") {
		l := s.Links().AppendEmpty()
		l.SetTraceID(pcommon.TraceID{byte(rapid.IntRange(0, 2).Draw(t, "linked trace"))})
		l.SetSpanID(pcommon.SpanID{byte(rapid.IntRange(0, 2).Draw(t, "linked span"))})
		l.TraceState().FromRaw(drawText(t))
		drawMap(t, l.Attributes(), 1)
	}
}

// engineChecks has fewer things tried than rapid does by itself: an insert and a query take their time.
func engineChecks(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	require.NoError(t, checks.Value.Set("25"))
	t.Cleanup(func() { require.NoError(t, checks.Value.Set(before)) })
}

func TestWhateverSpansAreSentComesBack(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	traces, conn := startTraces(t, unqueued(dsn)), connect(t, dsn)
	run := uint64(0)
	engineChecks(t)
	rapid.Check(t, func(t *rapid.T) {
		run++
		td := drawTraces(t, run)
		if td.SpanCount() == 0 {
			return
		}
		require.NoError(t, traces.ConsumeTraces(context.Background(), td))
		id := spanID(run)
		stored := readSpans(t, conn, "WHERE ParentSpanId = ? ORDER BY SpanId", hex.EncodeToString(id[:]))
		require.Equal(t, expectedSpans(td), emptied(stored))
	})
}

// emptied makes lists without elements nil, as the expectation has them.
func emptied(stored []storedSpan) []storedSpan {
	for i := range stored {
		r := &stored[i]
		for _, list := range []*[]string{&r.EventNames, &r.LinkTraceIDs, &r.LinkSpanIDs, &r.LinkStates} {
			*list = append([]string(nil), *list...)
		}
		r.EventTimes = append([]time.Time(nil), r.EventTimes...)
		r.EventAttributes = append([]map[string]string(nil), r.EventAttributes...)
		r.LinkAttributes = append([]map[string]string(nil), r.LinkAttributes...)
	}
	return stored
}

func drawLogs(t *rapid.T, id pcommon.SpanID) plog.Logs {
	ld := plog.NewLogs()
	for range rapid.IntRange(1, 3).Draw(t, "resources") {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.SetSchemaUrl(drawText(t))
		drawMap(t, rl.Resource().Attributes(), 1)
		for range rapid.IntRange(0, 2).Draw(t, "scopes") {
			sl := rl.ScopeLogs().AppendEmpty()
			sl.SetSchemaUrl(drawText(t))
			sl.Scope().SetName(drawText(t))
			sl.Scope().SetVersion(drawText(t))
			drawMap(t, sl.Scope().Attributes(), 1)
			for range rapid.IntRange(0, 4).Draw(t, "records") {
				r := sl.LogRecords().AppendEmpty()
				r.SetSpanID(id)
				r.SetTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Duration(ld.LogRecordCount()))))
				r.SetFlags(plog.LogRecordFlags(rapid.Uint32().Draw(t, "flags")))
				r.SetSeverityNumber(plog.SeverityNumber(rapid.IntRange(0, 24).Draw(t, "severity")))
				r.SetSeverityText(drawText(t))
				r.SetEventName(drawText(t))
				drawValue(t, r.Body(), 2)
				drawMap(t, r.Attributes(), 2)
			}
		}
	}
	return ld
}

type storedLog struct {
	Flags, Severity                                                                        uint8
	SeverityText, Service, Body, ResourceURL, ScopeURL, ScopeName, ScopeVersion, EventName string
	Resource, Scope, Attributes                                                            map[string]string
}

func expectedLogs(ld plog.Logs) (expected []storedLog) {
	for _, rl := range ld.ResourceLogs().All() {
		resource := asText(rl.Resource().Attributes())
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				expected = append(expected, storedLog{
					Flags: uint8(r.Flags()), Severity: uint8(r.SeverityNumber()), SeverityText: r.SeverityText(),
					Service: resource["service.name"], Body: r.Body().AsString(), ResourceURL: rl.SchemaUrl(),
					ScopeURL: sl.SchemaUrl(), ScopeName: sl.Scope().Name(), ScopeVersion: sl.Scope().Version(),
					EventName: r.EventName(), Resource: resource, Scope: asText(sl.Scope().Attributes()),
					Attributes: asText(r.Attributes()),
				})
			}
		}
	}
	return expected
}

func TestWhateverLogsAreSentComeBack(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	logs, conn := startLogs(t, unqueued(dsn)), connect(t, dsn)
	run := uint64(0)
	engineChecks(t)
	rapid.Check(t, func(t *rapid.T) {
		run++
		ld, id := drawLogs(t, spanID(run)), spanID(run)
		require.NoError(t, logs.ConsumeLogs(context.Background(), ld))
		rows, err := conn.Query(context.Background(), "SELECT TraceFlags, SeverityNumber, SeverityText, ServiceName, Body, "+
			"ResourceSchemaUrl, ScopeSchemaUrl, ScopeName, ScopeVersion, EventName, ResourceAttributes, ScopeAttributes, "+
			"LogAttributes FROM otel_logs WHERE SpanId = ? ORDER BY Timestamp", hex.EncodeToString(id[:]))
		require.NoError(t, err)
		var stored []storedLog
		for rows.Next() {
			var r storedLog
			require.NoError(t, rows.Scan(&r.Flags, &r.Severity, &r.SeverityText, &r.Service, &r.Body, &r.ResourceURL,
				&r.ScopeURL, &r.ScopeName, &r.ScopeVersion, &r.EventName, &r.Resource, &r.Scope, &r.Attributes))
			stored = append(stored, r)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
		require.Equal(t, expectedLogs(ld), stored)
	})
}

// Dictionaries are read right at the sizes where their indexes become wider, and batches after a large one too.
func TestDictionariesOfEverySize(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	traces, conn := startTraces(t, unqueued(dsn)), connect(t, dsn)
	for run, size := range []int{1, 256, 257, 65_536, 65_537, 2} {
		const perSpan = 64
		td := ptrace.NewTraces()
		spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
		for n := 0; n < size; {
			s := spans.AppendEmpty()
			s.SetSpanID(spanID(uint64(run)<<32 + uint64(n) + 1))
			s.SetParentSpanID(spanID(uint64(run) + 1))
			s.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
			s.SetName(fmt.Sprintf("span %d", n))
			for ; n < size && s.Attributes().Len() < perSpan; n++ {
				s.Attributes().PutStr(fmt.Sprintf("key %d", n), fmt.Sprintf("value %d", n))
			}
		}
		require.NoError(t, traces.ConsumeTraces(t.Context(), td))
		where := fmt.Sprintf(" FROM otel_traces WHERE ParentSpanId = '%016x'", run+1)
		require.EqualValues(t, size, count(t, conn, "SELECT uniqExact(arrayJoin(mapKeys(SpanAttributes)))"+where))
		require.EqualValues(t, 0, count(t, conn, "SELECT countIf(NOT arrayAll((k, v) -> splitByChar(' ', k)[2] = "+
			"splitByChar(' ', v)[2], mapKeys(SpanAttributes), mapValues(SpanAttributes)))"+where))
		require.EqualValues(t, td.SpanCount(), count(t, conn, "SELECT uniqExact(SpanName)"+where))
	}
}

// A small request may not become a block of any size. Its halves are stored, in inserts of 6 MiB here.
func TestSharedAttributesAreBounded(t *testing.T) {
	td := ptrace.NewTraces()
	for range 2 {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("large", strings.Repeat("x", 1<<20))
		spans := rs.ScopeSpans().AppendEmpty().Spans()
		for range 200 {
			spans.AppendEmpty()
		}
	}
	_, err := newEncoders(methods["none"]).traces(td)
	require.ErrorContains(t, err, "for each of 200 rows")

	endpoint := newEndpoint(t)
	require.NoError(t, startAt(t, quartz.NewMock(t), endpoint.URL).pushTraces(t.Context(), td))
	require.Len(t, endpoint.inserts(), 64)
}
