package clickhouseexporter

import (
	"testing"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Whatever OTLP brings becomes a block with a row for each span, and the same block again.
func FuzzSpans(f *testing.F) {
	for _, td := range []ptrace.Traces{sampleTraces(), numbered(0, 2), ptrace.NewTraces()} {
		seed, err := new(ptrace.ProtoMarshaler).MarshalTraces(td)
		require.NoError(f, err)
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, otlp []byte) {
		td, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(otlp)
		if err != nil || td.SpanCount() == 0 {
			return
		}
		rows := spanTable(td)
		require.Equal(t, td.SpanCount(), rows.rows())
		block, err := encode(rows)
		require.NoError(t, err)
		again, err := encode(spanTable(td))
		require.NoError(t, err)
		require.Equal(t, token(block), token(again))
	})
}

func FuzzLogs(f *testing.F) {
	for _, ld := range []plog.Logs{sampleLogs(), started(1), plog.NewLogs()} {
		seed, err := new(plog.ProtoMarshaler).MarshalLogs(ld)
		require.NoError(f, err)
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, otlp []byte) {
		ld, err := new(plog.ProtoUnmarshaler).UnmarshalLogs(otlp)
		if err != nil || ld.LogRecordCount() == 0 {
			return
		}
		rows := logTable(ld)
		require.Equal(t, ld.LogRecordCount(), rows.rows())
		_, err = encode(rows)
		require.NoError(t, err)
	})
}

func TestTokenIsOfTheContent(t *testing.T) {
	one, err := encode(spanTable(numbered(0, 10)))
	require.NoError(t, err)
	same, err := encode(spanTable(numbered(0, 10)))
	require.NoError(t, err)
	other, err := encode(spanTable(numbered(1, 10)))
	require.NoError(t, err)
	require.Equal(t, token(one), token(same))
	require.NotEqual(t, token(one), token(other))
	require.Len(t, token(one), 32)
}

// BenchmarkEncode is the client's share of an insert: spans with 8 resource and 8 span attributes, to a compressed
// body.
func BenchmarkEncode(b *testing.B) {
	const rows = 10_000
	td := numbered(0, rows)
	resource := td.ResourceSpans().At(0).Resource().Attributes()
	for _, k := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		resource.PutStr("resource."+k, "value "+k)
	}
	for _, s := range td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		s.SetName("Lambda-Rekognition")
		for _, k := range []string{"a", "b", "c", "d", "e", "f"} {
			s.Attributes().PutStr("span."+k, "value "+k)
		}
	}
	for b.Loop() {
		block, err := encode(spanTable(td))
		require.NoError(b, err)
		_ = token(block)
		_, err = compressed(block, compress.LZ4)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/span")
}
