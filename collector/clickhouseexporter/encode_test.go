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
	encoding := newEncoders(compress.LZ4)
	f.Fuzz(func(t *testing.T, otlp []byte) {
		td, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(otlp)
		if err != nil || td.SpanCount() == 0 {
			return
		}
		first, err := encoding.traces(td)
		require.NoError(t, err)
		require.Equal(t, td.SpanCount(), first.rows)
		again, err := encoding.traces(td)
		require.NoError(t, err)
		require.Equal(t, first, again)
	})
}

func FuzzLogs(f *testing.F) {
	for _, ld := range []plog.Logs{sampleLogs(), started(1), plog.NewLogs()} {
		seed, err := new(plog.ProtoMarshaler).MarshalLogs(ld)
		require.NoError(f, err)
		f.Add(seed)
	}
	encoding := newEncoders(compress.LZ4)
	f.Fuzz(func(t *testing.T, otlp []byte) {
		ld, err := new(plog.ProtoUnmarshaler).UnmarshalLogs(otlp)
		if err != nil || ld.LogRecordCount() == 0 {
			return
		}
		first, err := encoding.records(ld)
		require.NoError(t, err)
		require.Equal(t, ld.LogRecordCount(), first.rows)
		again, err := encoding.records(ld)
		require.NoError(t, err)
		require.Equal(t, first, again)
	})
}

func TestTokenIsOfTheContent(t *testing.T) {
	encoding := newEncoders(compress.LZ4)
	one, err := encoding.traces(numbered(0, 10))
	require.NoError(t, err)
	other, err := encoding.traces(numbered(1, 10))
	require.NoError(t, err)
	same, err := encoding.traces(numbered(0, 10))
	require.NoError(t, err)
	require.Equal(t, one.token, same.token)
	require.NotEqual(t, one.token, other.token)
	require.Len(t, one.token, 32)
}
