package interpreter

import (
	"context"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// parallel runs the branches of a Parallel state at once; its result is the array of their outputs.
func (f *flow) parallel(ctx context.Context, v *visit) (dataflow.Choice, error) {
	scope := f.scope(v)
	if !v.goesOn() {
		if err := f.startBranches(ctx, v, scope); err != nil {
			return dataflow.Choice{}, err
		}
	}
	outputs, err := f.runBranches(ctx, v)
	if err != nil {
		return dataflow.Choice{}, err
	}
	if err := f.succeeded(ctx, v); err != nil {
		return dataflow.Choice{}, err
	}
	return f.complete(ctx, v, scope, outputs)
}

func (f *flow) startBranches(ctx context.Context, v *visit, scope *dataflow.Scope) error {
	v.branches, v.branchFailed, v.succeeded = nil, false, false
	input, err := scope.Arguments(v.state)
	if err != nil {
		return f.evaluated(ctx, v, err)
	}
	if err := f.emit(ctx, "ParallelStateStarted", nil); err != nil {
		return err
	}
	for _, machine := range v.state.Parallel.Branches {
		branch := f.branch()
		branch.at, branch.input = machine.StartAt, input
		v.branches = append(v.branches, branch)
	}
	return nil
}

// runBranches runs all branches that have not succeeded.
func (f *flow) runBranches(ctx context.Context, v *visit) ([]dataflow.Value, error) {
	outputs := make([]dataflow.Value, len(v.branches))
	r := newRegion(ctx, f.History)
	for n, machine := range v.state.Parallel.Branches {
		r.flows.Go(func() { outputs[n] = r.runBranch(v.branches[n], machine) })
	}
	if err := r.wait(); err != nil {
		return nil, f.abort(ctx, v, r, err)
	}
	for _, branch := range v.branches {
		f.last = max(f.last, branch.last)
	}
	return outputs, nil
}

func (r *region) runBranch(branch *flow, machine *asl.StateMachine) dataflow.Value {
	output, err := branch.states(r.ctx, machine, branch.input)
	if err != nil {
		r.fail(branch, err)
	}
	return output
}

// succeeded writes ParallelStateSucceeded or MapStateSucceeded, to which nothing points.
func (f *flow) succeeded(ctx context.Context, v *visit) error {
	if v.succeeded { // before the redrive
		return nil
	}
	_, err := f.History.append(ctx, f.last, string(v.state.Type)+"StateSucceeded", nil)
	v.succeeded = err == nil
	return err
}
