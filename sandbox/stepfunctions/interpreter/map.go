package interpreter

import (
	"context"
	"sync/atomic"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// inlineConcurrency is how many iterations of an inline Map state run at once unless MaxConcurrency says less.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
const inlineConcurrency = 40

// mapItems runs the item processor of a Map state for each item; its result is the array of their outputs.
func (f *flow) mapItems(ctx context.Context, v *visit) (dataflow.Choice, error) {
	v.branches, v.branchFailed = nil, false
	if v.state.Map.Distributed() {
		return dataflow.Choice{}, f.unsupported(v, "Map states in distributed mode")
	}
	items, concurrency, err := f.items(v)
	if err != nil {
		return dataflow.Choice{}, f.evaluated(ctx, v, err)
	}
	length := len(items)
	if err := f.emit(ctx, "MapStateStarted", &Details{Length: &length}); err != nil {
		return dataflow.Choice{}, err
	}
	outputs, err := f.iterate(ctx, v, items, concurrency)
	if err != nil {
		return dataflow.Choice{}, err
	}
	if err := f.succeeded(ctx, v); err != nil {
		return dataflow.Choice{}, err
	}
	return f.complete(ctx, v, f.scope(v), outputs)
}

// items evaluates what a Map state is to iterate over, and how many at once.
func (f *flow) items(v *visit) ([]dataflow.Value, int, error) {
	scope := f.scope(v)
	items, err := scope.Items(v.state)
	if err != nil || v.state.Map.MaxConcurrency == nil {
		return items, inlineConcurrency, err
	}
	limit, err := scope.Int(v.state, v.state.Map.MaxConcurrency)
	if limit <= 0 || limit > inlineConcurrency {
		limit = inlineConcurrency
	}
	return items, int(limit), err
}

// iterations is the work of one Map state.
type iterations struct {
	*region
	parent  *flow
	visit   *visit
	items   []dataflow.Value
	outputs []dataflow.Value
	next    atomic.Int64 // the first item that nobody has taken
	last    int64        // the latest MapIterationSucceeded; guarded by region.mu
}

// iterate runs as many iterations at once as allowed. The first ones start together; each further one follows from
// the end of the one whose place it takes.
func (f *flow) iterate(
	ctx context.Context, v *visit, items []dataflow.Value, concurrency int,
) ([]dataflow.Value, error) {
	m := &iterations{
		region: newRegion(ctx, f.History), parent: f, visit: v,
		items: items, outputs: make([]dataflow.Value, len(items)),
	}
	v.branches = make([]*flow, len(items))
	m.last = f.last
	m.startFirst(min(concurrency, len(items)))
	if err := m.wait(); err != nil {
		v.branches = openIterations(v.branches)
		return nil, f.abort(ctx, v, m.region, err)
	}
	f.last = m.last
	return m.outputs, nil
}

func (m *iterations) startFirst(count int) {
	m.next.Store(int64(count))
	for n := range count {
		if err := m.start(n, m.parent.last); err != nil {
			m.fail(nil, err)
			return
		}
	}
	for n := range count {
		m.flows.Go(func() { m.work(n) })
	}
}

// start begins the iteration over item n after the given event.
func (m *iterations) start(n int, after int64) error {
	f := m.parent.branch()
	f.last, f.item, f.iteration = after, &item{index: n, value: m.items[n]}, &n
	if err := f.emit(m.ctx, "MapIterationStarted", &Details{Name: m.visit.state.Name, Index: &n}); err != nil {
		return err
	}
	m.visit.branches[n] = f
	return nil
}

// work runs iteration n and then others until no item is left or one has failed.
func (m *iterations) work(n int) {
	for n < len(m.items) {
		f := m.visit.branches[n]
		if err := m.iteration(f); err != nil {
			m.fail(f, err)
			return
		}
		next := int(m.next.Add(1)) - 1
		if next < len(m.items) {
			if err := m.start(next, f.last); err != nil {
				m.fail(nil, err)
				return
			}
		}
		n = next
	}
}

func (m *iterations) iteration(f *flow) error {
	v, n := m.visit, *f.iteration
	input, err := f.scope(v).ItemInput(v.state, m.items[n])
	if err != nil {
		return f.evaluated(m.ctx, v, err)
	}
	if m.outputs[n], err = f.states(m.ctx, v.state.Map.ItemProcessor, input); err != nil {
		return err
	}
	return m.succeed(f)
}

// succeed ends an iteration. The flow's last event stays the one before: the next iteration points to that.
func (m *iterations) succeed(f *flow) error {
	details := &Details{Name: m.visit.state.Name, Index: f.iteration}
	event, err := m.history.append(m.ctx, f.last, "MapIterationSucceeded", details)
	if err != nil {
		return err
	}
	f.iteration = nil // it is no longer open
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = max(m.last, event.ID)
	return nil
}

// openIterations are those that have started and not succeeded.
func openIterations(flows []*flow) []*flow {
	var open []*flow
	for _, f := range flows {
		if f != nil && f.iteration != nil {
			open = append(open, f)
		}
	}
	return open
}
