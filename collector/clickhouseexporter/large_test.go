package clickhouseexporter

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// The embedded store gives a statement 300 MiB, which these rows would exceed in one insert.
func TestALargeBatchIsInsertedInParts(t *testing.T) {
	const rows = 80_000
	dsn := embeddedtest.DSN(t)
	cfg := unqueued(dsn)
	cfg.Retry.Enabled = false
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	records.EnsureCapacity(rows)
	for n := range rows {
		r := records.AppendEmpty()
		r.SetTimestamp(pcommon.NewTimestampFromTime(start))
		r.SetTraceID(pcommon.TraceID{1, 14: byte(n >> 8), 15: byte(n)})
		r.SetSpanID(pcommon.SpanID{1, 5: byte(n >> 16), 6: byte(n >> 8), 7: byte(n)})
		r.Attributes().PutInt("n", int64(n))
		r.Body().SetStr(strings.Repeat("x", 1000))
	}
	logs := startLogs(t, cfg)
	require.NoError(t, logs.ConsumeLogs(t.Context(), ld))
	require.NoError(t, logs.ConsumeLogs(t.Context(), ld), "its parts have the same tokens again")
	require.Equal(t, uint64(rows), count(t, connect(t, dsn), "SELECT count() FROM otel_logs"))
}
