package convert_test

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// planned is a state of a made-up state machine, and how it goes.
type planned struct {
	name, typ string
	failures  int          // attempts that fail before one succeeds
	retries   int          // what is tried again before the state fails
	caught    bool         // what the state failed with
	inner     [][]*planned // branches, or the one machine of a Map
	items     int
	limit     int // MaxConcurrency
}

func plan(t *rapid.T, depth int, names *int) (states []*planned) {
	kinds := []string{"Pass", "Wait", "Task", "Task", "Choice", "Fail", "Parallel", "Map"}
	if depth == 0 {
		kinds = kinds[:6]
	}
	for range rapid.IntRange(1, 3).Draw(t, "length") {
		p := &planned{name: fmt.Sprintf("S%d", *names), typ: rapid.SampledFrom(kinds).Draw(t, "type")}
		*names++
		states = append(states, p)
		if p.typ == "Fail" {
			return states
		}
		if p.typ == "Choice" {
			p.failures = rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "failures")
		}
		if p.typ == "Choice" || p.typ == "Pass" || p.typ == "Wait" {
			continue
		}
		p.retries = rapid.IntRange(0, 2).Draw(t, "retries")
		p.caught = rapid.Bool().Draw(t, "caught")
		switch p.typ {
		case "Task":
			p.failures = rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "failures")
		case "Parallel":
			for range rapid.IntRange(1, 3).Draw(t, "branches") {
				p.inner = append(p.inner, plan(t, depth-1, names))
			}
		case "Map":
			p.inner = [][]*planned{plan(t, depth-1, names)}
			p.items = rapid.IntRange(0, 4).Draw(t, "items")
			p.limit = rapid.IntRange(1, 4).Draw(t, "limit")
		}
	}
	return states
}

// spanKey names a span by its kind and the event that opens it.
type spanKey struct {
	kind   string
	opener int64
}

// simulation runs a plan with its flows interleaved at random, and writes the history as AWS does, together with what
// must come of it.
type simulation struct {
	random *rand.Rand
	live   []func() (struct{}, bool)

	ownLinks bool // of events about what was stopped

	events  []history.Event
	owners  []spanKey
	parents map[spanKey]spanKey
	numbers map[spanKey]int    // retry_count
	ends    map[spanKey]string // "", error, caught, aborted
	now     time.Time
}

var errStopped = errors.New("another flow has failed")

// failedAt is the event that an error came with.
type failedAt int64

func (failedAt) Error() string { return "failed" }

func simulate(states []*planned, seed uint64) *simulation {
	s := &simulation{
		random: rand.New(rand.NewPCG(seed, 0)), parents: map[spanKey]spanKey{}, numbers: map[spanKey]int{},
		ends: map[spanKey]string{}, now: historytest.Epoch,
	}
	s.ownLinks = s.random.IntN(3) == 0
	execution := spanKey{semconv.KindExecution, 1}
	s.emit(0, "ExecutionStarted", history.Details{}, execution)
	f := &flow{simulation: s, in: execution}
	s.start(f, states, func(err error) {
		var at failedAt
		if errors.As(err, &at) {
			s.ends[execution] = "error"
			s.emit(int64(at), "ExecutionFailed", history.Details{Error: "E"}, execution)
			return
		}
		s.emit(f.last, "ExecutionSucceeded", history.Details{}, execution)
	})
	for len(s.live) > 0 {
		i := s.random.IntN(len(s.live))
		next := s.live[i]
		if _, ok := next(); !ok {
			s.live[i] = s.live[len(s.live)-1]
			s.live = s.live[:len(s.live)-1]
		}
	}
	return s
}

func (s *simulation) emit(previous int64, typ string, d history.Details, owner spanKey) int64 {
	s.now = s.now.Add(time.Duration(s.random.IntN(3)) * time.Millisecond)
	id := int64(len(s.events) + 1)
	if owner.opener == 0 {
		owner.opener = id
	}
	s.events = append(s.events, history.Event{ID: id, PreviousID: previous, Type: typ, Time: s.now, Details: d})
	s.owners = append(s.owners, owner)
	return id
}

// flow is the execution's own, a branch's or an iteration's.
type flow struct {
	*simulation
	yield  func(struct{}) bool
	in     spanKey // where its states live; without opener for a branch that has not begun
	around spanKey // the state around a branch
	run    int
	region *region
	index  *int64
	last   int64
	open   *visit
	closed bool
}

// region is what runs at once in a Parallel or Map state.
type region struct {
	outer  *region
	left   int
	at     failedAt // 0: nothing has failed
	failed *flow
}

func (r *region) stopped() bool { return r != nil && (r.at != 0 || r.outer.stopped()) }

type visit struct {
	*planned
	span     spanKey
	before   int64 // the event that its entry follows
	attempts int
	flows    []*flow
	failed   *flow
	closed   bool // an event says how it ended
	reported bool // that it failed
}

func (s *simulation) start(f *flow, states []*planned, done func(error)) {
	next, _ := iter.Pull(func(yield func(struct{}) bool) {
		f.yield = yield
		done(f.states(states))
	})
	s.live = append(s.live, next)
}

// step lets others go first.
func (f *flow) step() error {
	f.yield(struct{}{})
	if f.region.stopped() {
		return errStopped
	}
	return nil
}

func (f *flow) states(states []*planned) error {
	for _, p := range states {
		if err := f.step(); err != nil {
			return err
		}
		id := f.emit(f.last, p.typ+"StateEntered", history.Details{Name: p.name}, spanKey{kind: semconv.KindState})
		v := &visit{planned: p, span: spanKey{semconv.KindState, id}, before: f.last}
		f.open, f.last = v, id
		if f.in.opener == 0 {
			f.in.opener = id
			f.parents[f.in], f.numbers[f.in] = f.around, f.run
		}
		f.parents[v.span] = f.in
		if err := f.visit(v); err != nil {
			return err
		}
		f.last = f.emit(f.last, p.typ+"StateExited", history.Details{Name: p.name}, v.span)
		f.open = nil
	}
	return nil
}

func (f *flow) visit(v *visit) error {
	failures := 0
	for {
		err := f.once(v, failures)
		var at failedAt
		if !errors.As(err, &at) {
			if err != nil {
				f.ends[v.span] = "aborted"
			}
			return err
		}
		f.last = int64(at)
		if v.typ == "Fail" || failures == v.retries {
			return f.end(v, at)
		}
		failures++
		if err := f.step(); err != nil {
			f.ends[v.span] = "aborted"
			if v.typ == "Parallel" { // no event says that it was to be tried again
				v.failed.stopAll()
			}
			return err
		}
	}
}

func (f *flow) end(v *visit, at failedAt) error {
	if v.typ == "Parallel" || v.typ == "Map" {
		f.last = f.emit(f.last, v.typ+"StateFailed", history.Details{}, v.span)
		v.closed, v.reported, at = true, true, failedAt(f.last)
	}
	f.ends[v.span] = "error"
	if v.caught {
		f.ends[v.span] = "caught"
		return nil
	}
	return at
}

func (f *flow) once(v *visit, failures int) error {
	switch v.typ {
	case "Pass":
		return nil
	case "Wait":
		return f.step()
	case "Choice":
		if v.failures == 0 {
			return nil
		}
		return failedAt(f.emit(v.before, "EvaluationFailed", history.Details{State: v.name, Error: "E"}, v.span))
	case "Fail":
		return failedAt(f.last)
	case "Task":
		return f.attempt(v, failures)
	}
	return f.container(v, failures)
}

func (f *flow) attempt(v *visit, failures int) error {
	family, fails := []string{"Task", "LambdaFunction", "Activity"}[f.random.IntN(3)], failures < v.failures
	if fails && family != "Task" && f.random.IntN(4) == 0 { // there is no attempt then
		return failedAt(f.emit(f.last, family+"ScheduleFailed", history.Details{Error: "E"}, v.span))
	}
	called := history.Details{Resource: "r", ResourceType: "t"}
	id := f.emit(f.last, family+"Scheduled", called, spanKey{kind: semconv.KindAttempt})
	span := spanKey{semconv.KindAttempt, id}
	f.last, f.parents[span], f.numbers[span], f.ends[span] = id, v.span, v.attempts, "aborted"
	v.attempts++
	if err := f.step(); err != nil {
		return err
	}
	if fails && family != "Activity" && f.random.IntN(4) == 0 {
		return f.failed(family+"StartFailed", span)
	}
	f.last = f.emit(f.last, family+"Started", history.Details{}, span)
	if err := f.step(); err != nil {
		return err
	}
	if fails {
		return f.failed(family+[]string{"Failed", "TimedOut"}[f.random.IntN(2)], span)
	}
	f.ends[span] = ""
	f.last = f.emit(f.last, family+"Succeeded", history.Details{}, span)
	return nil
}

// failed lets others fail at about the same time.
func (f *flow) failed(typ string, span spanKey) error {
	f.ends[span] = "error"
	f.last = f.emit(f.last, typ, history.Details{Error: "E"}, span)
	at := failedAt(f.last)
	if f.random.IntN(4) == 0 {
		if err := f.step(); err != nil {
			return err
		}
	}
	return at
}

func (f *flow) container(v *visit, run int) error {
	started := f.emit(f.last, v.typ+"StateStarted", history.Details{}, v.span)
	r := &region{outer: f.region}
	v.flows, v.closed, f.last = nil, false, started
	if v.typ == "Parallel" {
		r.left = len(v.inner)
		for _, states := range v.inner {
			b := &flow{
				simulation: f.simulation, in: spanKey{kind: semconv.KindBranch}, around: v.span, run: run, region: r, last: started,
			}
			v.flows = append(v.flows, b)
			f.start(b, states, func(err error) { r.done(b, err) })
		}
	} else {
		r.left = v.items
		for index := range min(v.items, v.limit) {
			f.iteration(v, r, int64(index), started, run)
		}
	}
	for r.left > 0 && r.at == 0 {
		if err := f.step(); err != nil {
			if r.failed != nil { // its failure came to nothing
				r.failed.stopAll()
			}
			return err
		}
	}
	if r.at != 0 {
		v.failed = r.failed
		f.abort(v.flows, r.failed, int64(r.at))
		f.last = int64(r.at)
		return r.at
	}
	for _, b := range v.flows {
		f.last = max(f.last, b.last)
	}
	f.emit(f.last, v.typ+"StateSucceeded", history.Details{}, v.span)
	return nil
}

func (f *flow) iteration(v *visit, r *region, index, after int64, run int) {
	details := history.Details{Name: v.name, Index: &index}
	id := f.emit(after, "MapIterationStarted", details, spanKey{kind: semconv.KindIteration})
	b := &flow{simulation: f.simulation, in: spanKey{semconv.KindIteration, id}, region: r, index: &index, last: id}
	f.parents[b.in], f.numbers[b.in] = v.span, run
	v.flows = append(v.flows, b)
	f.start(b, v.inner[0], func(err error) {
		if err == nil {
			f.emit(b.last, "MapIterationSucceeded", details, b.in)
			b.closed = true
			if next := len(v.flows); next < v.items && !r.stopped() {
				f.iteration(v, r, int64(next), b.last, run)
			}
		}
		r.done(b, err)
	})
}

func (r *region) done(f *flow, err error) {
	r.left--
	var at failedAt
	switch {
	case errors.As(err, &at) && !r.stopped():
		r.at, r.failed = at, f
		f.ends[f.in] = "error"
	case err != nil:
		f.stopAll()
	}
}

// stopAll notes what was stopped together with the flow.
func (f *flow) stopAll() {
	if f.open != nil || f.in.kind != semconv.KindBranch { // what comes after a state of a branch is not known
		f.ends[f.in] = "aborted"
	}
	if f.open != nil && !f.open.reported {
		f.ends[f.open.span] = "aborted"
	}
}

// abort writes of what was open that it was stopped, pointing to the failure, or to the event before in its own flow.
func (f *flow) abort(flows []*flow, failed *flow, failure int64) {
	for _, b := range flows {
		cause := failure
		if f.ownLinks && b != failed {
			cause = b.last
		}
		if b.index != nil && !b.closed {
			typ := "MapIterationAborted"
			if b == failed {
				typ = "MapIterationFailed"
			}
			b.closed = true
			name := f.events[f.parents[b.in].opener-1].Details.Name
			f.emit(cause, typ, history.Details{Name: name, Index: b.index}, b.in)
		}
		v := b.open
		if v == nil {
			continue
		}
		if !v.closed && v.typ != "Pass" && v.typ != "Choice" && v.typ != "Fail" {
			v.closed = true
			f.emit(cause, v.typ+"StateAborted", history.Details{}, v.span)
		}
		f.abort(v.flows, nil, failure)
	}
}
