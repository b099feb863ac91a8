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

func (i *Instance) cost(ctx context.Context, q query.Query, names frame.Names) (data.Frames, error) {
	filter := store.CostFilter{
		By: cmp.Or(q.By, store.ByMachine), StateMachines: q.StateMachines, Since: q.Since, Until: q.Until,
		Architecture: price.Architecture(q.Architecture), Limit: q.Limit,
	}
	if q.Execution != "" {
		return i.costOf(ctx, q, filter)
	}
	if q.Format == query.TimeSeries {
		return i.costSeries(ctx, q, filter, names)
	}
	found, err := i.db.Costs(ctx, filter, i.prices)
	if q.Format == query.Numeric {
		return frame.CostNumbers(q.Metric, filter.By, i.prices.Currency, found, names), err
	}
	return frame.Costs(found, filter.By, i.prices.Currency), err
}

func (i *Instance) costSeries(
	ctx context.Context, q query.Query, filter store.CostFilter, names frame.Names,
) (data.Frames, error) {
	if filter.By == store.ByExecution {
		return nil, fmt.Errorf("%w: by: costs over time are by machine or state", query.ErrInvalid)
	}
	filter.Limit = mostPoints
	return fitting(frame.StepsOf(q), func(steps frame.Steps) (data.Frames, bool, error) {
		filter.Step = steps.Step
		found, err := i.db.Costs(ctx, filter, i.prices)
		return frame.CostSeries(q.Metric, filter.By, i.prices.Currency, found, names, steps), len(found) >= mostPoints, err
	})
}

// costOf tells what one execution cost.
func (i *Instance) costOf(ctx context.Context, q query.Query, filter store.CostFilter) (data.Frames, error) {
	if q.Format != query.Table || filter.By != store.ByExecution {
		return nil, fmt.Errorf("%w: execution: the cost of one is told by format table, by execution", query.ErrInvalid)
	}
	e, err := i.db.Execution(ctx, q.Execution)
	if err != nil {
		return nil, err
	}
	costs, err := i.db.CostsOf(ctx, []store.Execution{e}, filter.Architecture, i.prices)
	if err != nil {
		return nil, err
	}
	found := []store.Cost{}
	if c, known := costs[e.ExecutionARN]; known {
		found = append(found, c)
	}
	return frame.Costs(found, filter.By, i.prices.Currency), nil
}
