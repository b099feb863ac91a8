package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// parallelReads is how many executions are read at once. The quota bounds calls per second; this hides their latency.
const parallelReads = 8

// follow reads on in the unfinished executions that do not rest, as far as the quota goes without waiting.
func (a *Agent) follow(ctx context.Context) error {
	a.takeFresh()
	a.refused.Store(false)
	now := a.parts.Clock.Now()
	a.sayDefinitions(ctx) // those refused before
	queue := a.ordered(now)
	turns := queue[:min(len(queue), a.parts.Client.Available(stepfunctions.GetExecutionHistory))]
	tries := make([]try, len(turns))
	group := errgroup.Group{}
	group.SetLimit(parallelReads)
	for i, t := range turns {
		tries[i].rest = &t.rest
		ready, err := a.prepare(ctx, t)
		if tries[i].err = err; !ready || err != nil {
			continue
		}
		group.Go(func() error {
			tries[i].err = a.advance(ctx, t, now)
			return nil // one failure does not stop the others
		})
	}
	_ = group.Wait() // it has no error: they are in tries
	a.drop(slices.Values(turns))
	a.takeFresh()
	a.health.measure(a.trackers, queue, now, a.cfg.PollInterval)
	return a.judge("execution", tries)
}

// ordered are the unfinished executions to be read, those first that go first.
func (a *Agent) ordered(now time.Time) []*tracker {
	if a.backfill != nil {
		return newestFirst(a.awake(now))
	}
	return schedule(a.awake(now), now, a.cfg.PollInterval)
}

// awake are the trackers to be read that do not rest.
func (a *Agent) awake(now time.Time) []*tracker {
	trackers := make([]*tracker, 0, len(a.trackers))
	for _, t := range a.trackers {
		if !t.deferred && !t.rest.lasts(now) {
			trackers = append(trackers, t)
		}
	}
	return trackers
}

// prepare finds the definition that the execution uses. It is false when the quota has to refill first.
func (a *Agent) prepare(ctx context.Context, t *tracker) (ready bool, err error) {
	if t.prepared {
		return true, nil
	}
	if ready, err = a.introduce(ctx, t); !ready || err != nil {
		return ready, err
	}
	t.defined, ready, err = a.definitions.of(ctx, t)
	if stepfunctions.IsGone(err) {
		err = nil // reading the history will find it gone
	}
	t.prepared = ready && err == nil
	a.sayDefinitions(ctx)
	return ready, err
}

// introduce asks about an execution of which only the ARN is known: which version of its state machine it runs decides
// which definition it has.
func (a *Agent) introduce(ctx context.Context, t *tracker) (ready bool, err error) {
	if !t.arnOnly {
		return true, nil
	}
	if a.parts.Client.Available(stepfunctions.DescribeExecution) == 0 {
		return false, nil
	}
	e, err := a.parts.Client.Execution(ctx, t.execution.ARN)
	switch {
	case stepfunctions.IsGone(err), awsapi.IsDenied(err):
		return true, nil // then it is taken for one without a version
	case err == nil:
		a.note(e, true)
		if a.backfill != nil && a.backfill.lists(e) {
			a.letGo(t)
			return false, nil
		}
	}
	return true, err
}

// advance reads what is new in an execution and hands it over.
func (a *Agent) advance(ctx context.Context, t *tracker, now time.Time) error {
	if err := a.deliver(ctx, t); err != nil || a.refused.Load() {
		return err
	}
	t.whole = false
	if t.looked = now; a.finished(t) {
		return nil
	}
	var err error
	if t.converter == nil || t.converter.Last() == 0 {
		err = a.begin(ctx, t)
	} else {
		err = a.readOn(ctx, t)
	}
	switch {
	case stepfunctions.IsGone(err) && a.parts.Clock.Since(t.execution.Started) > a.cfg.Lookback:
		a.lose(t, err)
		return nil
	case err == nil && t.converter.Done() && t.accepted >= t.converter.Last():
		a.conclude(t)
	}
	t.whole = err == nil
	return err
}

// finished is true when the end has been accepted: what was refused before may have been all that was missing.
func (a *Agent) finished(t *tracker) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state.Executions[t.execution.ARN].Finished
}

// conclude ends following an execution whose end had been accepted before, unless its redrive is still to be seen.
func (a *Agent) conclude(t *tracker) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.state.Executions[t.execution.ARN]
	if !e.Finished && t.converter.Redrives() >= e.RedriveCount {
		e.Finished, e.RedriveCount = true, t.converter.Redrives()
		a.state.Executions[t.execution.ARN], a.dirty = e, true
	}
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
	output := t.converter.Feed(events...)
	t.happened = events[len(events)-1].Time
	t.pending = append(t.pending, delivery{
		output: output, events: len(events), found: a.found(t, output), last: t.converter.Last(),
		done: t.converter.Done(), redrives: t.converter.Redrives(), observed: a.parts.Clock.Now(),
	})
	return a.deliver(ctx, t)
}

// lose ends following an execution that AWS has deleted. (One that has just started may be unknown for a moment.)
func (a *Agent) lose(t *tracker, err error) {
	a.parts.Logger.Warn("execution is gone before its end was read", "execution", t.execution.ARN, "error", err)
	a.finish(t, checkpoint.Gone)
}

// letGo forgets an execution that is not to be followed after all.
func (a *Agent) letGo(t *tracker) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.state.Executions, t.execution.ARN)
	delete(a.fresh, t.execution.ARN)
	a.dirty = true
}

// drop ends following the executions that have finished.
func (a *Agent) drop(trackers iter.Seq[*tracker]) {
	for t := range trackers {
		if e, ok := a.state.Executions[t.execution.ARN]; !ok || e.Finished {
			delete(a.trackers, t.execution.ARN)
		}
	}
}
