package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

func (i *Instance) executions(ctx context.Context, q query.Query, names frame.Names) (data.Frames, error) {
	filter := store.ExecutionFilter{
		StateMachines: q.StateMachines, Statuses: q.Statuses, Since: q.Since, Until: q.Until,
		MinDuration: time.Duration(q.MinDuration), MaxDuration: time.Duration(q.MaxDuration), Errors: q.Errors,
		Name: q.Name, FailedState: q.FailedState, Text: q.Text, MapRunARN: q.MapRun, Limit: q.Limit,
	}
	switch q.Format {
	case query.TimeSeries:
		return i.executionSeries(ctx, q, filter, names)
	case query.Numeric:
		return i.executionNumbers(ctx, q, filter, names)
	case query.Table:
	}
	return i.executionTable(ctx, filter)
}

func (i *Instance) executionTable(ctx context.Context, filter store.ExecutionFilter) (data.Frames, error) {
	found, err := i.db.Executions(ctx, filter)
	if err != nil {
		return nil, err
	}
	failedStates, err := i.db.FailedStates(ctx, found)
	if err != nil {
		return nil, err
	}
	return frame.Executions(found, failedStates, i.source(), i.clock.Now()), nil
}

// statisticsOf counts executions by when they started or, for all that is told of their ends, ended.
func statisticsOf(q query.Query, filter store.ExecutionFilter) store.ExecutionStatisticsFilter {
	return store.ExecutionStatisticsFilter{ExecutionFilter: filter, Ended: q.Metric != "count"}
}

func (i *Instance) executionSeries(
	ctx context.Context, q query.Query, filter store.ExecutionFilter, names frame.Names,
) (data.Frames, error) {
	return fitting(frame.StepsOf(q), func(steps frame.Steps) (data.Frames, bool, error) {
		f := statisticsOf(q, filter)
		f.Step = steps.Step
		found, err := i.db.ExecutionStatistics(ctx, f)
		return frame.ExecutionSeries(q.Metric, found.Points, names, steps), found.Truncated, err
	})
}

func (i *Instance) executionNumbers(
	ctx context.Context, q query.Query, filter store.ExecutionFilter, names frame.Names,
) (data.Frames, error) {
	switch q.Metric {
	case "running":
		filter.Since, filter.Until = time.Time{}, time.Time{}
		found, err := i.db.Running(ctx, filter)
		return frame.Running(found, names), err
	case "stuck":
		found, err := i.db.Stuck(ctx, store.StuckFilter{StateMachines: q.StateMachines, Now: i.clock.Now(), Limit: q.Limit})
		return frame.Stuck(found, names), err
	case "redrivable":
		found, err := i.db.Redrivable(ctx, store.RedrivableFilter{
			StateMachines: q.StateMachines, Since: q.Since, Until: q.Until, Now: i.clock.Now(), Limit: q.Limit,
		})
		return frame.Redrivable(found, names), err
	}
	found, err := i.db.ExecutionStatistics(ctx, statisticsOf(q, filter))
	return frame.ExecutionNumbers(q.Metric, found.Points, names), err
}
