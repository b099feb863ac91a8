package collector_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// deepen puts a text into so many arrays.
func deepen(v pcommon.Value, levels int) {
	for range levels {
		v = v.SetEmptySlice().AppendEmpty()
	}
	v.SetStr("x")
}

func attributes(r ptraceotlp.ExportRequest) pcommon.Map {
	return r.Traces().ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes()
}

func nested(levels int) ptraceotlp.ExportRequest {
	r := spans("s", 1)
	deepen(attributes(r).PutEmpty("deep"), levels)
	return r
}

func ofAttribute(value string) ptraceotlp.ExportRequest {
	r := spans("s", 1)
	attributes(r).PutStr("a", value)
	return r
}

func encoded(t *testing.T, kind string, r ptraceotlp.ExportRequest) []byte {
	t.Helper()
	encode := r.MarshalProto
	if kind == typeJSON {
		encode = r.MarshalJSON
	}
	body, err := encode()
	require.NoError(t, err)
	return body
}

// Each refusal has the status by which a sender gives the data up, and names what to do.
func TestRefusalsOverHTTP(t *testing.T) {
	address := freeAddress(t)
	running(t, dropping(t, object{"endpoint": address, "max_request_body_size": 1 << 20}, object{"endpoint": freeAddress(t)}))
	sender := newWeb(address, nil)
	tooDeep := "nests values deeper than 64 levels"
	type refusal struct {
		name, kind, encoding string
		body                 []byte
		status               int
		want                 string
	}
	var cases []refusal
	for _, kind := range []string{typeProtobuf, typeJSON} {
		large := encoded(t, kind, ofAttribute(strings.Repeat("x", 2<<20)))
		cases = append(
			cases,
			refusal{"deep", kind, "", encoded(t, kind, nested(10_000)), 400, tooDeep},
			refusal{"deep, zipped", kind, "gzip", encoded(t, kind, nested(10_000)), 400, tooDeep},
			refusal{"not UTF-8", kind, "", bytes.Replace(encoded(t, kind, ofAttribute("@")), []byte("@"), []byte("\xff"), 1), 400, "not UTF-8"},
			refusal{"large", kind, "", large, 413, "max_request_body_size"},
			refusal{"large, zipped", kind, "gzip", large, 413, "max_request_body_size"},
			refusal{"large, zstd", kind, "zstd", large, 413, "max_request_body_size"},
		)
	}
	cases = append(
		cases,
		refusal{"spans of nothing", typeProtobuf, "zstd", emptySpans(450_000), 413, "when it is decoded"},
		refusal{"no OTLP", typeProtobuf, "", []byte("hello"), 400, "OTLP"},
		refusal{"no JSON", typeJSON, "", []byte("hello"), 400, ""},
		refusal{"another type", "text/plain", "", []byte("hello"), 415, "unsupported media type"},
	)
	for _, c := range cases {
		t.Run(c.name+" "+c.kind, func(t *testing.T) {
			got, answer := sender.post(t, "/v1/traces", c.kind, c.encoding, compress(t, c.encoding, c.body))
			require.Equal(t, c.status, got, answer)
			require.Contains(t, said(t, c.kind, answer), c.want)
			got, answer = sender.post(t, "/v1/traces", typeJSON, "", encoded(t, typeJSON, nested(64)))
			require.Equal(t, http.StatusOK, got, "it goes on: "+answer)
		})
	}
	got, _ := sender.post(t, "/v1/traces", typeProtobuf, "gzip", []byte("hello"))
	require.Equal(t, http.StatusBadRequest, got)
	got, _ = sender.post(t, "/v1/traces", typeProtobuf, "br", []byte("hello"))
	require.Equal(t, http.StatusBadRequest, got)
}

// said is the message of an answer in the form that OTLP prescribes.
func said(t *testing.T, kind, answer string) string {
	t.Helper()
	var s status.Status
	switch kind {
	case typeProtobuf:
		require.NoError(t, proto.Unmarshal([]byte(answer), &s))
	case typeJSON:
		require.NoError(t, protojson.Unmarshal([]byte(answer), &s), answer)
	default:
		return answer
	}
	return s.GetMessage()
}

// emptySpans is a request of spans of two bytes each.
func emptySpans(n int) []byte {
	length := func(n int) []byte { return []byte{byte(n)&0x7f | 0x80, byte(n>>7)&0x7f | 0x80, byte(n >> 14)} }
	inner := append([]byte{0x12}, length(2*n)...)
	return append(append(append([]byte{0x0a}, length(2*n+4)...), inner...), bytes.Repeat([]byte{0x12, 0}, n)...)
}

func TestRefusalsOverGRPC(t *testing.T) {
	address := freeAddress(t)
	running(t, dropping(t, object{"endpoint": freeAddress(t)}, object{"endpoint": address, "max_recv_msg_size_mib": 16}))
	conn := dial(t, address, nil)
	traces, logs := ptraceotlp.NewGRPCClient(conn), plogotlp.NewGRPCClient(conn)
	large := ofAttribute(strings.Repeat("x", 17<<20))
	hollow := ptraceotlp.NewExportRequest()
	require.NoError(t, hollow.UnmarshalProto(emptySpans(450_000)))
	for _, c := range []struct {
		name, encoding string
		request        ptraceotlp.ExportRequest
		code           codes.Code
		want           string
	}{
		{"deep", "", nested(10_000), codes.InvalidArgument, "nests values deeper than 64 levels"},
		{"deep, zipped", "gzip", nested(10_000), codes.InvalidArgument, "nests values deeper than 64 levels"},
		{"not UTF-8", "", ofAttribute("\xff"), codes.InvalidArgument, "not UTF-8"},
		{"large", "", large, codes.ResourceExhausted, "larger than max"},
		{"large, zipped", "gzip", large, codes.ResourceExhausted, "larger than max"},
		{"large, zstd", "zstd", large, codes.ResourceExhausted, "larger than max"},
		{"spans of nothing", "zstd", hollow, codes.ResourceExhausted, "when it is decoded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := traces.Export(t.Context(), c.request, compressor(c.encoding)...)
			require.Equal(t, c.code, grpcstatus.Code(err), err)
			require.ErrorContains(t, err, c.want)
			_, err = traces.Export(t.Context(), nested(64))
			require.NoError(t, err, "it goes on")
		})
	}
	deep := records("r", 1)
	deepen(deep.Logs().ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body(), 10_000)
	_, err := logs.Export(t.Context(), deep)
	require.Equal(t, codes.InvalidArgument, grpcstatus.Code(err), err)
	_, err = logs.Export(t.Context(), records("r", 1))
	require.NoError(t, err)
	md := pmetric.NewMetrics()
	deepen(md.ResourceMetrics().AppendEmpty().Resource().Attributes().PutEmpty("deep"), 100)
	_, err = pmetricotlp.NewGRPCClient(conn).Export(t.Context(), pmetricotlp.NewExportRequestFromMetrics(md))
	require.Equal(t, codes.InvalidArgument, grpcstatus.Code(err), err)
}
