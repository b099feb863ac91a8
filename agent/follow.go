package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// parallelReads is how many executions are read at once. The quota bounds calls per second; this hides their latency.
const parallelReads = 8

// tracker follows one execution.
type tracker struct {
	execution convert.Execution
	version   string
	accepted  int64                  // every event up to this id has been accepted
	converter *convert.Converter     // nil until the history has been begun
	defined   *definition.Definition // nil when not known
	prepared  bool                   // the definition has been looked for
	pending   []delivery             // converted, not yet accepted
	page      int                    // what the next look for new events asks for
	rest      rest
}

func newTracker(arn string, e checkpoint.Execution) *tracker {
	return &tracker{
		execution: convert.Execution{ARN: arn, StateMachineARN: e.StateMachine, Started: e.Started},
		accepted:  e.LastEvent,
		page:      minPage,
	}
}

// Bounds of the page that a look for new events asks for: small while little happens, so that known events are not sent
// over and over, and larger when much did.
const (
	minPage = 100
	maxPage = 1000
)

// follow reads on in every unfinished execution that does not rest, the newest first: their definition serves the
// older ones.
func (a *Agent) follow(ctx context.Context) error {
	trackers := a.awake()
	a.refused.Store(false)
	tries := make([]try, len(trackers))
	group := errgroup.Group{}
	group.SetLimit(parallelReads)
	for i, t := range trackers {
		tries[i].rest = &t.rest
		if tries[i].err = a.prepare(ctx, t); tries[i].err == nil {
			group.Go(func() error {
				tries[i].err = a.advance(ctx, t)
				return nil // one failure does not stop the others
			})
		}
	}
	_ = group.Wait() // it has no error: they are in tries
	a.drop(trackers)
	return a.judge("execution", tries)
}

// awake are the trackers that do not rest, the newest execution first.
func (a *Agent) awake() []*tracker {
	now := a.parts.Clock.Now()
	trackers := slices.Collect(maps.Values(a.trackers))
	trackers = slices.DeleteFunc(trackers, func(t *tracker) bool { return t.rest.lasts(now) })
	slices.SortFunc(trackers, func(x, y *tracker) int {
		return cmp.Or(y.execution.Started.Compare(x.execution.Started), cmp.Compare(x.execution.ARN, y.execution.ARN))
	})
	return trackers
}

// prepare finds the definition that the execution uses.
func (a *Agent) prepare(ctx context.Context, t *tracker) (err error) {
	if t.prepared {
		return nil
	}
	t.defined, err = a.definitions.of(ctx, t)
	if stepfunctions.IsGone(err) {
		err = nil // reading the history will find it gone
	}
	t.prepared = err == nil
	return err
}

// advance reads what is new in an execution and hands it over.
func (a *Agent) advance(ctx context.Context, t *tracker) error {
	if err := a.deliver(ctx, t); err != nil || a.refused.Load() {
		return err
	}
	var err error
	if t.converter == nil || t.converter.Last() == 0 {
		err = a.begin(ctx, t)
	} else {
		err = a.readOn(ctx, t)
	}
	if stepfunctions.IsGone(err) && a.parts.Clock.Since(t.execution.Started) > a.cfg.Lookback {
		a.lose(t, err)
		return nil
	}
	return err
}

// begin reads a history from its first event. After a restart that brings the converter to where it was.
func (a *Agent) begin(ctx context.Context, t *tracker) error {
	t.converter = convert.New(t.execution, t.defined, a.options()...)
	return a.parts.Client.History(ctx, t.execution.ARN, func(page []history.Event) error {
		return a.convert(ctx, t, page)
	})
}

// options keep payloads to the policy.
func (a *Agent) options() []convert.Option {
	options := []convert.Option{convert.Exposing(a.cfg.Payloads.Expose)}
	if a.cfg.Payloads.NoFingerprints {
		options = append(options, convert.WithoutFingerprints())
	}
	return options
}

// readOn reads the events since the last look.
func (a *Agent) readOn(ctx context.Context, t *tracker) error {
	last := t.converter.Last()
	events, err := a.parts.Client.HistoryAfter(ctx, t.execution.ARN, last, t.page)
	if err != nil || len(events) == 0 {
		return err
	}
	t.page = min(max(minPage, 2*len(events)), maxPage)
	if events[0].ID != last+1 {
		t.converter = nil
		return fmt.Errorf("%w: history of %s has event %d after %d; it is read again from its start",
			errGap, t.execution.ARN, events[0].ID, last)
	}
	return a.convert(ctx, t, events)
}

// errGap marks a history in which events are missing.
var errGap = errors.New("events are missing")

// convert feeds the events and hands over what comes of them, but not what came of those accepted before.
func (a *Agent) convert(ctx context.Context, t *tracker, events []history.Event) error {
	known, _ := slices.BinarySearchFunc(events, t.accepted+1, func(e history.Event, id int64) int {
		return cmp.Compare(e.ID, id)
	})
	t.converter.Feed(events[:known]...)
	if events = events[known:]; len(events) == 0 {
		return nil
	}
	t.pending = append(t.pending, delivery{
		output: t.converter.Feed(events...), last: t.converter.Last(), done: t.converter.Done(),
		observed: a.parts.Clock.Now(),
	})
	return a.deliver(ctx, t)
}

// lose ends following an execution that AWS has deleted. (One that has just started may be unknown for a moment.)
func (a *Agent) lose(t *tracker, err error) {
	a.parts.Logger.Warn("execution is gone before its end was read", "execution", t.execution.ARN, "error", err)
	a.accept(t, t.accepted, true)
}

// drop ends following the executions that have finished.
func (a *Agent) drop(trackers []*tracker) {
	for _, t := range trackers {
		if e, ok := a.state.Executions[t.execution.ARN]; !ok || e.Finished {
			delete(a.trackers, t.execution.ARN)
		}
	}
}
