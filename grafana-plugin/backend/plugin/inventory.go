package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

func (i *Instance) machines(ctx context.Context, q query.Query) (data.Frames, error) {
	found, err := i.db.StateMachines(ctx, store.MachineFilter{
		StateMachines: q.StateMachines, Since: q.Since, Until: q.Until, Limit: q.Limit,
	})
	return frame.Machines(found), err
}

func (i *Instance) functions(ctx context.Context, q query.Query) (data.Frames, error) {
	found, err := i.db.Functions(ctx, store.FunctionFilter{
		StateMachines: q.StateMachines, Since: q.Since, Until: q.Until, Limit: q.Limit,
	})
	return frame.Functions(found), err
}
