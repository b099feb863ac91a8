package faults

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireExactlyOnce drains the senders and the queue, and compares what the store has with what was acknowledged.
func requireExactlyOnce(t *testing.T, s *system, sent *senders) {
	t.Helper()
	sent.drain(t)
	spans, records := sent.traces.sent(), sent.logs.sent()
	requireArrived(t, s, "otel_traces", "reinterpretAsUInt64(reverse(unhex(SpanId))) - 1", spans)
	requireArrived(t, s, "otel_logs", "toUnixTimestamp64Milli(Timestamp) - "+strconv.FormatInt(began.UnixMilli(), 10), records)

	for query, want := range map[string]int{
		"SELECT count() FROM otel_traces FINAL":                                      spans,
		"SELECT count() FROM (SELECT 1 FROM otel_traces LIMIT 1 BY TraceId, SpanId)": spans,
		"SELECT count() FROM otel_logs FINAL":                                        records,
		"SELECT count() FROM sfn_executions FINAL":                                   (records + 1) / 2,
		"SELECT count() FROM sfn_executions FINAL WHERE Status = 'SUCCEEDED'":        records / 2,
		"SELECT count() FROM sfn_state_visits FINAL":                                 ofKind(spans, 0),
		"SELECT count() FROM sfn_attempts FINAL":                                     ofKind(spans, 1),
		"SELECT count() FROM lambda_invocations FINAL":                               ofKind(spans, 2),
		"SELECT count() FROM aws_calls FINAL":                                        ofKind(spans, 3),
		"SELECT sum(n) FROM (SELECT uniqCombined64Merge(Visits) AS n FROM sfn_state_minutes GROUP BY " +
			"StateMachineArn, StateName, Minute, Outcome, Error, DurationClass)": ofKind(spans, 0),
	} {
		// A view's rows are there a little later than those that they are made of.
		got := ""
		assert.Eventually(t, func() bool { got = s.ask(query); return got == strconv.Itoa(want) }, patience, 50*time.Millisecond)
		require.Equal(t, strconv.Itoa(want), got, query)
	}
	t.Logf("%d spans and %d records acknowledged, each is there once; %d and %d requests failed; "+
		"%d and %d rows were stored twice and count once", spans, records, sent.traces.refused, sent.logs.refused,
		s.count(t, "SELECT count() FROM otel_traces")-spans, s.count(t, "SELECT count() FROM otel_logs")-records)
}

// requireArrived waits until the numbers from 0 to n are in the table, and names those that are not.
func requireArrived(t *testing.T, s *system, table, number string, n int) {
	t.Helper()
	const none = "(0,[],0)"
	missing, left := "nothing was asked", time.Now().Add(patience)
	for missing != none && time.Now().Before(left) {
		<-time.After(50 * time.Millisecond)
		missing = s.ask(fmt.Sprintf("SELECT (count(), arraySlice(arraySort(groupArray(number)), 1, 40), max(number)) FROM numbers(%d) WHERE number NOT IN "+
			"(SELECT toUInt64(%s) FROM %s)", n, number, table))
	}
	require.Equal(t, none, missing, "numbers that were acknowledged, and are not in %s", table)
}

// ofKind is how many of the numbers below n have the kind.
func ofKind(n, kind int) int { return (n - kind + len(kinds) - 1) / len(kinds) }
