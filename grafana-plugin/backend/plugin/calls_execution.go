package plugin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// Of one execution's calls so many are listed.
const (
	defaultCallsOfOne = 100
	maxCallsOfOne     = 1000
)

// callsOf lists the longest calls of one execution's trace, and thus those of joined Lambda invocations too.
func (i *Instance) callsOf(ctx context.Context, q query.Query, filter store.CallFilter) (data.Frames, error) {
	if q.Format != query.Table || !q.Slowest {
		return nil, fmt.Errorf("%w: execution: the calls of one are told by format table with slowest", query.ErrInvalid)
	}
	t, err := i.db.Trace(ctx, q.Execution)
	if err != nil {
		return nil, err
	}
	spans := longestCalls(t.Spans, min(cmp.Or(q.Limit, defaultCallsOfOne), maxCallsOfOne))
	if len(spans) == 0 {
		return frame.SlowestCalls(nil, i.source()), nil
	}
	filter.SpanIDs, filter.Since, filter.Until = nil, time.Time{}, time.Time{}
	for _, s := range spans {
		filter.SpanIDs = append(filter.SpanIDs, s.SpanID)
		filter.Since, filter.Until = around(filter.Since, filter.Until, s.StartUnixNano)
	}
	filter.Limit = len(spans)
	found, err := i.db.SlowestCalls(ctx, filter)
	return frame.SlowestCalls(found, i.source()), err
}

func longestCalls(spans []store.Span, most int) []store.Span {
	calls := slices.DeleteFunc(slices.Clone(spans), func(s store.Span) bool {
		return s.Attributes[semconv.Kind] != semconv.KindCall
	})
	slices.SortStableFunc(calls, func(a, b store.Span) int {
		return cmp.Compare(b.EndUnixNano-b.StartUnixNano, a.EndUnixNano-a.StartUnixNano)
	})
	return calls[:min(len(calls), most)]
}

// around widens a range so that a moment is in it.
func around(since, until time.Time, nanoseconds int64) (time.Time, time.Time) {
	at := time.Unix(0, nanoseconds)
	if since.IsZero() || at.Before(since) {
		since = at
	}
	if !at.Before(until) {
		until = at.Add(1)
	}
	return since, until
}
