package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

func (i *Instance) states(ctx context.Context, q query.Query, names frame.Names) (data.Frames, error) {
	filter := store.StatisticsFilter{
		StateMachines: q.StateMachines, States: q.States, Since: q.Since, Until: q.Until,
	}
	if q.Format == query.TimeSeries {
		return i.stateSeries(ctx, q, filter, names)
	}
	filter.Whole, filter.Limit = true, q.Limit
	found, err := i.db.StateStatistics(ctx, filter)
	if err != nil {
		return nil, err
	}
	if q.Format == query.Numeric {
		return noteMinutes(frame.StateNumbers(q.Metric, found, names), q, found), nil
	}
	return noteMinutes(frame.States(found), q, found), nil
}

func (i *Instance) stateSeries(
	ctx context.Context, q query.Query, filter store.StatisticsFilter, names frame.Names,
) (data.Frames, error) {
	return fitting(frame.StepsOf(q), func(steps frame.Steps) (data.Frames, bool, error) {
		filter.Step = steps.Step
		found, err := i.db.StateStatistics(ctx, filter)
		steps.Step = found.Step // whole minutes, if it is read from them
		return noteMinutes(frame.StateSeries(q.Metric, found, names, steps), q, found), found.Truncated, err
	})
}

// noteMinutes says what long ranges do not tell.
func noteMinutes(frames data.Frames, q query.Query, found store.StateStatistics) data.Frames {
	switch {
	case !found.Approximate:
		return frames
	case q.Format != query.Table && !frame.NeedsAttempts(q.Metric):
		return frames
	}
	return frame.Noted(frames, data.NoticeSeverityInfo,
		"Attempts, retries, waiting and back-off times are not known for ranges longer than 25 hours.")
}
