package plugin

import (
	"context"
	"fmt"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

func (i *Instance) workflow(ctx context.Context, q query.Query) (data.Frames, error) {
	if q.Aggregate {
		return i.aggregate(ctx, q)
	}
	w, err := i.db.Workflow(ctx, q.Execution)
	if err != nil {
		return nil, err
	}
	return data.Frames{frame.Workflow(w)}, nil
}

func (i *Instance) aggregate(ctx context.Context, q query.Query) (data.Frames, error) {
	if len(q.StateMachines) != 1 {
		return nil, fmt.Errorf("%w: stateMachines: aggregate is of one state machine, not of %d",
			query.ErrInvalid, len(q.StateMachines))
	}
	arn, err := i.machineARN(ctx, q.StateMachines[0])
	if err != nil {
		return nil, err
	}
	w, err := i.db.AggregateWorkflow(ctx, store.AggregateFilter{StateMachine: arn, Since: q.Since, Until: q.Until})
	if err != nil {
		return nil, err
	}
	return data.Frames{frame.Aggregate(arn, w)}, nil
}

// machineARN finds the state machine of a name; several regions and accounts may have one of it.
func (i *Instance) machineARN(ctx context.Context, name string) (string, error) {
	if strings.HasPrefix(name, "arn:") {
		return name, nil
	}
	found, err := i.db.StateMachines(ctx, store.MachineFilter{StateMachines: []string{name}})
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", fmt.Errorf("state machine %.200q: %w", name, store.ErrNotFound)
	case len(found) > 1:
		return "", fmt.Errorf("%w: stateMachines: %d state machines have the name %.200q: give the ARN, such as %s",
			query.ErrInvalid, len(found), name, found[0].ARN)
	}
	return found[0].ARN, nil
}
