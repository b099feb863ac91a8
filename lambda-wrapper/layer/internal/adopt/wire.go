package adopt

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// errMalformed is what is no export request.
var errMalformed = errors.New("the body is not an OTLP export request in protobuf")

// Numbers of fields, of trace.proto and the collector's trace_service.proto.
const (
	requestResources = 1 // of ExportTraceServiceRequest
	resourceScopes   = 2 // of ResourceSpans
	scopeSpans       = 2 // of ScopeSpans

	spanTrace  = 1
	spanID     = 2
	spanParent = 4
	spanStart  = 7
	spanLinks  = 13
	spanFlags  = 16

	logTrace = 9 // of LogRecord, which is to ExportLogsServiceRequest what Span is to ExportTraceServiceRequest

	linkTrace = 1
	linkFlags = 6
)

// Bits of SpanFlags in trace.proto: whether it is known that the parent is in another process, and whether it is.
const (
	flagsHasRemote = 0x100
	flagsRemote    = 0x200
)

// field is one field of a message.
type field struct {
	number protowire.Number
	kind   protowire.Type
	whole  []byte // as it is written, its tag included
	value  []byte // of bytes and embedded messages, without tag and length
}

// fields calls f for each field of a message.
func fields(message []byte, f func(field) error) error {
	for len(message) > 0 {
		number, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return errMalformed
		}
		size := protowire.ConsumeFieldValue(number, kind, message[tag:])
		if size < 0 {
			return errMalformed
		}
		found := field{number: number, kind: kind, whole: message[:tag+size]}
		if kind == protowire.BytesType {
			found.value, _ = protowire.ConsumeBytes(message[tag:])
		}
		if err := f(found); err != nil {
			return err
		}
		message = message[tag+size:]
	}
	return nil
}

// embedded calls f for each embedded message of that number.
func embedded(message []byte, number protowire.Number, f func([]byte) error) error {
	return fields(message, func(x field) error {
		if x.number != number {
			return nil
		}
		if x.kind != protowire.BytesType {
			return errMalformed
		}
		return f(x.value)
	})
}

// spans calls f for each span of an export request.
func spans(request []byte, f func([]byte) error) error {
	return embedded(request, requestResources, func(resource []byte) error {
		return embedded(resource, resourceScopes, func(scope []byte) error {
			return embedded(scope, scopeSpans, f)
		})
	})
}

// replace is message with f applied to the embedded messages of a path of field numbers.
func replace(message []byte, path []protowire.Number, f func([]byte) []byte) []byte {
	if len(path) == 0 {
		return f(message)
	}
	out := make([]byte, 0, len(message)+len(message)/8)
	_ = fields(message, func(x field) error { // read before
		if x.number != path[0] || x.kind != protowire.BytesType {
			out = append(out, x.whole...)
			return nil
		}
		out = appendBytes(out, x.number, replace(x.value, path[1:], f))
		return nil
	})
	return out
}

func appendBytes(b []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), value)
}
