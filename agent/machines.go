package agent

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// findMachines looks for state machines, unless it did lately, and picks those to follow.
func (a *Agent) findMachines(ctx context.Context) error {
	if err := a.findCandidates(ctx); err != nil {
		return err
	}
	machines := make([]stepfunctions.StateMachine, 0, len(a.candidates))
	for _, m := range a.candidates {
		selected, _, err := a.selects(ctx, m.ARN)
		if err != nil {
			return err
		}
		if selected {
			machines = append(machines, m)
		}
	}
	a.machines = machines
	return nil
}

// findCandidates lists the state machines there are; those named by ARN are taken as they are.
func (a *Agent) findCandidates(ctx context.Context) error {
	now := a.parts.Clock.Now()
	if !a.machinesRead.IsZero() && now.Sub(a.machinesRead) < a.cfg.DiscoveryInterval {
		return nil
	}
	if a.cfg.StateMachines.OnlyARNs() {
		a.candidates, a.machinesRead = named(a.cfg.StateMachines), now
		return nil
	}
	if a.parts.Client.Available(stepfunctions.ListStateMachines) == 0 {
		return nil
	}
	all, err := a.parts.Client.StateMachines(ctx)
	if err != nil {
		return err
	}
	a.candidates, a.machinesRead = all, now
	a.forgetMachines(now)
	return nil
}

// retention is how long AWS keeps the history of an execution that has ended.
const retention = 90 * 24 * time.Hour

// forgetMachines lets go what is known of state machines that are no more: one of the same name is another one. Where
// the listing of its executions begins is kept while there may be some to read.
func (a *Agent) forgetMachines(now time.Time) {
	exist := make(map[string]bool, len(a.candidates))
	for _, m := range a.candidates {
		exist[m.ARN] = true
	}
	gone := func(arn string) bool { return !exist[arn] }
	maps.DeleteFunc(a.tags, func(arn string, _ *tagging) bool { return gone(arn) })
	maps.DeleteFunc(a.passedOver, func(arn string, _ bool) bool { return gone(arn) })
	maps.DeleteFunc(a.state.StateMachines, func(arn string, m checkpoint.StateMachine) bool {
		return gone(arn) && now.Sub(m.Newest) > retention
	})
}

func named(machines selector.Machines) (all []stepfunctions.StateMachine) {
	for _, arn := range machines.ARNs() {
		all = append(all, stepfunctions.StateMachine{ARN: arn, Name: selector.Name(arn)})
	}
	return all
}

// selects tells whether the state machine is to be followed: by ARN or name, and by its tags, which are read once.
// known is false when that cannot be told yet: the quota has to refill, or the tags could not be read.
func (a *Agent) selects(ctx context.Context, machineARN string) (selected, known bool, err error) {
	if !a.cfg.StateMachines.Match(machineARN) {
		return false, true, nil
	}
	if len(a.cfg.Tags) == 0 {
		return true, true, nil
	}
	t := a.tagging(machineARN)
	switch {
	case t.read:
		return t.fits, true, nil
	case t.rest.lasts(a.parts.Clock.Now()), a.parts.Client.Available(stepfunctions.ListTagsForResource) == 0:
		return false, false, nil
	}
	tags, err := a.parts.Client.Tags(ctx, owner(machineARN))
	if stepfunctions.IsGone(err) || stepfunctions.IsMissing(err) {
		return false, true, nil
	}
	if common := a.judge("state machine", []try{{rest: &t.rest, err: err}}); err != nil {
		return false, false, common
	}
	t.read, t.fits = true, contains(tags, a.cfg.Tags)
	return t.fits, true, nil
}

// tagging is what is known of a state machine's tags.
type tagging struct {
	read, fits bool
	rest       rest
}

// tagging is the entry of the state machine in tags.
func (a *Agent) tagging(machineARN string) *tagging {
	arn := owner(machineARN)
	if a.tags[arn] == nil {
		a.tags[arn] = &tagging{}
	}
	return a.tags[arn]
}

// owner is the state machine that has the tags: of a Map Run's child (…:stateMachine:NAME/LABEL) the one with the Map.
func owner(machineARN string) string {
	arn, _, _ := strings.Cut(machineARN, "/")
	return arn
}

func contains(tags, wanted map[string]string) bool {
	for key, value := range wanted {
		if has, ok := tags[key]; !ok || has != value {
			return false
		}
	}
	return true
}

// dropCandidate lists the state machine no more until the next look for state machines.
func (a *Agent) dropCandidate(arn string) {
	a.candidates = slices.DeleteFunc(slices.Clone(a.candidates), func(m stepfunctions.StateMachine) bool {
		return m.ARN == arn
	})
}
