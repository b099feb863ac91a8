package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

func (i *Instance) events(ctx context.Context, q query.Query) (data.Frames, error) {
	events, err := i.db.History(ctx, store.HistoryFilter{
		Execution: q.Execution, Types: q.EventTypes, State: q.State, Limit: q.Limit,
	})
	if err != nil {
		return nil, err
	}
	return data.Frames{frame.Events(events)}, nil
}
