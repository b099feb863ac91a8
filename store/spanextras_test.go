package store_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

func TestSpansHaveTheirEventsAndLinks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	td := ptrace.NewTraces()
	s := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	failing.span(semconv.KindExecution, world, 1, 0, 10_000).fill(t, s)
	event := s.Events().AppendEmpty()
	event.SetName("exception")
	event.SetTimestamp(pcommon.NewTimestampFromTime(at(5).Add(7)))
	event.Attributes().PutStr("exception.type", "Boom")
	s.Events().AppendEmpty().SetName("second")
	link := s.Links().AppendEmpty()
	link.SetSpanID([8]byte{1})
	link.SetTraceID([16]byte{2})
	link.Attributes().PutStr("why", "batch")
	require.NoError(t, r.traces.ConsumeTraces(t.Context(), td))

	trace, err := r.db.Trace(t.Context(), failing.arn())
	require.NoError(t, err)
	require.Len(t, trace.Spans, 1)
	require.Equal(t, []store.SpanEvent{
		{Name: "exception", TimeUnixNano: at(5).UnixNano() + 7, Attributes: map[string]string{"exception.type": "Boom"}},
		{Name: "second", TimeUnixNano: 0, Attributes: map[string]string{}},
	}, trace.Spans[0].Events)
	require.Equal(t, []store.SpanLink{{
		TraceID: "02000000000000000000000000000000", SpanID: "0100000000000000", Attributes: map[string]string{"why": "batch"},
	}}, trace.Spans[0].Links)

	found, err := r.db.Spans(t.Context(), store.SpanFilter{Kind: semconv.KindExecution})
	require.NoError(t, err)
	require.Equal(t, trace.Spans[0].Events, found[0].Events)

	text, err := json.Marshal(trace.Spans[0].Links)
	require.NoError(t, err)
	require.JSONEq(t, `[{"trace_id": "02000000000000000000000000000000", "span_id": "0100000000000000",
		"attributes": {"why": "batch"}}]`, string(text))
}
