package agent

import (
	"context"
	"errors"

	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/agent/worklist"
)

// attempt is a state machine whose executions could not be listed.
type attempt struct {
	rest rest
	over bool // there is no use in another try
}

// listMachines brings the executions of the period into the work list, of one state machine after the other. all is
// true when they are there, but for state machines that were given up.
func (b *Backfill) listMachines(ctx context.Context) (all bool, err error) {
	if err := b.findMachines(ctx); err != nil || !b.known {
		return false, err
	}
	all = true
	var tries []try
	for _, m := range b.machines {
		if _, ok := b.agent.state.Backfill.Listed[m.ARN]; ok {
			continue
		}
		t := b.attempt(m.ARN)
		if t.over {
			continue
		}
		if !t.rest.lasts(b.agent.parts.Clock.Now()) {
			err := b.listMachine(ctx, m.ARN)
			tries = append(tries, try{rest: &t.rest, err: err})
			if err != nil && concernsAll(err) {
				return false, err
			}
		}
		_, listed := b.agent.state.Backfill.Listed[m.ARN]
		all = all && listed
	}
	err = b.agent.judge("state machine", tries)
	for _, t := range b.attempts {
		t.over = t.rest.failures >= maxTries || stepfunctions.IsGone(t.rest.err) || stepfunctions.IsExpress(t.rest.err)
	}
	return all, err
}

func (b *Backfill) attempt(arn string) *attempt {
	if b.attempts[arn] == nil {
		b.attempts[arn] = &attempt{}
	}
	return b.attempts[arn]
}

// findMachines looks which state machines there are to list. Their tags may take several polls.
func (b *Backfill) findMachines(ctx context.Context) error {
	a := b.agent
	if b.known {
		return nil
	}
	if err := a.findCandidates(ctx); err != nil || a.machinesRead.IsZero() {
		return err
	}
	var machines []stepfunctions.StateMachine
	for _, m := range a.candidates {
		selected, known, err := a.selects(ctx, m.ARN)
		switch {
		case err != nil:
			return err
		case !known && a.tagging(m.ARN).rest.failures < maxTries:
			return nil
		case !known: // its tags cannot be read
			*b.attempt(m.ARN) = attempt{rest: a.tagging(m.ARN).rest, over: true}
			fallthrough
		case selected:
			machines = append(machines, m)
		}
	}
	b.machines, b.known = machines, true
	return nil
}

// listMachine adds the executions of one state machine, all or none. The listing has no bounds in time: an execution
// that stopped in the period may have started up to a year before.
func (b *Backfill) listMachine(ctx context.Context, arn string) error {
	a, st := b.agent, b.agent.state.Backfill
	var failed error
	b.listing.Store(0)
	err := a.parts.Client.Executions(ctx, stepfunctions.Listing{StateMachine: arn}, func(e stepfunctions.Execution) bool {
		if b.period.has(e) {
			failed = b.list.Append(&worklist.Entry{
				ARN: e.ARN, StateMachine: e.StateMachine, Version: e.Version, Started: e.Started, Stopped: e.Stopped,
				Status: e.Status, RedriveCount: e.RedriveCount,
			})
			b.listing.Add(1)
		}
		return failed == nil
	})
	listed := int(b.listing.Swap(0))
	if err = errors.Join(err, failed); err != nil {
		return errors.Join(err, b.list.Rollback(st.Bytes))
	}
	bytes, err := b.list.Commit()
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	st.Bytes, st.Total, st.Listed[arn], a.dirty = bytes, st.Total+listed, listed, true
	if a.parts.Clock.Since(a.saved) >= saveInterval {
		return a.saveLocked()
	}
	return nil
}

// lists is true for an execution that the listing of its state machine has, or had, so that it is not to be read for
// having been started by another one.
func (b *Backfill) lists(e stepfunctions.Execution) bool {
	if e.MapRun != "" {
		return false
	}
	_, listed := b.agent.state.Backfill.Listed[e.StateMachine]
	return listed && b.period.has(e)
}
