// Package otlp sends spans to a collector over OTLP/HTTP with protobuf.
//
// It writes the protobuf wire format itself and talks net/http, because the official exporters and the generated
// collector stubs link gRPC, which doubles the size of a Lambda binary.
package otlp

import (
	"encoding/binary"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// ContentType is the media type of what Encode returns.
const ContentType = "application/x-protobuf"

// flagsHasRemoteMask and flagsRemote are SpanFlags 0x100 and 0x200 of trace.proto: whether it is known that the
// parent is in another process, and whether it is.
const (
	flagsHasRemoteMask = 0x100
	flagsRemote        = 0x200
)

// Encode returns the spans as the bytes of an opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest. All
// spans must come from one TracerProvider, whose resource is taken from the first. No spans give no bytes.
func Encode(spans []sdktrace.ReadOnlySpan) []byte { return Append(nil, spans...) }

// Append appends what Encode returns. Requests behind each other are one request.
func Append(b []byte, spans ...sdktrace.ReadOnlySpan) []byte {
	if len(spans) == 0 {
		return b
	}
	return appendMessage(b, 1, func(b []byte) []byte {
		of := spans[0].Resource()
		b = append(b, encodedResource(of)...)
		for _, scope := range scopesOf(spans) {
			b = appendMessage(b, 2, func(b []byte) []byte { return appendScopeSpans(b, scope, spans) })
		}
		return appendString(b, 3, of.SchemaURL())
	})
}

// known is the resource encoded last: a process mostly has one.
var known atomic.Pointer[struct {
	resource *resource.Resource
	field    []byte
}]

// encodedResource is the resource as field 1 of ResourceSpans.
func encodedResource(of *resource.Resource) []byte {
	if last := known.Load(); last != nil && last.resource == of {
		return last.field
	}
	field := appendMessage(nil, 1, func(b []byte) []byte { return appendAttributes(b, 1, of.Attributes()) })
	known.Store(&struct {
		resource *resource.Resource
		field    []byte
	}{of, field})
	return field
}

// scopesOf lists the distinct scopes in order of appearance; there are few.
func scopesOf(spans []sdktrace.ReadOnlySpan) []instrumentation.Scope {
	if len(spans) == 1 {
		return []instrumentation.Scope{spans[0].InstrumentationScope()}
	}
	seen := map[instrumentation.Scope]bool{}
	var scopes []instrumentation.Scope
	for _, s := range spans {
		if scope := s.InstrumentationScope(); !seen[scope] {
			seen[scope] = true
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

func appendScopeSpans(b []byte, scope instrumentation.Scope, spans []sdktrace.ReadOnlySpan) []byte {
	b = appendMessage(b, 1, func(b []byte) []byte {
		b = appendString(b, 1, scope.Name)
		b = appendString(b, 2, scope.Version)
		return appendAttributes(b, 3, scope.Attributes.ToSlice())
	})
	for _, s := range spans {
		if s.InstrumentationScope() == scope {
			b = appendMessage(b, 2, func(b []byte) []byte { return appendSpan(b, s) })
		}
	}
	return appendString(b, 3, scope.SchemaURL)
}

func appendSpan(b []byte, s sdktrace.ReadOnlySpan) []byte {
	ctx, parent := s.SpanContext(), s.Parent()
	b = appendContext(b, ctx)
	if parent.HasSpanID() {
		id := parent.SpanID()
		b = appendBytes(b, 4, id[:])
	}
	b = appendString(b, 5, s.Name())
	b = appendCount(b, 6, int(s.SpanKind())) // the API counts kinds as trace.proto does
	b = appendTime(b, 7, s.StartTime())
	b = appendTime(b, 8, s.EndTime())
	b = appendAttributes(b, 9, s.Attributes())
	b = appendCount(b, 10, s.DroppedAttributes())
	for _, e := range s.Events() {
		b = appendMessage(b, 11, func(b []byte) []byte { return appendEvent(b, e) })
	}
	b = appendCount(b, 12, s.DroppedEvents())
	for _, l := range s.Links() {
		b = appendMessage(b, 13, func(b []byte) []byte { return appendLink(b, l) })
	}
	b = appendCount(b, 14, s.DroppedLinks())
	b = appendMessage(b, 15, func(b []byte) []byte { return appendStatus(b, s.Status()) })
	return appendFixed32(b, 16, flags(ctx, parent))
}

// appendContext writes trace_id, span_id and trace_state, fields 1 to 3 of both Span and Link.
func appendContext(b []byte, ctx trace.SpanContext) []byte {
	traceID, spanID := ctx.TraceID(), ctx.SpanID()
	b = appendBytes(b, 1, traceID[:])
	b = appendBytes(b, 2, spanID[:])
	return appendString(b, 3, ctx.TraceState().String())
}

func appendEvent(b []byte, e sdktrace.Event) []byte {
	b = appendTime(b, 1, e.Time)
	b = appendString(b, 2, e.Name)
	b = appendAttributes(b, 3, e.Attributes)
	return appendCount(b, 4, e.DroppedAttributeCount)
}

func appendLink(b []byte, l sdktrace.Link) []byte {
	b = appendContext(b, l.SpanContext)
	b = appendAttributes(b, 4, l.Attributes)
	b = appendCount(b, 5, l.DroppedAttributeCount)
	return appendFixed32(b, 6, flags(l.SpanContext, l.SpanContext))
}

func appendStatus(b []byte, s sdktrace.Status) []byte {
	b = appendString(b, 2, s.Description)
	return appendCount(b, 3, statusNumber(s.Code))
}

func flags(ctx, parent trace.SpanContext) uint32 {
	f := uint32(ctx.TraceFlags()) | flagsHasRemoteMask
	if parent.IsRemote() {
		f |= flagsRemote
	}
	return f
}

// statusNumber maps to trace.proto's StatusCode, which counts OK and ERROR the other way round than the Go API.
func statusNumber(c codes.Code) int {
	switch c {
	case codes.Ok:
		return 1
	case codes.Error:
		return 2
	default:
		return 0
	}
}

func appendAttributes(b []byte, field protowire.Number, attributes []attribute.KeyValue) []byte {
	for _, kv := range attributes {
		b = appendMessage(b, field, func(b []byte) []byte { return appendKeyValue(b, kv) })
	}
	return b
}

func appendKeyValue(b []byte, kv attribute.KeyValue) []byte {
	b = appendString(b, 1, string(kv.Key))
	return appendMessage(b, 2, func(b []byte) []byte { return appendValue(b, kv.Value) })
}

// appendValue writes an AnyValue. Its members are a oneof, so that false, 0 and "" are written, unlike elsewhere.
func appendValue(b []byte, v attribute.Value) []byte {
	switch v.Type() {
	case attribute.EMPTY:
		return b
	case attribute.STRING:
		return appendText(b, 1, v.AsString())
	case attribute.BOOL:
		return protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), protowire.EncodeBool(v.AsBool()))
	case attribute.INT64:
		b = protowire.AppendTag(b, 3, protowire.VarintType)
		return protowire.AppendVarint(b, uint64(v.AsInt64()))
	case attribute.FLOAT64:
		return protowire.AppendFixed64(protowire.AppendTag(b, 4, protowire.Fixed64Type), math.Float64bits(v.AsFloat64()))
	case attribute.MAP:
		return appendMessage(b, 6, func(b []byte) []byte { return appendAttributes(b, 1, v.AsMap()) })
	case attribute.BYTESLICE:
		return protowire.AppendBytes(protowire.AppendTag(b, 7, protowire.BytesType), v.AsByteSlice())
	default:
		return appendMessage(b, 5, func(b []byte) []byte { return appendElements(b, v) })
	}
}

// appendElements writes the members of an ArrayValue.
func appendElements(b []byte, v attribute.Value) []byte {
	for _, e := range elements(v) {
		b = appendMessage(b, 1, func(b []byte) []byte { return appendValue(b, e) })
	}
	return b
}

func elements(v attribute.Value) []attribute.Value {
	switch v.Type() {
	case attribute.STRINGSLICE:
		return valuesOf(v.AsStringSlice(), attribute.StringValue)
	case attribute.BOOLSLICE:
		return valuesOf(v.AsBoolSlice(), attribute.BoolValue)
	case attribute.INT64SLICE:
		return valuesOf(v.AsInt64Slice(), attribute.Int64Value)
	case attribute.FLOAT64SLICE:
		return valuesOf(v.AsFloat64Slice(), attribute.Float64Value)
	case attribute.SLICE:
		return v.AsSlice()
	default: // a type newer than this encoder: its text is better than nothing
		return []attribute.Value{attribute.StringValue(v.String())}
	}
}

func valuesOf[T any](in []T, value func(T) attribute.Value) []attribute.Value {
	out := make([]attribute.Value, len(in))
	for i, e := range in {
		out[i] = value(e)
	}
	return out
}

// maxLengthSize is the longest varint of a message's length that is reserved in place.
const maxLengthSize = 5

// appendMessage appends an embedded message written by write, without a second buffer: room is left for its length,
// and the message is moved down over what of it was not needed.
func appendMessage(b []byte, field protowire.Number, write func([]byte) []byte) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	lengthAt := len(b)
	b = append(b, make([]byte, maxLengthSize)...)
	b = write(b)
	size := len(b) - lengthAt - maxLengthSize
	used := binary.PutUvarint(b[lengthAt:lengthAt+maxLengthSize], uint64(size))
	copy(b[lengthAt+used:], b[lengthAt+maxLengthSize:])
	return b[:lengthAt+used+size]
}

// The functions below leave out zero values, as proto3 does.

func appendString(b []byte, field protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return appendText(b, field, s)
}

// appendText makes s valid UTF-8 first: one bad string would make a receiver refuse the whole request.
func appendText(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), strings.ToValidUTF8(s, "\uFFFD"))
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func appendCount(b []byte, field protowire.Number, n int) []byte {
	if n <= 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(n))
}

func appendFixed32(b []byte, field protowire.Number, v uint32) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendFixed32(protowire.AppendTag(b, field, protowire.Fixed32Type), v)
}

func appendTime(b []byte, field protowire.Number, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	b = protowire.AppendTag(b, field, protowire.Fixed64Type)
	return protowire.AppendFixed64(b, uint64(t.UnixNano()))
}
