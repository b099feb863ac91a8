package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// mostPoints is what the store gives at most of points of a series that do not say themselves that they are cut.
const mostPoints = 10_000

func (i *Instance) calls(ctx context.Context, q query.Query) (data.Frames, error) {
	filter := store.CallFilter{
		Services: q.Services, Operations: q.Operations, Callers: q.Callers, StateMachines: q.StateMachines,
		Resource: q.Resource, Failed: q.FailedOnly, Since: q.Since, Until: q.Until, Limit: q.Limit,
	}
	switch {
	case q.Format == query.TimeSeries:
		return i.callSeries(ctx, q, filter)
	case q.Format == query.Table && q.Slowest:
		found, err := i.db.SlowestCalls(ctx, filter)
		return frame.SlowestCalls(found, i.source()), err
	}
	found, err := i.db.Calls(ctx, filter, 0)
	if q.Format == query.Numeric {
		return frame.CallNumbers(q.Metric, found), err
	}
	return frame.Calls(found), err
}

func (i *Instance) callSeries(ctx context.Context, q query.Query, filter store.CallFilter) (data.Frames, error) {
	filter.Limit = mostPoints
	return fitting(frame.StepsOf(q), func(steps frame.Steps) (data.Frames, bool, error) {
		found, err := i.db.Calls(ctx, filter, steps.Step)
		return frame.CallSeries(q.Metric, found, steps), len(found) >= mostPoints, err
	})
}
