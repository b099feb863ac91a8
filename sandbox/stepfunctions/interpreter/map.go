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
	if v.state.Map.Distributed() {
		return f.distribute(ctx, v)
	}
	if !v.goesOn() {
		if err := f.startIterations(ctx, v); err != nil {
			return dataflow.Choice{}, err
		}
	}
	outputs, err := f.iterate(ctx, v)
	if err != nil {
		return dataflow.Choice{}, err
	}
	if err := f.succeeded(ctx, v); err != nil {
		return dataflow.Choice{}, err
	}
	return f.complete(ctx, v, f.scope(v), outputs)
}

func (f *flow) startIterations(ctx context.Context, v *visit) error {
	v.branches, v.branchFailed, v.succeeded, v.iterations = nil, false, false, nil
	items, concurrency, err := f.items(v)
	if err != nil {
		return f.evaluated(ctx, v, err)
	}
	length := len(items)
	if err := f.emit(ctx, "MapStateStarted", &Details{Length: &length}); err != nil {
		return err
	}
	v.iterations = &iterations{
		parent: f, visit: v, items: items, concurrency: concurrency,
		begun: make([]*flow, length), outputs: make([]dataflow.Value, length),
		started: f.last, last: f.last,
	}
	return nil
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
	parent      *flow
	visit       *visit
	items       []dataflow.Value
	concurrency int
	begun       []*flow // by index; nil for those that have not started
	outputs     []dataflow.Value
	started     int64        // the MapStateStarted event
	todo        []int        // the indexes of those that have not succeeded, in the order in which they run
	next        atomic.Int64 // the first place in todo that nobody has taken
	last        int64        // the latest MapIterationSucceeded; guarded by region.mu
}

// iterate runs as many iterations at once as allowed. The first ones start together; each further one follows from
// the end of the one whose place it takes.
func (f *flow) iterate(ctx context.Context, v *visit) ([]dataflow.Value, error) {
	m := v.iterations
	m.region = newRegion(ctx, f.History)
	m.todo = m.unfinished()
	m.startFirst(min(m.concurrency, len(m.todo)))
	err := m.wait()
	v.branches = openIterations(m.begun)
	if err != nil {
		return nil, f.abort(ctx, v, m.region, err)
	}
	f.last = m.last
	return m.outputs, nil
}

// unfinished are the iterations that have not succeeded: those that a redrive goes on with, then those to start.
func (m *iterations) unfinished() []int {
	var resumed, waiting []int
	for n, f := range m.begun {
		switch {
		case f == nil:
			waiting = append(waiting, n)
		case !f.settled:
			f.closed = false
			resumed = append(resumed, n)
		}
	}
	return append(resumed, waiting...)
}

func (m *iterations) startFirst(count int) {
	m.next.Store(int64(count))
	for place := range count {
		if err := m.start(m.todo[place], m.started); err != nil {
			m.fail(nil, err)
			return
		}
	}
	for place := range count {
		m.flows.Go(func() { m.work(place) })
	}
}

// start begins the iteration over item n after the given event, if it has not begun.
func (m *iterations) start(n int, after int64) error {
	if m.begun[n] != nil {
		return nil
	}
	f := m.parent.branch()
	f.last, f.item, f.iteration = after, &item{index: n, value: m.items[n]}, &n
	if err := f.emit(m.ctx, "MapIterationStarted", &Details{Name: m.visit.state.Name, Index: &n}); err != nil {
		return err
	}
	m.begun[n] = f
	return nil
}

// work runs the iteration at that place and then others until none is left or one has failed.
func (m *iterations) work(place int) {
	for place < len(m.todo) {
		f := m.begun[m.todo[place]]
		if err := m.iteration(f); err != nil {
			m.fail(f, err)
			return
		}
		place = int(m.next.Add(1)) - 1
		if place < len(m.todo) {
			if err := m.start(m.todo[place], f.last); err != nil {
				m.fail(nil, err)
				return
			}
		}
	}
}

func (m *iterations) iteration(f *flow) error {
	v, n := m.visit, *f.iteration
	input, err := f.input, error(nil)
	if f.at == "" {
		input, err = f.scope(v).ItemInput(v.state, m.items[n])
	}
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
	f.settled, f.closed = true, true
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = max(m.last, event.ID)
	return nil
}

// openIterations are those that have started and not succeeded.
func openIterations(flows []*flow) []*flow {
	var open []*flow
	for _, f := range flows {
		if f != nil && !f.settled {
			open = append(open, f)
		}
	}
	return open
}
