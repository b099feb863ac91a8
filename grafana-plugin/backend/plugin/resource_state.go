package plugin

import (
	"context"
	"net/url"

	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/grafana-plugin/backend/visit"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/price"
)

// maxStateEvents is as many of a state's events as the store tells at once.
const maxStateEvents = 5000

func (i *Instance) stateResource(ctx context.Context, p url.Values) (any, error) {
	ref, err := required(p, "execution")
	if err != nil {
		return nil, err
	}
	state, err := required(p, "state")
	if err != nil {
		return nil, err
	}
	if ref == store.Latest { // both questions have to be about the same one
		e, err := i.db.Execution(ctx, ref)
		if err != nil {
			return nil, err
		}
		ref = e.ExecutionARN
	}
	var trace store.Trace
	var events []store.HistoryEvent
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		trace, err = i.db.Trace(ctx, ref)
		return err
	})
	both.Go(func() (err error) {
		events, err = i.db.History(ctx, store.HistoryFilter{Execution: ref, State: state, Limit: maxStateEvents})
		return err
	})
	if err := both.Wait(); err != nil {
		return nil, err
	}
	found := visit.Of(trace, state, events)
	found.Truncated = found.Truncated || len(events) == maxStateEvents
	return found, nil
}

func (i *Instance) historyResource(ctx context.Context, p url.Values) (any, error) {
	ref, err := required(p, "execution")
	if err != nil {
		return nil, err
	}
	after, err := whole(p, "after")
	if err != nil {
		return nil, err
	}
	limit, err := whole(p, "limit")
	if err != nil {
		return nil, err
	}
	return i.db.History(ctx, store.HistoryFilter{
		Execution: ref, After: after, Limit: int(min(limit, maxStateEvents)), State: p.Get("state"),
	})
}

// pricedExecution is an execution and what it cost, as `steptrace executions --cost` prints it.
type pricedExecution struct {
	store.Execution
	Cost store.Cost `json:"cost"`
}

func (i *Instance) executionResource(ctx context.Context, p url.Values) (any, error) {
	ref, err := required(p, "execution")
	if err != nil {
		return nil, err
	}
	e, err := i.db.Execution(ctx, ref)
	if err != nil {
		return nil, err
	}
	costs, err := i.db.CostsOf(ctx, []store.Execution{e}, price.X86, i.prices)
	if err != nil {
		return nil, err
	}
	return pricedExecution{e, costs[e.ExecutionARN]}, nil
}
