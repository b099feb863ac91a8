package store_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

// week is in milliseconds.
const week = 7 * 24 * 3600 * 1000

func TestATraceIsReadWholeHoweverFarApartItsSpansAre(t *testing.T) {
	r := newRig(t)
	r.write(
		span{trace: tid(1), id: sid(1), name: "first", kind: "invocation", start: 0, end: 1},
		span{trace: tid(1), id: sid(2), parent: sid(1), name: "last", kind: "call", start: 6 * week, end: 6*week + 1},
		span{trace: tid(2), id: sid(3), name: "other", kind: "invocation", start: 0, end: 1},
	)
	trace, err := r.db.Trace(t.Context(), tid(1))
	require.NoError(t, err)
	require.Equal(t, "\ninvocation first\n  call last\n", drawn(trace))
	found, err := r.db.Spans(t.Context(), store.SpanFilter{TraceID: tid(1)})
	require.NoError(t, err)
	require.Len(t, found, 2)
}

func TestSpansStoredBeforeTraceTimesAreFound(t *testing.T) {
	r := newRig(t)
	conn := connect(t, r.dsn)
	for _, statement := range []string{
		"DROP TABLE trace_times_mv", "DROP TABLE trace_times",
		"ALTER TABLE steptrace_migrations DELETE WHERE Version = 14 SETTINGS mutations_sync = 1",
	} {
		require.NoError(t, conn.Exec(t.Context(), statement))
	}
	r.write(span{trace: tid(1), id: sid(1), name: "before", kind: "invocation", start: 0, end: 1})
	require.NoError(t, store.Migrate(t.Context(), r.dsn, quiet))
	r.write(span{trace: tid(1), id: sid(2), parent: sid(1), name: "after", kind: "call", start: week, end: week + 1})
	trace, err := r.db.Trace(t.Context(), tid(1))
	require.NoError(t, err)
	require.Equal(t, "\ninvocation before\n  call after\n", drawn(trace))
}

// Of all granules that the store has, so that reading a trace takes no longer the more there are.
func TestTraceTimesSparesReadingTheIndexOfEveryGranule(t *testing.T) {
	r := newRig(t)
	conn := connect(t, r.dsn)
	for n := range 8 { // a row in ten milliseconds, four of a trace
		require.NoError(t, conn.Exec(t.Context(), `INSERT INTO otel_traces (Timestamp, TraceId, SpanId)
			SELECT toDateTime64('2090-01-01 00:00:00', 9) + number / 100, toString(intDiv(number, 4)), toString(number)
			FROM numbers({from:UInt64}, 65536)`, clickhouse.Named("from", n*65536)))
	}
	var plan strings.Builder
	rows, err := conn.Query(t.Context(), `EXPLAIN indexes = 1
		SELECT * FROM otel_traces WHERE TraceId = '7777' AND toStartOfFiveMinutes(Timestamp) IN (
			SELECT FiveMinutes FROM trace_times WHERE TraceHash = toUInt32(bitAnd(sipHash64('7777'), 0xFFFFFFFF)))`)
	require.NoError(t, err)
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		plan.WriteString(strings.TrimSpace(line) + "\n")
	}
	require.NoError(t, rows.Close())
	_, byPrimaryKey, found := strings.Cut(plan.String(), "PrimaryKey\n")
	require.True(t, found, plan.String())
	left := regexp.MustCompile(`Granules: (\d+)/\d+`).FindStringSubmatch(byPrimaryKey)
	require.NotEmpty(t, left, plan.String())
	granules, err := strconv.Atoi(left[1])
	require.NoError(t, err)
	require.LessOrEqual(t, granules, 5, "five minutes are 3.7 granules of 64:\n%s", plan.String())
}
