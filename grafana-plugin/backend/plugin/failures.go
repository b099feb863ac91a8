package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

func (i *Instance) failures(ctx context.Context, q query.Query, names frame.Names) (data.Frames, error) {
	filter := store.FailureFilter{
		Kind: q.Kind, StateMachines: q.StateMachines, States: q.States, Errors: q.Errors, Since: q.Since, Until: q.Until,
		Caught: q.Caught, Limit: q.Limit,
	}
	switch {
	case q.Format == query.TimeSeries:
		return i.failureSeries(ctx, q, filter, names)
	case q.Format == query.Numeric && q.Metric != "each":
		found, err := i.db.FailureCounts(ctx, filter)
		return frame.FailureNumbers(q.Metric, found, names), err
	}
	found, err := i.db.Failures(ctx, filter)
	if q.Format == query.Numeric {
		return frame.EachFailure(found, names), err
	}
	return frame.Failures(found, i.source()), err
}

func (i *Instance) failureSeries(
	ctx context.Context, q query.Query, filter store.FailureFilter, names frame.Names,
) (data.Frames, error) {
	filter.Limit = mostPoints
	return fitting(frame.StepsOf(q), func(steps frame.Steps) (data.Frames, bool, error) {
		found, err := i.db.FailuresOverTime(ctx, filter, steps.Step)
		return frame.FailureSeries(q.Metric, found, names, steps), len(found) >= mostPoints, err
	})
}
