package store_test

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/collector/clickhouseexporter"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// day is in the future, where retention does not reach it and golden files can name it.
var day = time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)

// at is a moment on the day, in milliseconds.
func at(ms int64) time.Time { return day.Add(time.Duration(ms) * time.Millisecond) }

// rig is a store of the test's own, written through the exporter.
type rig struct {
	t      *testing.T
	dsn    string
	db     *store.DB
	traces exporter.Traces
	logs   exporter.Logs
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dsn: embeddedtest.DSN(t)}
	factory, settings := clickhouseexporter.NewFactory(), exportertest.NewNopSettings(clickhouseexporter.Type)
	cfg := factory.CreateDefaultConfig().(*clickhouseexporter.Config)
	cfg.Endpoint = clickhouseexporter.Endpoint(r.dsn)
	cfg.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
	cfg.Retry.Enabled = false
	cfg.CreateSchema = false
	require.NoError(t, store.Migrate(t.Context(), r.dsn, quiet))
	var err error
	r.traces, err = factory.CreateTraces(t.Context(), settings, cfg)
	require.NoError(t, err)
	r.logs, err = factory.CreateLogs(t.Context(), settings, cfg)
	require.NoError(t, err)
	require.NoError(t, r.traces.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, r.logs.Start(t.Context(), componenttest.NewNopHost()))
	r.db, err = store.Open(t.Context(), r.dsn)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, r.db.Close())
		require.NoError(t, r.traces.Shutdown(context.Background()))
		require.NoError(t, r.logs.Shutdown(context.Background()))
	})
	return r
}

type attrs map[string]any

// span is a span to be written; times are milliseconds of the day.
type span struct {
	trace, id, parent, name, kind string // kind is steptrace.kind
	start, end                    int64
	service                       string
	otelKind                      ptrace.SpanKind
	failure                       string // status ERROR with this message
	attrs                         attrs
	resource                      attrs
}

// write stores the spans as one batch.
func (r *rig) write(spans ...span) {
	r.t.Helper()
	td := ptrace.NewTraces()
	for _, s := range spans {
		rs := td.ResourceSpans().AppendEmpty()
		require.NoError(r.t, rs.Resource().Attributes().FromRaw(s.resource))
		if s.service != "" {
			rs.Resource().Attributes().PutStr(semconv.ServiceName, s.service)
		}
		s.fill(r.t, rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty())
	}
	require.NoError(r.t, r.traces.ConsumeTraces(r.t.Context(), td))
}

func (s span) fill(t *testing.T, to ptrace.Span) {
	copy16, copy8 := pcommon.TraceID{}, pcommon.SpanID{}
	decode(t, copy16[:], s.trace)
	to.SetTraceID(copy16)
	decode(t, copy8[:], s.id)
	to.SetSpanID(copy8)
	if s.parent != "" {
		decode(t, copy8[:], s.parent)
		to.SetParentSpanID(copy8)
	}
	to.SetName(s.name)
	to.SetKind(s.otelKind)
	to.SetStartTimestamp(pcommon.NewTimestampFromTime(at(s.start)))
	to.SetEndTimestamp(pcommon.NewTimestampFromTime(at(s.end)))
	if s.failure != "" {
		to.Status().SetCode(ptrace.StatusCodeError)
		to.Status().SetMessage(s.failure)
	}
	require.NoError(t, to.Attributes().FromRaw(s.attrs))
	to.Attributes().PutStr(semconv.Kind, s.kind)
}

func decode(t *testing.T, to []byte, digits string) {
	n, err := hex.Decode(to, []byte(digits))
	require.NoError(t, err)
	require.Equal(t, len(to), n, digits)
}

// event is a history event to be written as a log record.
type event struct {
	arn, trace, span, kind string // kind is the event type
	id                     int64
	ms                     int64
	started                int64 // when the execution was
	redrive                int64
	attrs                  attrs
	body                   string
}

// record stores the events as one batch, of a state machine by its name or ARN.
func (r *rig) record(machine string, events ...event) {
	r.t.Helper()
	arn := machineARN + machine
	if strings.HasPrefix(machine, "arn:") {
		arn, machine = machine, machine[strings.LastIndexByte(machine, ':')+1:]
	}
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	resource := rl.Resource().Attributes()
	resource.PutStr(semconv.ServiceName, machine)
	resource.PutStr(semconv.StateMachineName, machine)
	resource.PutStr(semconv.StateMachineARN, arn)
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for _, e := range events {
		to := records.AppendEmpty()
		copy16, copy8 := pcommon.TraceID{}, pcommon.SpanID{}
		decode(r.t, copy16[:], e.trace)
		to.SetTraceID(copy16)
		if e.span != "" {
			decode(r.t, copy8[:], e.span)
			to.SetSpanID(copy8)
		}
		to.SetEventName(e.kind)
		to.SetTimestamp(pcommon.NewTimestampFromTime(at(e.ms)))
		require.NoError(r.t, to.Attributes().FromRaw(e.attrs))
		to.Body().SetStr(e.body)
		to.Attributes().PutStr(semconv.ExecutionARN, e.arn)
		to.Attributes().PutInt(semconv.EventID, e.id)
		to.Attributes().PutInt(semconv.RedriveCount, e.redrive)
		if strings.HasPrefix(e.kind, "Execution") {
			to.Attributes().PutInt(semconv.ExecutionStartTime, at(e.started).UnixMilli())
		}
	}
	require.NoError(r.t, r.logs.ConsumeLogs(r.t.Context(), ld))
}
