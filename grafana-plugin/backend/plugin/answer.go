package plugin

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// QueryData answers queries, all at the same time; each fails by itself.
func (i *Instance) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	var mutex sync.Mutex
	var all sync.WaitGroup
	for _, sent := range req.Queries {
		all.Go(func() {
			answer := i.guarded(ctx, sent)
			mutex.Lock()
			defer mutex.Unlock()
			response.Responses[sent.RefID] = answer
		})
	}
	all.Wait()
	return response, nil
}

// guarded answers a query, and turns a fault of this process, which would end it for everybody, into an error.
func (i *Instance) guarded(ctx context.Context, sent backend.DataQuery) (answer backend.DataResponse) {
	defer func() {
		if fault := recover(); fault != nil {
			backend.Logger.Error("a fault in the data source", "fault", fault, "stack", string(debug.Stack()))
			answer = backend.ErrDataResponse(backend.StatusInternal, "the data source has a fault: Grafana's log has the "+
				"details; please report it")
		}
	}()
	return i.respond(ctx, sent)
}

func (i *Instance) respond(ctx context.Context, sent backend.DataQuery) backend.DataResponse {
	q, err := query.Decode(sent)
	if err != nil {
		return backend.ErrDataResponse(backend.StatusBadRequest, err.Error())
	}
	frames, err := i.answer(ctx, q)
	switch {
	case errors.Is(err, query.ErrInvalid) || errors.Is(err, store.ErrArgument):
		return backend.ErrDataResponse(backend.StatusBadRequest, err.Error())
	case errors.Is(err, store.ErrNotFound):
		return backend.ErrDataResponse(backend.StatusNotFound, err.Error())
	case err != nil:
		return backend.ErrDataResponseWithSource(backend.StatusBadGateway, backend.ErrorSourceDownstream, err.Error())
	}
	for _, f := range frames {
		f.RefID = q.RefID
	}
	return backend.DataResponse{Frames: frame.NoteUnknown(frames, q.Unknown), Status: backend.StatusOK}
}

// answer asks the store. Each type has a file of its own.
func (i *Instance) answer(ctx context.Context, q query.Query) (data.Frames, error) {
	names, err := i.sharedNames(ctx, q)
	if err != nil {
		return nil, err
	}
	switch q.Type {
	case query.Executions:
		return i.executions(ctx, q, names)
	case query.States:
		return i.states(ctx, q, names)
	case query.Failures:
		return i.failures(ctx, q, names)
	case query.Calls:
		return i.calls(ctx, q)
	case query.Functions:
		return i.functions(ctx, q)
	case query.MapRuns:
		return i.mapRuns(ctx, q, names)
	case query.Cost:
		return i.cost(ctx, q, names)
	case query.Machines:
		return i.machines(ctx, q)
	case query.Events:
		return i.events(ctx, q)
	case query.SQL:
		return i.sql(ctx, q)
	case query.Trace:
		return i.trace(ctx, q)
	case query.Workflow:
		return i.workflow(ctx, q)
	default:
		return nil, fmt.Errorf("%w: nothing answers %q yet", query.ErrInvalid, q.Type)
	}
}
