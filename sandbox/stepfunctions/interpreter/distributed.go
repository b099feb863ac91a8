package interpreter

import (
	"context"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

const errExceedTolerated = "States.ExceedToleratedFailureThreshold"

// visitedRun is the Map Run that a visit of a Map state has started.
type visitedRun struct {
	*MapRun
	writer  resultWriter
	before  int64          // the MapStateStarted event
	started int64          // the event that says so: MapRunStarted or MapRunRedriven
	open    bool           // how it ended has not been written
	result  dataflow.Value // when it has succeeded
}

// distribute runs the item processor of a Map state in distributed mode: in child executions, which a Map Run starts.
func (f *flow) distribute(ctx context.Context, v *visit) (dataflow.Choice, error) {
	if f.Express() {
		return dataflow.Choice{}, f.unsupported(v, "Map states in distributed mode in Express executions, nor does AWS")
	}
	run := f.firstMapRun
	if v.goesOn() {
		run = f.redriveMapRun
	}
	v.branchFailed = false
	result, err := run(ctx, v)
	if err != nil {
		return dataflow.Choice{}, err
	}
	if err := f.succeeded(ctx, v); err != nil {
		return dataflow.Choice{}, err
	}
	f.last = v.mapRun.started // nothing points to what has succeeded
	return f.complete(ctx, v, f.scope(v), result)
}

// firstMapRun starts a Map Run and runs it from its items to its results.
func (f *flow) firstMapRun(ctx context.Context, v *visit) (dataflow.Value, error) {
	v.mapRun, v.succeeded = nil, false
	source, err := f.itemSource(v)
	if err != nil {
		return nil, f.evaluated(ctx, v, err)
	}
	length := len(source.items) // 0 when they are read from S3
	if err := f.emit(ctx, "MapStateStarted", &Details{Length: &length}); err != nil {
		return nil, err
	}
	p, err := f.planMapRun(v)
	if err != nil {
		return nil, f.evaluated(ctx, v, err)
	}
	p.source.items = source.items
	if err := f.startMapRun(ctx, v, p); err != nil {
		return nil, err
	}
	if failure := f.scheduleChildren(ctx, v, p); failure != nil {
		_, err := f.endMapRun(ctx, v, nil, failure)
		v.mapRun = nil // a redrive starts another
		return nil, err
	}
	return f.runChildren(ctx, v)
}

func (f *flow) startMapRun(ctx context.Context, v *visit, p mapRunPlan) error {
	m := f.newMapRun(v.state, p.limits)
	event, err := f.History.append(ctx, f.last, "MapRunStarted", &Details{MapRunARN: m.ARN})
	if err != nil {
		return err
	}
	f.last, m.StartTime = event.ID, event.Time
	v.mapRun = &visitedRun{MapRun: m, writer: p.writer, before: event.PreviousID, started: event.ID, open: true}
	if f.MapRunStarted != nil {
		f.MapRunStarted(m)
	}
	return nil
}

// scheduleChildren gives the Map Run a child for each item or batch of items.
func (f *flow) scheduleChildren(ctx context.Context, v *visit, p mapRunPlan) *Failure {
	items, failure := f.readItems(ctx, p.source)
	if failure != nil {
		return failure
	}
	inputs, err := f.itemInputs(v, items)
	if err != nil {
		return f.failureOf(v, err)
	}
	children, err := p.batches.group(inputs)
	if err != nil {
		return f.failureOf(v, err)
	}
	v.mapRun.schedule(children)
	return nil
}

// failureOf is an error of package dataflow as that of the Map Run.
func (f *flow) failureOf(v *visit, err error) *Failure {
	e := asDataError(err)
	cause := e.Cause(v.state.Name, v.entered)
	return &Failure{Error: &e.Name, Cause: &cause}
}

// itemInputs is what becomes of each item by the ItemSelector.
func (f *flow) itemInputs(v *visit, items []item) ([]dataflow.Value, error) {
	inputs := make([]dataflow.Value, len(items))
	selecting := f.branch()
	for n := range items {
		inputs[n] = items[n].value
		if v.state.Map.ItemSelector == nil {
			continue
		}
		selecting.item = &items[n]
		input, err := selecting.scope(v).ItemInput(v.state, items[n].value)
		if err != nil {
			return nil, err
		}
		inputs[n] = input
	}
	return inputs, nil
}

// runChildren runs the children that wait, and ends the Map Run.
func (f *flow) runChildren(ctx context.Context, v *visit) (dataflow.Value, error) {
	m := v.mapRun
	if err := m.run(ctx); err != nil {
		m.endWith(StatusAborted, err)
		return nil, err
	}
	failure := m.failure()
	result, writing := f.writeResults(ctx, m.MapRun, m.writer)
	if failure == nil {
		failure = writing
	}
	return f.endMapRun(ctx, v, result, failure)
}

// endMapRun writes how the Map Run has ended.
func (f *flow) endMapRun(
	ctx context.Context, v *visit, result dataflow.Value, failure *Failure,
) (dataflow.Value, error) {
	m := v.mapRun
	if failure == nil {
		err := f.emit(ctx, "MapRunSucceeded", nil)
		m.endWith(StatusSucceeded, err)
		m.open, m.result = err != nil, result
		return result, err
	}
	err := f.emit(ctx, "MapRunFailed", failureDetails(*failure))
	if m.endWith(StatusFailed, err); err != nil {
		return nil, err
	}
	m.open, v.branchFailed = false, true
	return nil, &stateError{failure: *failure, event: f.last}
}

// failure is that of a Map Run of which too many children have failed.
func (m *MapRun) failure() *Failure {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.exceeded {
		return nil
	}
	failure := failuref(errExceedTolerated, "The specified tolerated failure threshold was exceeded")
	return &failure
}
