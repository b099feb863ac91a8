package agent

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/pause"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/agent/worklist"
)

// Period is what a backfill reads: the executions that have started or stopped in it.
type Period struct {
	Since, Until time.Time
	Asked        string // for what, in words that stay the same when it is asked again
}

func (p *Period) has(e stepfunctions.Execution) bool {
	within := func(t time.Time) bool { return !t.IsZero() && !t.Before(p.Since) && !t.After(p.Until) }
	return within(e.Started) || within(e.Stopped)
}

// Backfill reads the executions of a period once, and what they led to, and ends. First it lists them, so that it is
// known how many there are, then it reads them as an agent does that follows. Whatever stops it, the next one with the
// same checkpoint goes on: nothing is read again but what the checkpoint did not have yet.
type Backfill struct {
	agent  *Agent
	period Period
	list   *worklist.List

	machines []stepfunctions.StateMachine // to list
	known    bool                         // they are all machines
	attempts map[string]*attempt          // to list, by ARN: those that failed
	listing  atomic.Int64                 // executions listed and not committed

	queue  []queued // taken from the work list and not passed, in its order
	queued map[string]bool

	// What follows is for Progress, under the agent's lock.
	given   map[string]string // by ARN: why reading was given up
	sources sources
}

type queued struct {
	arn string
	end int64 // offset in the work list
}

// Bounds of a backfill.
const (
	window         = 1000 // executions that are read at a time
	maxTries       = 5    // failures in a row until an execution or a state machine is given up
	maxLeft        = 1000 // executions given up or refused, until all is
	maxFailedPolls = 10   // in a row
)

// NewBackfill makes a backfill that goes on from the checkpoint, if that is of the same period and has not finished.
func NewBackfill(cfg Config, period Period, parts Parts) (*Backfill, error) {
	cfg.Lookback = 0 // nobody waits for what is listed late
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	state, err := checkpoint.Load(cfg.Checkpoint)
	if err != nil {
		return nil, err
	}
	if state, err = resume(cfg.Checkpoint, state, &period); err != nil {
		return nil, err
	}
	list, err := worklist.Open(cfg.Checkpoint+".executions", state.Backfill.Bytes)
	if err != nil {
		return nil, err
	}
	a, err := newAgent(cfg, parts, state)
	if err == nil {
		err = checkpoint.Save(cfg.Checkpoint, state)
	}
	if err != nil {
		return nil, errors.Join(err, list.Close())
	}
	b := &Backfill{
		agent: a, period: period, list: list, attempts: make(map[string]*attempt),
		queued: make(map[string]bool), given: make(map[string]string),
		sources: sources{listing: true},
	}
	a.backfill = b
	if err := b.requeue(); err != nil {
		return nil, errors.Join(err, list.Close())
	}
	return b, nil
}

// requeue takes up what was being read when the former process ended.
func (b *Backfill) requeue() error {
	st := b.agent.state.Backfill
	for at := st.Offset; at < st.Taken; {
		e, next, err := b.list.Read(at)
		if err != nil {
			return err
		}
		b.enqueue(e.ARN, next)
		at = next
	}
	return nil
}

func (b *Backfill) enqueue(arn string, end int64) {
	b.queue = append(b.queue, queued{arn: arn, end: end})
	b.queued[arn] = true
}

// resume makes the checkpoint's state ready to go on: what could not be read, or was refused, is tried again. After a
// backfill that has finished a new one begins. The period becomes that of the first start.
func resume(file string, state checkpoint.State, period *Period) (checkpoint.State, error) {
	b := state.Backfill
	switch {
	case b == nil && len(state.Executions)+len(state.StateMachines) > 0:
		return state, fmt.Errorf("checkpoint %s is that of an agent which follows; name another file", file)
	case b == nil || !b.Finished.IsZero():
		state.Executions, state.MapRuns = map[string]checkpoint.Execution{}, map[string]checkpoint.MapRun{}
		state.Backfill = &checkpoint.Backfill{
			Asked: period.Asked, Since: period.Since, Until: period.Until,
			Listed: map[string]int{}, Outcomes: map[checkpoint.Outcome]int{},
		}
		return state, nil
	case b.Asked != period.Asked:
		return state, fmt.Errorf("checkpoint %s is that of an unfinished backfill of %q, not of %q; "+
			"ask for the same to go on with it, or name another file", file, b.Asked, period.Asked)
	case b.Listed == nil || b.Outcomes == nil:
		return state, fmt.Errorf("checkpoint %s: a member is null; remove it to start the backfill afresh", file)
	}
	period.Since, period.Until = b.Since, b.Until
	for arn, e := range state.Executions {
		if e.Outcome == checkpoint.Refused {
			e.Finished, e.LastEvent = false, 0
		}
		if !e.Finished {
			e.Outcome = ""
			state.Executions[arn] = e
		}
	}
	return state, nil
}

// Run reads until everything has been dealt with, which Progress tells of. The error is what stopped it before.
func (b *Backfill) Run(ctx context.Context) error {
	a := b.agent
	defer a.health.close()
	defer func() { _ = b.list.Close() }() // it was committed
	failed, interval := 0, a.cfg.PollInterval
	for {
		done, err := b.Poll(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errLeft):
			return err
		case err == nil && done:
			return b.finish()
		case err == nil, errors.Is(err, errRefused):
			failed, interval = 0, a.cfg.PollInterval
		default:
			failed, interval = failed+1, a.longer(interval)
			a.parts.Logger.Error("poll of Step Functions failed", "error", err, "next_poll_in", interval)
		}
		if failed == maxFailedPolls {
			return fmt.Errorf("given up after %d polls in a row that failed, start it again to go on: %w", failed, err)
		}
		_ = pause.For(ctx, a.parts.Clock, interval, "backfill", "poll") // the loop looks at the context
	}
}

// Poll takes one step. done is true when nothing is left to do.
func (b *Backfill) Poll(ctx context.Context) (done bool, err error) {
	a := b.agent
	listed, err := b.listMachines(ctx)
	if listed && err == nil {
		err = b.take()
	}
	err = errors.Join(err, a.list(ctx), a.sample(ctx), a.follow(ctx)) // only Map Runs are listed
	b.leave()
	err = errors.Join(err, b.giveUp())
	b.retire()
	err = errors.Join(err, a.save())
	done = err == nil && listed && b.exhausted()
	b.look(listed, done)
	return done, err
}

// exhausted is true when everything has been read, or given up.
func (b *Backfill) exhausted() bool {
	a := b.agent
	u := &a.definitions.unsaid
	if a.state.Backfill.Taken < a.state.Backfill.Bytes || len(a.trackers)+len(a.fresh)+len(b.queue) > 0 ||
		len(u.queue) > 0 && u.rest.failures < maxTries {
		return false
	}
	for arn := range a.state.MapRuns {
		if s := a.sources[arn]; s == nil || s.rest.failures < maxTries {
			return false
		}
	}
	return true
}

// finish notes that the backfill need not be gone on with, if that is so.
func (b *Backfill) finish() error {
	a := b.agent
	if !b.Progress().Complete {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.Backfill.Finished = a.parts.Clock.Now().UTC()
	if err := a.saveLocked(); err != nil {
		return err
	}
	return b.list.Remove()
}
