package clickhouseexporter

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// benchRows is a batch as the sending queue makes them.
const benchRows = 10_000

// benchTraces are spans with 8 resource and 12 attributes of their own in turn from four shapes, a tenth with an event,
// in requests of a hundred spans, as a Collector has them: read from OTLP, so that no two share their texts.
func benchTraces(tb testing.TB, rows int, seed uint64) ptrace.Traces {
	td, random := ptrace.NewTraces(), rand.New(rand.NewPCG(seed, 1))
	var spans ptrace.SpanSlice
	for i := range rows {
		if i%100 == 0 {
			rs := td.ResourceSpans().AppendEmpty()
			benchResource(rs.Resource().Attributes(), i/100%5)
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName("github.com/steptrace/steptrace/agent")
			ss.Scope().SetVersion("1.2.3")
			spans = ss.Spans()
		}
		benchSpan(spans.AppendEmpty(), random, i)
	}
	otlp, err := new(ptrace.ProtoMarshaler).MarshalTraces(td)
	require.NoError(tb, err)
	td, err = new(ptrace.ProtoUnmarshaler).UnmarshalTraces(otlp)
	require.NoError(tb, err)
	return td
}

func benchResource(a pcommon.Map, n int) {
	a.PutStr("service.name", fmt.Sprintf("image-workflow-%d", n))
	a.PutStr("cloud.provider", "aws")
	a.PutStr("cloud.platform", "aws_lambda")
	a.PutStr("cloud.region", "eu-west-1")
	a.PutStr("cloud.account.id", "123456789012")
	a.PutStr("faas.name", fmt.Sprintf("detect-faces-%d", n))
	a.PutInt("faas.max_memory", 536870912)
	a.PutStr("telemetry.sdk.language", "go")
}

var benchShapes = []struct {
	name string
	kind ptrace.SpanKind
}{
	{"Detect Faces", ptrace.SpanKindInternal},
	{"Lambda-Rekognition", ptrace.SpanKindClient},
	{"detect-faces", ptrace.SpanKindServer},
	{"S3.GetObject", ptrace.SpanKindClient},
}

func benchSpan(s ptrace.Span, random *rand.Rand, i int) {
	var trace pcommon.TraceID
	binary.BigEndian.PutUint64(trace[:], uint64(i/20)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(trace[8:], uint64(i/20)*0xbf58476d1ce4e5b9)
	var id, parent pcommon.SpanID
	binary.BigEndian.PutUint64(id[:], random.Uint64())
	binary.BigEndian.PutUint64(parent[:], random.Uint64())
	shape := i % len(benchShapes)
	s.SetTraceID(trace)
	s.SetSpanID(id)
	s.SetParentSpanID(parent)
	s.SetName(benchShapes[shape].name)
	s.SetKind(benchShapes[shape].kind)
	begin := start.Add(time.Duration(i) * time.Millisecond)
	s.SetStartTimestamp(pcommon.NewTimestampFromTime(begin))
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(time.Duration(random.IntN(1e9)))))
	a := s.Attributes()
	a.PutStr("steptrace.kind", []string{"state", "attempt", "invocation", "call"}[shape])
	a.PutStr("aws.step_functions.execution.arn", fmt.Sprintf(
		"arn:aws:states:eu-west-1:123456789012:execution:images:%08x-0000-4000-8000-%012x", i/20, trace[:6]))
	a.PutStr("aws.step_functions.state_machine.arn", "arn:aws:states:eu-west-1:123456789012:stateMachine:images")
	a.PutStr("aws.step_functions.state.name", "Detect Faces")
	a.PutInt("aws.step_functions.event.id", int64(i%200))
	a.PutInt("aws.step_functions.retry_count", 0)
	a.PutBool("faas.coldstart", i%50 == 0)
	own := []string{"state", "attempt", "faas", "rpc"}[shape]
	a.PutStr(own+".request_id", fmt.Sprintf("%08x-%04x-4000-8000-%012x", random.Uint32(), i%65536, random.Uint64()>>16))
	a.PutStr(own+".resource", "arn:aws:lambda:eu-west-1:123456789012:function:detect-faces")
	a.PutInt(own+".status_code", 200)
	a.PutDouble(own+".confidence", float64(random.IntN(10000))/100)
	a.PutStr(own+".object.key", fmt.Sprintf("uploads/2026/11/%d.jpg", random.IntN(1e6)))
	if i%10 == 0 {
		e := s.Events().AppendEmpty()
		e.SetName("retry")
		e.SetTimestamp(s.StartTimestamp())
		e.Attributes().PutInt("attempt", 1)
	}
}

// cpu is what the process has used in user and kernel mode.
func cpu(tb testing.TB) time.Duration {
	var usage syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// perSpan reports CPU and allocations of what a benchmark did, over all threads: the garbage collector's share counts.
func perSpan(b *testing.B, do func()) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := cpu(b)
	for b.Loop() {
		do()
	}
	spans := float64(b.N) * benchRows
	used := cpu(b) - begin
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(used.Nanoseconds())/spans, "cpu-ns/span")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/spans, "allocs/span")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/spans, "alloc-B/span")
}

// BenchmarkEncode is a batch up to the body of its request.
func BenchmarkEncode(b *testing.B) {
	td := benchTraces(b, benchRows, 1)
	for _, compression := range []Compression{"lz4", "zstd", "none"} {
		b.Run(string(compression), func(b *testing.B) {
			encoding := newEncoders(methods[compression])
			var p payload
			perSpan(b, func() {
				var err error
				p, err = encoding.traces(td)
				require.NoError(b, err)
			})
			b.ReportMetric(float64(len(p.body))/benchRows, "wire-B/span")
			b.ReportMetric(float64(p.raw)/benchRows, "raw-B/span")
		})
	}
}

// BenchmarkColumns is the part of it before compression.
func BenchmarkColumns(b *testing.B) {
	td := benchTraces(b, benchRows, 1)
	var columns spanColumns
	perSpan(b, func() {
		require.NoError(b, columns.add(td))
		columns.reset()
	})
}

// benchMetrics are points as a Collector tells of itself, in requests of a hundred.
func benchMetrics(tb testing.TB, rows int) pmetric.Metrics {
	md := pmetric.NewMetrics()
	for i := 0; i < rows; i += 100 {
		rm := md.ResourceMetrics().AppendEmpty()
		benchResource(rm.Resource().Attributes(), i/100%5)
		metrics := rm.ScopeMetrics().AppendEmpty().Metrics()
		for n := range 10 {
			m := metrics.AppendEmpty()
			m.SetName(fmt.Sprintf("steptrace.store.rows.%d", n))
			m.SetUnit("{row}")
			points := m.SetEmptySum().DataPoints()
			for k := range 10 {
				p := points.AppendEmpty()
				p.SetTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Duration(i) * time.Second)))
				p.SetIntValue(int64(i + k))
				p.Attributes().PutStr("table", fmt.Sprintf("otel_%d", k))
				p.Attributes().PutStr("outcome", "stored")
			}
		}
	}
	otlp, err := new(pmetric.ProtoMarshaler).MarshalMetrics(md)
	require.NoError(tb, err)
	md, err = new(pmetric.ProtoUnmarshaler).UnmarshalMetrics(otlp)
	require.NoError(tb, err)
	return md
}

// BenchmarkEncodeSums is BenchmarkEncode for points of sums.
func BenchmarkEncodeSums(b *testing.B) {
	md, encoding := benchMetrics(b, benchRows), newEncoders(methods["lz4"])
	perSpan(b, func() {
		_, err := encoding.sums(md)
		require.NoError(b, err)
	})
}
