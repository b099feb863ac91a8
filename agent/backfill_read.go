package agent

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// take begins with the next executions of the work list, as long as there are not too many under way.
func (b *Backfill) take() error {
	a, st := b.agent, b.agent.state.Backfill
	for st.Taken < st.Bytes && len(a.trackers)+len(a.fresh) < window && len(b.queue) < 2*window {
		e, next, err := b.list.Read(st.Taken)
		if err != nil {
			return err
		}
		a.mu.Lock()
		a.noteLocked(stepfunctions.Execution{
			ARN: e.ARN, StateMachine: e.StateMachine, Version: e.Version, Started: e.Started, Stopped: e.Stopped,
			Status: e.Status, RedriveCount: e.RedriveCount,
		}, false)
		known := a.state.Executions[e.ARN]
		known.Listed = true
		a.state.Executions[e.ARN], a.dirty, st.Taken = known, true, next
		a.mu.Unlock()
		b.enqueue(e.ARN, next)
	}
	return nil
}

// newestFirst orders executions in the way that asks for the fewest definitions: what the latest execution uses, all
// others use that have started since the state machine was updated. It is pure.
func newestFirst(trackers []*tracker) []*tracker {
	slices.SortFunc(trackers, func(x, y *tracker) int {
		return cmp.Or(y.execution.Started.Compare(x.execution.Started), cmp.Compare(x.execution.ARN, y.execution.ARN))
	})
	return trackers
}

// leave ends reading the executions that still run and have been read as far as they got, and those of which sampling
// decides when they end: who follows them reads on.
func (b *Backfill) leave() {
	a := b.agent
	for _, t := range a.trackers {
		undecided := t.deferred && sampling.Running(t.status)
		if !t.whole && !undecided {
			continue
		}
		if t.converter != nil {
			b.endMapRuns(mapRunsIn(t.converter.Open(a.parts.Clock.Now())))
		}
		a.finish(t, checkpoint.Running)
	}
	a.drop(maps.Values(a.trackers))
}

// endMapRuns lets the children of Map Runs be listed once more, whether or not the runs go on.
func (b *Backfill) endMapRuns(arns []string) {
	a := b.agent
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, arn := range arns {
		if run, ok := a.state.MapRuns[arn]; ok {
			run.Ended = a.parts.Clock.Now().UTC()
			a.state.MapRuns[arn], a.dirty = run, true
		}
	}
}

// errLeft marks that it makes no sense to go on.
var errLeft = errors.New("too many executions could not be read or were refused")

// giveUp ends the tries to read what has failed often enough.
func (b *Backfill) giveUp() error {
	a := b.agent
	for arn, t := range a.trackers {
		if t.rest.failures >= maxTries {
			a.mark(arn, checkpoint.Failed)
			a.mu.Lock()
			b.given[arn] = t.rest.err.Error()
			a.mu.Unlock()
			delete(a.trackers, arn)
		}
	}
	left := 0
	for _, e := range a.state.Executions {
		if unsettled(e.Outcome) {
			left++
		}
	}
	if left > maxLeft {
		return fmt.Errorf("%w: %d; mend what the log says, and start it again to go on", errLeft, left)
	}
	return nil
}

// unsettled is true for the outcomes that another start may mend.
func unsettled(o checkpoint.Outcome) bool { return o == checkpoint.Failed || o == checkpoint.Refused }

// retire moves what has been dealt with from the checkpoint's lists into its counts: of the work list in its order, so
// that an offset tells what remains, of the rest what nothing leads to any more.
func (b *Backfill) retire() {
	a, st := b.agent, b.agent.state.Backfill
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(b.queue) > 0 {
		q := b.queue[0]
		if e, ok := a.state.Executions[q.arn]; ok && !e.Finished && e.Outcome != checkpoint.Failed {
			break
		}
		st.Offset, a.dirty = q.end, true
		b.queue = b.queue[1:]
		delete(b.queued, q.arn)
	}
	for arn, e := range a.state.Executions {
		_, going := a.state.MapRuns[e.MapRun]
		if e.Finished && !unsettled(e.Outcome) && !going && !b.queued[arn] {
			b.count(arn, e)
			delete(a.state.Executions, arn)
		}
	}
}

// maxGone bounds the executions that are named because AWS no longer has them.
const maxGone = 1000

func (b *Backfill) count(arn string, e checkpoint.Execution) {
	st := b.agent.state.Backfill
	if e.Listed {
		st.Done++
	} else {
		st.Nested++
	}
	st.Outcomes[e.Outcome]++
	if e.Outcome == checkpoint.Gone && len(st.Gone) < maxGone {
		st.Gone = append(st.Gone, arn)
	}
	b.agent.dirty = true
}
