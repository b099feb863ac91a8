package otlplimits_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/steptrace/steptrace/collector/otlplimits"
)

// nest puts a text into so many arrays and maps, in turn.
func nest(v pcommon.Value, levels int) {
	for level := range levels {
		if level%2 == 0 {
			v = v.SetEmptySlice().AppendEmpty()
		} else {
			v = v.SetEmptyMap().PutEmpty("k")
		}
	}
	v.SetStr("x")
}

func ofProtobuf(signal otlplimits.Signal, data []byte) error {
	_, err := otlplimits.Protobuf(signal, data)
	return err
}

func ofJSON(data []byte) error {
	_, err := otlplimits.JSON(data)
	return err
}

type request interface {
	MarshalProto() ([]byte, error)
	MarshalJSON() ([]byte, error)
}

// check wants what is said of both encodings of a request.
func check(t *testing.T, signal otlplimits.Signal, r request, want error) {
	t.Helper()
	data, err := r.MarshalProto()
	require.NoError(t, err)
	require.ErrorIs(t, ofProtobuf(signal, data), want)
	data, err = r.MarshalJSON()
	require.NoError(t, err)
	require.ErrorIs(t, ofJSON(data), want)
}

// places are those in a request of spans where values may be.
var places = map[string]func(ptrace.ResourceSpans) pcommon.Map{
	"resource": func(r ptrace.ResourceSpans) pcommon.Map { return r.Resource().Attributes() },
	"scope":    func(r ptrace.ResourceSpans) pcommon.Map { return r.ScopeSpans().At(0).Scope().Attributes() },
	"span":     func(r ptrace.ResourceSpans) pcommon.Map { return spanOf(r).Attributes() },
	"event":    func(r ptrace.ResourceSpans) pcommon.Map { return spanOf(r).Events().AppendEmpty().Attributes() },
	"link":     func(r ptrace.ResourceSpans) pcommon.Map { return spanOf(r).Links().AppendEmpty().Attributes() },
}

func spanOf(r ptrace.ResourceSpans) ptrace.Span { return r.ScopeSpans().At(0).Spans().At(0) }

func oneSpan() (ptraceotlp.ExportRequest, ptrace.ResourceSpans) {
	td := ptrace.NewTraces()
	r := td.ResourceSpans().AppendEmpty()
	r.ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("s")
	return ptraceotlp.NewExportRequestFromTraces(td), r
}

func TestDepth(t *testing.T) {
	for place, attributes := range places {
		for levels, want := range map[int]error{64: nil, 200: otlplimits.ErrTooDeep} {
			t.Run(fmt.Sprintf("%s %d", place, levels), func(t *testing.T) {
				r, spans := oneSpan()
				nest(attributes(spans).PutEmpty("deep"), levels)
				check(t, otlplimits.Traces, r, want)
			})
		}
	}
	r, spans := oneSpan()
	nest(spans.Resource().Attributes().PutEmpty("deep"), 65)
	data, err := r.MarshalProto()
	require.NoError(t, err)
	require.ErrorIs(t, ofProtobuf(otlplimits.Traces, data), otlplimits.ErrTooDeep)
}

func TestDepthOfLogsAndMetrics(t *testing.T) {
	for levels, want := range map[int]error{64: nil, 200: otlplimits.ErrTooDeep} {
		ld := plog.NewLogs()
		nest(ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body(), levels)
		check(t, otlplimits.Logs, plogotlp.NewExportRequestFromLogs(ld), want)
		md := pmetric.NewMetrics()
		m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		point := m.SetEmptySum().DataPoints().AppendEmpty()
		nest(point.Exemplars().AppendEmpty().FilteredAttributes().PutEmpty("deep"), levels)
		check(t, otlplimits.Metrics, pmetricotlp.NewExportRequestFromMetrics(md), want)
	}
}

// Text that is not UTF-8 is refused in whatever field it is.
func TestText(t *testing.T) {
	const bad = "a\xffb"
	cases := map[string]func(ptrace.ResourceSpans){
		"resource schema": func(r ptrace.ResourceSpans) { r.SetSchemaUrl(bad) },
		"scope schema":    func(r ptrace.ResourceSpans) { r.ScopeSpans().At(0).SetSchemaUrl(bad) },
		"scope name":      func(r ptrace.ResourceSpans) { r.ScopeSpans().At(0).Scope().SetName(bad) },
		"scope version":   func(r ptrace.ResourceSpans) { r.ScopeSpans().At(0).Scope().SetVersion(bad) },
		"name":            func(r ptrace.ResourceSpans) { spanOf(r).SetName(bad) },
		"trace state":     func(r ptrace.ResourceSpans) { spanOf(r).TraceState().FromRaw(bad) },
		"status":          func(r ptrace.ResourceSpans) { spanOf(r).Status().SetMessage(bad) },
		"event name":      func(r ptrace.ResourceSpans) { spanOf(r).Events().AppendEmpty().SetName(bad) },
		"link state":      func(r ptrace.ResourceSpans) { spanOf(r).Links().AppendEmpty().TraceState().FromRaw(bad) },
	}
	for place, attributes := range places {
		cases[place+" key"] = func(r ptrace.ResourceSpans) { attributes(r).PutStr(bad, "") }
		cases[place+" value"] = func(r ptrace.ResourceSpans) { attributes(r).PutStr("k", bad) }
		cases[place+" inner value"] = func(r ptrace.ResourceSpans) {
			attributes(r).PutEmptySlice("k").AppendEmpty().SetEmptyMap().PutStr("k", bad)
		}
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			r, spans := oneSpan()
			spoil(spans)
			data, err := r.MarshalProto()
			require.NoError(t, err)
			require.ErrorIs(t, ofProtobuf(otlplimits.Traces, data), otlplimits.ErrNotUTF8)
		})
	}
	require.ErrorIs(t, ofJSON([]byte(`{"resourceSpans":[{"schemaUrl":"`+bad+`"}]}`)), otlplimits.ErrNotUTF8)
	r, spans := oneSpan()
	spanOf(spans).Attributes().PutEmptyBytes("k").FromRaw([]byte(bad))
	spanOf(spans).Attributes().PutStr("é", "\u2028 \x00 日本")
	check(t, otlplimits.Traces, r, nil)
}

// field is a length-delimited field.
func field(number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), content)
}

// Few bytes can become much memory: an empty span has two.
func TestMemory(t *testing.T) {
	spans := func(n int) []byte {
		return field(1, field(2, bytes.Repeat(field(2, nil), n)))
	}
	require.NoError(t, ofProtobuf(otlplimits.Traces, spans(400_000)))
	require.ErrorIs(t, ofProtobuf(otlplimits.Traces, spans(500_000)), otlplimits.ErrTooLarge)
	require.ErrorIs(t, ofProtobuf(otlplimits.Traces, field(1, field(1000, spans(500_000)[8:]))),
		otlplimits.ErrTooLarge, "under the number of old")
	many := func(of string, n int) []byte { return []byte("[" + strings.Repeat(of+",", n) + "0]") }
	require.NoError(t, ofJSON(many("{}", 400_000)))
	require.ErrorIs(t, ofJSON(many("{}", 500_000)), otlplimits.ErrTooLarge)
	require.NoError(t, ofJSON(many(`{ "key":"a","value":{"stringValue":"b"}}`, 400_000)))
}

// What is said of the memory of a real request is not below what it takes, nor far above it, in both forms.
func TestMemoryIsAsSaid(t *testing.T) {
	r, spans := oneSpan()
	for range 50 {
		spanOf(spans).Attributes().PutStr("http.request.header.x", "some value")
	}
	data, err := r.MarshalProto()
	require.NoError(t, err)
	memory, err := otlplimits.Protobuf(otlplimits.Traces, data)
	require.NoError(t, err)
	taken := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, ptraceotlp.NewExportRequest().UnmarshalProto(data))
		}
	}).AllocedBytesPerOp()
	require.GreaterOrEqual(t, memory, taken)
	require.LessOrEqual(t, memory, 2*taken)
	data, err = r.MarshalJSON()
	require.NoError(t, err)
	said, err := otlplimits.JSON(data)
	require.NoError(t, err)
	require.GreaterOrEqual(t, said, taken)
	require.LessOrEqual(t, said, 4*taken+int64(len(data)))
}

// A real request of 20 MB passes.
func TestLargeRequestsPass(t *testing.T) {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for n := range 20_000 {
		s := spans.AppendEmpty()
		s.SetName("GET /orders/{id}")
		for a := range 20 {
			s.Attributes().PutStr(fmt.Sprintf("http.attribute.%d", a), fmt.Sprintf("value %d of %d", a, n))
		}
	}
	check(t, otlplimits.Traces, ptraceotlp.NewExportRequestFromTraces(td), nil)
}

func TestMalformed(t *testing.T) {
	for name, data := range map[string][]byte{
		"half a tag":      {0x80},
		"field 0":         {0x02, 0x00},
		"too long":        {0x0a, 0x05, 0x00},
		"huge length":     {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
		"a group":         {0x7b, 0x08, 0x01, 0x7c},
		"group's end":     {0x7c},
		"tag of 33 bits":  {0x8a, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00},
		"half a number":   {0x0d, 0x00},
		"wire type seven": {0x0f},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, ofProtobuf(otlplimits.Traces, data), otlplimits.ErrMalformed)
		})
	}
	require.ErrorIs(t, ofJSON([]byte(`{}}`)), otlplimits.ErrMalformed)
	for _, text := range []string{``, `{"resourceSpans":[]}`, `{"a":"}}[[{{\"]]"}`, `"\\"`, `"open`, `"\`} {
		require.NoError(t, ofJSON([]byte(text)), text)
	}
}
