package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

func (i *Instance) mapRuns(ctx context.Context, q query.Query, names frame.Names) (data.Frames, error) {
	filter := store.MapRunFilter{
		MapRunARN: q.MapRun, StateMachines: q.StateMachines, Since: q.Since, Until: q.Until, Limit: q.Limit,
	}
	found, err := i.db.MapRuns(ctx, filter)
	if q.Format == query.Numeric {
		return frame.MapRunNumbers(q.Metric, found, names), err
	}
	return frame.MapRuns(found, i.source(), i.clock.Now()), err
}
