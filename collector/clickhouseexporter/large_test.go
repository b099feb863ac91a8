package clickhouseexporter

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// The embedded store gives a statement 300 MiB, which these rows would exceed in one insert: they are of two days, which
// ClickHouse takes apart.
func TestALargeBatchIsInsertedInParts(t *testing.T) {
	const rows = 50_000
	dsn := embeddedtest.DSN(t)
	cfg := unqueued(dsn)
	cfg.Retry.Enabled = false
	ld := plog.NewLogs()
	resource := ld.ResourceLogs().AppendEmpty()
	records := resource.ScopeLogs().AppendEmpty().LogRecords()
	for n := range 8 {
		resource.Resource().Attributes().PutStr(fmt.Sprintf("resource.attribute.%d", n), "arn:aws:states:eu-west-1:123456789012")
	}
	records.EnsureCapacity(rows)
	for n := range rows {
		r := records.AppendEmpty()
		r.SetTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Duration(n%2) * 24 * time.Hour)))
		r.SetTraceID(pcommon.TraceID{1, 14: byte(n >> 8), 15: byte(n)})
		r.SetSpanID(pcommon.SpanID{1, 5: byte(n >> 16), 6: byte(n >> 8), 7: byte(n)})
		for k := range 10 {
			r.Attributes().PutStr(fmt.Sprintf("record.attribute.%d", k), fmt.Sprintf("arn:aws:states:eu-west-1:%d", n))
		}
		r.Body().SetStr(strings.Repeat("x", 170))
	}
	logs := startLogs(t, cfg)
	require.NoError(t, logs.ConsumeLogs(t.Context(), ld))
	require.NoError(t, logs.ConsumeLogs(t.Context(), ld), "its parts have the same tokens again")
	require.Equal(t, uint64(rows), count(t, connect(t, dsn), "SELECT count() FROM otel_logs"))
}
