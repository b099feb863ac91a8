package agent

import (
	"context"
	"slices"

	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// findMachines looks for state machines, unless it did lately, and picks those to follow.
func (a *Agent) findMachines(ctx context.Context) error {
	if err := a.findCandidates(ctx); err != nil {
		return err
	}
	a.machines = a.machines[:0]
	for _, m := range a.candidates {
		selected, _, err := a.selects(ctx, m.ARN)
		if err != nil {
			return err
		}
		if selected {
			a.machines = append(a.machines, m)
		}
	}
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
	return nil
}

func named(machines selector.Machines) (all []stepfunctions.StateMachine) {
	for _, arn := range machines.ARNs() {
		all = append(all, stepfunctions.StateMachine{ARN: arn, Name: selector.Name(arn)})
	}
	return all
}

// selects tells whether the state machine is to be followed: by ARN or name, and by its tags, which are read once.
// known is false when the quota has to refill before that can be told.
func (a *Agent) selects(ctx context.Context, machineARN string) (selected, known bool, err error) {
	if !a.cfg.StateMachines.Match(machineARN) {
		return false, true, nil
	}
	if len(a.cfg.Tags) == 0 {
		return true, true, nil
	}
	if tagged, ok := a.tagged[machineARN]; ok {
		return tagged, true, nil
	}
	if a.parts.Client.Available(stepfunctions.ListTagsForResource) == 0 {
		return false, false, nil
	}
	tags, err := a.parts.Client.Tags(ctx, machineARN)
	switch {
	case stepfunctions.IsGone(err):
		return false, true, nil
	case err != nil:
		return false, false, err
	}
	a.tagged[machineARN] = contains(tags, a.cfg.Tags)
	return a.tagged[machineARN], true, nil
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
