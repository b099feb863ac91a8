package plugin

import (
	"cmp"
	"context"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/price"
)

func (i *Instance) cost(ctx context.Context, q query.Query) (data.Frames, error) {
	filter := store.CostFilter{
		By: cmp.Or(q.By, store.ByMachine), StateMachines: q.StateMachines, Since: q.Since, Until: q.Until,
		Architecture: price.Architecture(q.Architecture), Limit: q.Limit,
	}
	if q.Format == query.TimeSeries {
		return i.costSeries(ctx, q, filter)
	}
	found, err := i.db.Costs(ctx, filter, i.prices)
	if q.Format == query.Numeric {
		return frame.CostNumbers(q.Metric, filter.By, i.prices.Currency, found), err
	}
	return frame.Costs(found, filter.By, i.prices.Currency), err
}

func (i *Instance) costSeries(ctx context.Context, q query.Query, filter store.CostFilter) (data.Frames, error) {
	if filter.By == store.ByExecution {
		return nil, fmt.Errorf("%w: by: costs over time are by machine or state", query.ErrInvalid)
	}
	filter.Limit = mostPoints
	return fitting(frame.StepsOf(q), func(steps frame.Steps) (data.Frames, bool, error) {
		filter.Step = steps.Step
		found, err := i.db.Costs(ctx, filter, i.prices)
		return frame.CostSeries(q.Metric, filter.By, i.prices.Currency, found, steps), len(found) >= mostPoints, err
	})
}
