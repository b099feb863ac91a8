package agent

import (
	"context"

	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// findMachines looks for the state machines to follow, unless it did lately. ARNs are followed without looking.
func (a *Agent) findMachines(ctx context.Context) error {
	now := a.parts.Clock.Now()
	if !a.machinesRead.IsZero() && now.Sub(a.machinesRead) < a.cfg.DiscoveryInterval {
		return nil
	}
	all, err := a.candidates(ctx)
	if err != nil {
		return err
	}
	found := all[:0]
	for _, m := range all {
		selected, err := a.selects(ctx, m.ARN)
		if err != nil {
			return err
		}
		if selected {
			found = append(found, m)
		}
	}
	a.machines, a.machinesRead = found, now
	return nil
}

func (a *Agent) candidates(ctx context.Context) ([]stepfunctions.StateMachine, error) {
	if !a.cfg.StateMachines.OnlyARNs() {
		return a.parts.Client.StateMachines(ctx)
	}
	var named []stepfunctions.StateMachine
	for _, arn := range a.cfg.StateMachines.ARNs() {
		named = append(named, stepfunctions.StateMachine{ARN: arn, Name: selector.Name(arn)})
	}
	return named, nil
}

// selects tells whether the state machine is to be followed: by ARN or name, and by its tags, which are read once.
func (a *Agent) selects(ctx context.Context, machineARN string) (bool, error) {
	if !a.cfg.StateMachines.Match(machineARN) {
		return false, nil
	}
	if len(a.cfg.Tags) == 0 {
		return true, nil
	}
	if tagged, ok := a.tagged[machineARN]; ok {
		return tagged, nil
	}
	tags, err := a.parts.Client.Tags(ctx, machineARN)
	if stepfunctions.IsGone(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a.tagged[machineARN] = contains(tags, a.cfg.Tags)
	return a.tagged[machineARN], nil
}

func contains(tags, wanted map[string]string) bool {
	for key, value := range wanted {
		if has, ok := tags[key]; !ok || has != value {
			return false
		}
	}
	return true
}
