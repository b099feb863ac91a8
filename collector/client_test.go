package collector_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	grpcgzip "google.golang.org/grpc/encoding/gzip"
)

const (
	typeProtobuf = "application/x-protobuf"
	typeJSON     = "application/json"
)

// web posts to an OTLP/HTTP receiver.
type web struct {
	url           string
	client        *http.Client
	authorization string
}

// newWeb leaves no connection behind. config is nil for plain HTTP.
func newWeb(address string, config *tls.Config) *web {
	scheme := "http://"
	if config != nil {
		scheme = "https://"
	}
	return &web{url: scheme + address, client: &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, TLSClientConfig: config,
	}}}
}

func (w *web) post(t *testing.T, path, kind, encoding string, body []byte) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", kind)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	if w.authorization != "" {
		r.Header.Set("Authorization", w.authorization)
	}
	response, err := w.client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func compress(t *testing.T, encoding string, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "":
		return body
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		var err error
		w, err = zstd.NewWriter(&out)
		require.NoError(t, err)
	}
	_, err := w.Write(body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// dial connects to an OTLP/gRPC receiver. config is nil for plain text.
func dial(t *testing.T, address string, config *tls.Config) *grpc.ClientConn {
	t.Helper()
	secrecy := insecure.NewCredentials()
	if config != nil {
		secrecy = credentials.NewTLS(config)
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(secrecy))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

func compressor(encoding string) []grpc.CallOption {
	switch encoding {
	case "":
		return nil
	case "gzip":
		return []grpc.CallOption{grpc.UseCompressor(grpcgzip.Name)}
	}
	return []grpc.CallOption{grpc.UseCompressor(encoding)}
}

// spans makes n spans of the name.
func spans(name string, n int) ptraceotlp.ExportRequest {
	td := ptrace.NewTraces()
	all := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i := range n {
		s := all.AppendEmpty()
		s.SetName(name)
		s.SetTraceID(pcommon.TraceID(idOf(name)))
		s.SetSpanID(pcommon.SpanID{1, 6: byte(i >> 8), 7: byte(i)})
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(began))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(began))
		s.Attributes().PutInt("number", int64(i))
		s.Attributes().PutStr("text", "ü \u2028 \x00")
		s.Attributes().PutEmptyMap("map").PutEmptySlice("list").AppendEmpty().SetDouble(0.5)
	}
	return ptraceotlp.NewExportRequestFromTraces(td)
}

// records makes n log records of the name.
func records(name string, n int) plogotlp.ExportRequest {
	ld := plog.NewLogs()
	all := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		r := all.AppendEmpty()
		r.SetEventName(name)
		r.SetTraceID(pcommon.TraceID(idOf(name)))
		r.SetTimestamp(pcommon.NewTimestampFromTime(began))
		r.Attributes().PutInt("number", int64(i))
		r.Body().SetStr("ü")
	}
	return plogotlp.NewExportRequestFromLogs(ld)
}
