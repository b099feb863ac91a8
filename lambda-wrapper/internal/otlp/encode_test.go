package otlp

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"
)

var (
	traceID = trace.TraceID{0x01, 0x02, 0x03, 15: 0x10}
	spanID  = trace.SpanID{0xa1, 7: 0xa8}
	begin   = time.Unix(1763884800, 123456789)
)

func contextOf(id trace.SpanID, remote bool) trace.SpanContext {
	state, _ := trace.ParseTraceState("vendor=1")
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: traceID, SpanID: id, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: remote,
	})
}

// full has every member of a span, and every type of attribute.
func full() tracetest.SpanStub {
	return tracetest.SpanStub{
		Name: "S3.GetObject", SpanContext: contextOf(spanID, false), Parent: contextOf(trace.SpanID{0xb1}, true),
		SpanKind: trace.SpanKindClient, StartTime: begin, EndTime: begin.Add(time.Second),
		Attributes: []attribute.KeyValue{
			attribute.String("s", "ünï"), attribute.String("empty", ""), attribute.String("broken", "a\xffb"),
			attribute.Bool("no", false), attribute.Int64("i", math.MinInt64), attribute.Float64("f", 0),
			attribute.StringSlice("ss", []string{"", "x"}), attribute.BoolSlice("bs", []bool{true, false}),
			attribute.Int64Slice("is", []int64{0, -1}), attribute.Float64Slice("fs", []float64{1.5}),
			{Key: "bytes", Value: attribute.ByteSliceValue([]byte{0, 255})},
			{Key: "mixed", Value: attribute.SliceValue(attribute.IntValue(1), attribute.StringValue("x"))},
			{Key: "map", Value: attribute.MapValue(attribute.Int("n", 7))},
		},
		DroppedAttributes: 1, DroppedEvents: 2, DroppedLinks: 3,
		Events: []sdktrace.Event{{
			Name: "retry", Time: begin, Attributes: []attribute.KeyValue{attribute.Int("n", 1)}, DroppedAttributeCount: 4,
		}},
		Links: []sdktrace.Link{{
			SpanContext: contextOf(trace.SpanID{0xc1}, true), Attributes: []attribute.KeyValue{attribute.Int("l", 1)},
			DroppedAttributeCount: 5,
		}},
		Status: sdktrace.Status{Code: codes.Error, Description: "NoSuchKey"},
		Resource: resource.NewWithAttributes("https://opentelemetry.io/schemas/1.43.0",
			attribute.String("service.name", "thumbnails")),
		InstrumentationScope: instrumentation.Scope{
			Name: "wrapper", Version: "1", SchemaURL: "schema", Attributes: attribute.NewSet(attribute.Int("x", 1)),
		},
	}
}

func TestEncodeWritesEveryMember(t *testing.T) {
	want := &collectorpb.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:  &resourcepb.Resource{Attributes: []*commonpb.KeyValue{kv("service.name", str("thumbnails"))}},
		SchemaUrl: "https://opentelemetry.io/schemas/1.43.0",
		ScopeSpans: []*tracepb.ScopeSpans{{
			Scope: &commonpb.InstrumentationScope{
				Name: "wrapper", Version: "1", Attributes: []*commonpb.KeyValue{kv("x", integer(1))},
			},
			SchemaUrl: "schema",
			Spans:     []*tracepb.Span{fullSpan()},
		}},
	}}}
	got := &collectorpb.ExportTraceServiceRequest{}
	require.NoError(t, proto.Unmarshal(Encode(tracetest.SpanStubs{full()}.Snapshots()), got))
	require.Empty(t, cmp.Diff(want, got, protocmp.Transform()))
}

func fullSpan() *tracepb.Span {
	return &tracepb.Span{
		TraceId: traceID[:], SpanId: spanID[:], ParentSpanId: []byte{0xb1, 0, 0, 0, 0, 0, 0, 0}, TraceState: "vendor=1",
		Flags: 0x301, Name: "S3.GetObject", Kind: tracepb.Span_SPAN_KIND_CLIENT,
		StartTimeUnixNano: 1763884800123456789, EndTimeUnixNano: 1763884801123456789,
		Attributes: []*commonpb.KeyValue{
			kv("s", str("ünï")), kv("empty", str("")), kv("broken", str("a\uFFFDb")),
			kv("no", &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{}}), kv("i", integer(math.MinInt64)),
			kv("f", &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{}}),
			kv("ss", list(str(""), str("x"))), kv("bs", list(boolean(true), boolean(false))),
			kv("is", list(integer(0), integer(-1))), kv("fs", list(double(1.5))),
			kv("bytes", &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: []byte{0, 255}}}),
			kv("mixed", list(integer(1), str("x"))),
			kv("map", &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{
				KvlistValue: &commonpb.KeyValueList{Values: []*commonpb.KeyValue{kv("n", integer(7))}},
			}}),
		},
		DroppedAttributesCount: 1, DroppedEventsCount: 2, DroppedLinksCount: 3,
		Events: []*tracepb.Span_Event{{
			TimeUnixNano: 1763884800123456789, Name: "retry", Attributes: []*commonpb.KeyValue{kv("n", integer(1))},
			DroppedAttributesCount: 4,
		}},
		Links: []*tracepb.Span_Link{{
			TraceId: traceID[:], SpanId: []byte{0xc1, 0, 0, 0, 0, 0, 0, 0}, TraceState: "vendor=1",
			Attributes: []*commonpb.KeyValue{kv("l", integer(1))}, DroppedAttributesCount: 5, Flags: 0x301,
		}},
		Status: &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: "NoSuchKey"},
	}
}

func kv(key string, v *commonpb.AnyValue) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: v}
}

func str(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

func integer(i int64) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: i}}
}

func boolean(b bool) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: b}}
}

func double(f float64) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: f}}
}

func list(v ...*commonpb.AnyValue) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: v}}}
}

func TestSpansAreGroupedByScope(t *testing.T) {
	stubs := tracetest.SpanStubs{full(), full(), full()}
	stubs[1].InstrumentationScope.Name = "user"
	got := &tracepb.TracesData{}
	require.NoError(t, proto.Unmarshal(Encode(stubs.Snapshots()), got))
	require.Len(t, got.ResourceSpans, 1)
	scopes := got.ResourceSpans[0].ScopeSpans
	require.Len(t, scopes, 2)
	require.Equal(t, "wrapper", scopes[0].Scope.Name)
	require.Len(t, scopes[0].Spans, 2)
	require.Equal(t, "user", scopes[1].Scope.Name)
	require.Len(t, scopes[1].Spans, 1)
}

func TestStatusAndKindNumbers(t *testing.T) {
	for code, want := range map[codes.Code]tracepb.Status_StatusCode{
		codes.Unset: tracepb.Status_STATUS_CODE_UNSET, codes.Ok: tracepb.Status_STATUS_CODE_OK,
		codes.Error: tracepb.Status_STATUS_CODE_ERROR,
	} {
		require.EqualValues(t, want, statusNumber(code))
	}
	for kind, want := range map[trace.SpanKind]tracepb.Span_SpanKind{
		trace.SpanKindInternal: tracepb.Span_SPAN_KIND_INTERNAL, trace.SpanKindServer: tracepb.Span_SPAN_KIND_SERVER,
		trace.SpanKindClient: tracepb.Span_SPAN_KIND_CLIENT, trace.SpanKindProducer: tracepb.Span_SPAN_KIND_PRODUCER,
		trace.SpanKindConsumer: tracepb.Span_SPAN_KIND_CONSUMER,
	} {
		require.EqualValues(t, want, kind)
	}
}

func TestNothingIsEncodedAsNothing(t *testing.T) { require.Empty(t, Encode(nil)) }

// Lengths of one, two and three bytes are all written in place.
func TestMessagesOfAnyLengthSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stub := full()
		stub.Name = strings.Repeat("x", rapid.IntRange(0, 40_000).Draw(t, "name"))
		stub.Attributes = []attribute.KeyValue{attribute.String("a", rapid.String().Draw(t, "a"))}
		got := &tracepb.TracesData{}
		require.NoError(t, proto.Unmarshal(Encode(tracetest.SpanStubs{stub}.Snapshots()), got))
		s := got.ResourceSpans[0].ScopeSpans[0].Spans[0]
		require.Equal(t, stub.Name, s.Name)
		require.Equal(t, stub.Attributes[0].Value.AsString(), s.Attributes[0].Value.GetStringValue())
	})
}
