package otlpjson

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const traces = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"py"}}]},
 "scopeSpans":[{"scope":{"name":"s","version":"1","attributes":[{"key":"b","value":{"boolValue":true}}]},"spans":[
  {"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"EEE19B7EC3C1B173",
   "traceState":"a=b","flags":769,"name":"I'm a server span","kind":2,
   "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712661000000000,"droppedAttributesCount":3,
   "attributes":[{"key":"i","value":{"intValue":"9007199254740993"}},{"key":"n","value":{"intValue":-5}},
    {"key":"d","value":{"doubleValue":1.5}},{"key":"x","value":{"bytesValue":"AAEC"}},{"key":"none","value":{}},
    {"key":"l","value":{"arrayValue":{"values":[{"stringValue":"a"},{"arrayValue":{"values":[]}}]}}},
    {"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":false}}]}}}],
   "events":[{"timeUnixNano":"1544712660300000000","name":"e","attributes":[],"droppedAttributesCount":1}],
   "links":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b175","flags":1}],
   "status":{"code":2,"message":"no"},"unknown":{"a":[1,[2,{"b":null}],"x"]}, "other":[[1],{"c":[]}],"droppedLinksCount":null}],
  "schemaUrl":"https://opentelemetry.io/schemas/1.21.0"}]}],"future":true}`

// The official classes read the same out of their own JSON, in which ids are base64, as they do out of our bytes.
func TestTraces(t *testing.T) {
	want := `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"py"}}]},
 "scopeSpans":[{"scope":{"name":"s","version":"1","attributes":[{"key":"b","value":{"boolValue":true}}]},"spans":[
  {"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ=","parentSpanId":"7uGbfsPBsXM=",
   "traceState":"a=b","flags":769,"name":"I'm a server span","kind":"SPAN_KIND_SERVER",
   "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","droppedAttributesCount":3,
   "attributes":[{"key":"i","value":{"intValue":"9007199254740993"}},{"key":"n","value":{"intValue":"-5"}},
    {"key":"d","value":{"doubleValue":1.5}},{"key":"x","value":{"bytesValue":"AAEC"}},{"key":"none","value":{}},
    {"key":"l","value":{"arrayValue":{"values":[{"stringValue":"a"},{"arrayValue":{}}]}}},
    {"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":false}}]}}}],
   "events":[{"timeUnixNano":"1544712660300000000","name":"e","droppedAttributesCount":1}],
   "links":[{"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXU=","flags":1}],
   "status":{"code":"STATUS_CODE_ERROR","message":"no"}}],"schemaUrl":"https://opentelemetry.io/schemas/1.21.0"}]}]}`
	requireSame(t, "/v1/traces", traces, want, &tracepb.TracesData{}, &tracepb.TracesData{})
}

const logs = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","observedTimeUnixNano":"2","severityNumber":9,
 "severityText":"INFO","body":{"stringValue":"hi"},"attributes":[{"key":"k","value":{"intValue":"1"}}],"flags":1,
 "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","eventName":"e"}]}]}]}`

func TestLogs(t *testing.T) {
	want := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","observedTimeUnixNano":"2","severityNumber":9,
 "severityText":"INFO","body":{"stringValue":"hi"},"attributes":[{"key":"k","value":{"intValue":"1"}}],"flags":1,
 "traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ=","eventName":"e"}]}]}]}`
	requireSame(t, "/v1/logs", logs, want, &logspb.LogsData{}, &logspb.LogsData{})
}

// Without ids the two kinds of JSON are the same.
const metrics = `{"resourceMetrics":[{"resource":{},"scopeMetrics":[{"metrics":[
 {"name":"g","unit":"1","gauge":{"dataPoints":[{"asInt":"-3","timeUnixNano":"5","flags":1},{"asDouble":"NaN"}]}},
 {"name":"s","description":"d","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[
  {"startTimeUnixNano":"1","timeUnixNano":"2","asDouble":0.5,"attributes":[{"key":"k","value":{"stringValue":"v"}}],
   "exemplars":[{"timeUnixNano":"3","asInt":"4","filteredAttributes":[{"key":"k","value":{}}]}]}]}},
 {"name":"h","histogram":{"aggregationTemporality":1,"dataPoints":[{"count":"6","sum":7.5,"bucketCounts":["1","2",3],
  "explicitBounds":[0.1,10],"min":0,"max":5}]}},
 {"name":"e","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[{"count":"6","scale":-2,"zeroCount":"1",
  "zeroThreshold":0.25,"positive":{"offset":-7,"bucketCounts":["300","1"]},"negative":{"bucketCounts":[]}}]}},
 {"name":"q","metadata":[{"key":"k","value":{}}],"summary":{"dataPoints":[{"count":"2","sum":3,"quantileValues":[{"quantile":0.5,"value":1.5}]}]}}
]}]}]}`

func TestMetrics(t *testing.T) {
	requireSame(t, "/v1/metrics", metrics, metrics, &metricspb.MetricsData{}, &metricspb.MetricsData{})
}

func requireSame(t *testing.T, path, given, want string, got, wanted proto.Message) {
	t.Helper()
	body, err := Protobuf(path, []byte(given))
	require.NoError(t, err)
	require.NoError(t, proto.Unmarshal(body, got))
	require.NoError(t, protojson.Unmarshal([]byte(want), wanted))
	require.True(t, proto.Equal(wanted, got), protojson.Format(got))
}

// Every field of the official classes is in the tables, with its number.
func TestTheTablesAreComplete(t *testing.T) {
	for path, m := range map[string]proto.Message{
		"/v1/traces": &tracepb.TracesData{}, "/v1/logs": &logspb.LogsData{}, "/v1/metrics": &metricspb.MetricsData{},
	} {
		requireTable(t, m.ProtoReflect().Descriptor(), requests[path], map[protoreflect.FullName]bool{})
	}
}

func requireTable(t *testing.T, d protoreflect.MessageDescriptor, m message, seen map[protoreflect.FullName]bool) {
	t.Helper()
	if seen[d.FullName()] {
		return
	}
	seen[d.FullName()] = true
	for i := range d.Fields().Len() {
		official := d.Fields().Get(i)
		if notOnTheWire[official.FullName()] {
			continue
		}
		f, ok := m[official.JSONName()]
		require.True(t, ok, official.FullName())
		require.Equal(t, official.Number(), f.number, official.FullName())
		require.Contains(t, kinds[official.Kind()], f.kind, official.FullName())
		if f.kind == object {
			requireTable(t, official.Message(), f.message, seen)
		}
	}
}

// notOnTheWire are for profiles only, as their comments in the .proto files say.
var notOnTheWire = map[protoreflect.FullName]bool{
	"opentelemetry.proto.common.v1.AnyValue.string_value_strindex": true,
	"opentelemetry.proto.common.v1.KeyValue.key_strindex":          true,
	"opentelemetry.proto.resource.v1.Resource.entity_refs":         true,
}

var kinds = map[protoreflect.Kind][]kind{
	protoreflect.StringKind: {text}, protoreflect.BytesKind: {id, base64}, protoreflect.BoolKind: {boolean},
	protoreflect.Int64Kind: {varint}, protoreflect.Uint64Kind: {varint}, protoreflect.Uint32Kind: {varint},
	protoreflect.EnumKind: {varint}, protoreflect.Sint32Kind: {zigzag}, protoreflect.Fixed64Kind: {fixed64},
	protoreflect.Sfixed64Kind: {fixed64}, protoreflect.Fixed32Kind: {fixed32}, protoreflect.DoubleKind: {double},
	protoreflect.MessageKind: {object},
}

func TestErrorsSayWhere(t *testing.T) {
	for body, want := range map[string]string{
		``:                        "no JSON of one: EOF",
		`[]`:                      "no object",
		`{"resourceSpans":[{]`:    "invalid character",
		`{"resourceSpans":[[1]]}`: "resourceSpans: a list in a list",
		`{"resourceSpans":[1]}`:   "resourceSpans: no object",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}`: "spans: traceId: encoding/hex",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":1}]}]}]}`:        "name: a number where none belongs: 1",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SERVER"}]}]}]}`: "kind: strconv.ParseUint",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":true}]}]}]}`:     "name: a value of another type",
	} {
		_, err := Protobuf("/v1/traces", []byte(body))
		require.ErrorContains(t, err, want, body)
	}
	_, err := Protobuf("/v1/profiles", []byte(`{}`))
	require.ErrorContains(t, err, "there is no export request for /v1/profiles")
}

func FuzzProtobuf(f *testing.F) {
	f.Add("/v1/traces", []byte(traces))
	f.Add("/v1/logs", []byte(logs))
	f.Add("/v1/metrics", []byte(metrics))
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		out, err := Protobuf(path, body)
		if err != nil {
			return
		}
		for signal, m := range map[string]proto.Message{
			"/v1/traces": &tracepb.TracesData{}, "/v1/logs": &logspb.LogsData{}, "/v1/metrics": &metricspb.MetricsData{},
		} {
			if signal == path {
				require.NoError(t, proto.Unmarshal(out, m))
			}
		}
	})
}
