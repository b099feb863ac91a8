package plugin

import (
	"context"
	"net/url"

	"github.com/steptrace/steptrace/store"
)

func (i *Instance) machinesResource(ctx context.Context, p url.Values) (any, error) {
	since, until, err := within(p)
	if err != nil {
		return nil, err
	}
	return i.db.StateMachines(ctx, store.MachineFilter{StateMachines: p["machine"], Since: since, Until: until})
}

func (i *Instance) revisionsResource(ctx context.Context, p url.Values) (any, error) {
	machine, err := required(p, "machine")
	if err != nil {
		return nil, err
	}
	limit, err := whole(p, "limit")
	if err != nil {
		return nil, err
	}
	arn, err := i.machineARN(ctx, machine)
	if err != nil {
		return nil, err
	}
	return i.db.Revisions(ctx, arn, int(min(limit, 1<<20)))
}
