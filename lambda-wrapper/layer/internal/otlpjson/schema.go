package otlpjson

import "google.golang.org/protobuf/encoding/protowire"

type kind int

const (
	text    kind = iota
	id           // bytes, in hex: trace and span ids are the exception that OTLP makes
	base64       // bytes
	varint       // int64, uint64, uint32 and enums
	zigzag       // sint32
	boolean      // bool
	fixed64      // fixed64 and sfixed64
	fixed32      // fixed32
	double       // double
	object       // an embedded message
)

// field is how a member of a JSON object is written in protobuf. A list in JSON is a repeated field, packed if its kind
// is that of a number.
type field struct {
	number  protowire.Number
	kind    kind
	message message // of an object; filled in by link for those that are recursive
}

// message has the fields of a message by their JSON names.
type message map[string]field

// The messages of opentelemetry.proto that exporters send, at version 1.
var (
	anyValue = message{
		"stringValue": {1, text, nil}, "boolValue": {2, boolean, nil}, "intValue": {3, varint, nil},
		"doubleValue": {4, double, nil}, "bytesValue": {7, base64, nil},
	}
	keyValue = message{"key": {1, text, nil}, "value": {2, object, anyValue}}
	resource = message{"attributes": {1, object, keyValue}, "droppedAttributesCount": {2, varint, nil}}
	scope    = message{
		"name": {1, text, nil}, "version": {2, text, nil}, "attributes": {3, object, keyValue},
		"droppedAttributesCount": {4, varint, nil},
	}

	event = message{
		"timeUnixNano": {1, fixed64, nil}, "name": {2, text, nil}, "attributes": {3, object, keyValue},
		"droppedAttributesCount": {4, varint, nil},
	}
	link = message{
		"traceId": {1, id, nil}, "spanId": {2, id, nil}, "traceState": {3, text, nil},
		"attributes": {4, object, keyValue}, "droppedAttributesCount": {5, varint, nil}, "flags": {6, fixed32, nil},
	}
	status = message{"message": {2, text, nil}, "code": {3, varint, nil}}
	span   = message{
		"traceId": {1, id, nil}, "spanId": {2, id, nil}, "traceState": {3, text, nil}, "parentSpanId": {4, id, nil},
		"name": {5, text, nil}, "kind": {6, varint, nil}, "startTimeUnixNano": {7, fixed64, nil},
		"endTimeUnixNano": {8, fixed64, nil}, "attributes": {9, object, keyValue},
		"droppedAttributesCount": {10, varint, nil}, "events": {11, object, event},
		"droppedEventsCount": {12, varint, nil}, "links": {13, object, link}, "droppedLinksCount": {14, varint, nil},
		"status": {15, object, status}, "flags": {16, fixed32, nil},
	}
	logRecord = message{
		"timeUnixNano": {1, fixed64, nil}, "severityNumber": {2, varint, nil}, "severityText": {3, text, nil},
		"body": {5, object, anyValue}, "attributes": {6, object, keyValue}, "droppedAttributesCount": {7, varint, nil},
		"flags": {8, fixed32, nil}, "traceId": {9, id, nil}, "spanId": {10, id, nil},
		"observedTimeUnixNano": {11, fixed64, nil}, "eventName": {12, text, nil},
	}
)

// requests are the bodies of exports by the path they are posted to.
var requests = map[string]message{
	"/v1/traces":  request("resourceSpans", "scopeSpans", "spans", span),
	"/v1/logs":    request("resourceLogs", "scopeLogs", "logRecords", logRecord),
	"/v1/metrics": request("resourceMetrics", "scopeMetrics", "metrics", metric),
}

// request is what the three signals have in common.
func request(resources, scopes, items string, item message) message {
	return message{resources: {1, object, message{
		"resource": {1, object, resource}, "schemaUrl": {3, text, nil},
		scopes: {2, object, message{
			"scope": {1, object, scope}, items: {2, object, item}, "schemaUrl": {3, text, nil},
		}},
	}}}
}

func init() { //nolint:gochecknoinits // AnyValue is recursive, which a literal cannot be
	anyValue["arrayValue"] = field{5, object, message{"values": {1, object, anyValue}}}
	anyValue["kvlistValue"] = field{6, object, message{"values": {1, object, keyValue}}}
}
