package interpreter

import (
	"context"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// parallel runs the branches of a Parallel state at once; its result is the array of their outputs.
func (f *flow) parallel(ctx context.Context, v *visit) (dataflow.Choice, error) {
	v.branches, v.branchFailed = nil, false
	scope := f.scope(v)
	input, err := scope.Arguments(v.state)
	if err != nil {
		return dataflow.Choice{}, f.evaluated(ctx, v, err)
	}
	if err := f.emit(ctx, "ParallelStateStarted", nil); err != nil {
		return dataflow.Choice{}, err
	}
	outputs, err := f.runBranches(ctx, v, input)
	if err != nil {
		return dataflow.Choice{}, err
	}
	if err := f.succeeded(ctx, v); err != nil {
		return dataflow.Choice{}, err
	}
	return f.complete(ctx, v, scope, outputs)
}

func (f *flow) runBranches(ctx context.Context, v *visit, input dataflow.Value) ([]dataflow.Value, error) {
	machines := v.state.Parallel.Branches
	outputs := make([]dataflow.Value, len(machines))
	for range machines {
		v.branches = append(v.branches, f.branch())
	}
	r := newRegion(ctx, f.History)
	for n, machine := range machines {
		r.flows.Go(func() { outputs[n] = r.runBranch(v.branches[n], machine, input) })
	}
	if err := r.wait(); err != nil {
		return nil, f.abort(ctx, v, r, err)
	}
	for _, branch := range v.branches {
		f.last = max(f.last, branch.last)
	}
	return outputs, nil
}

func (r *region) runBranch(branch *flow, machine *asl.StateMachine, input dataflow.Value) dataflow.Value {
	output, err := branch.states(r.ctx, machine, input)
	if err != nil {
		r.fail(branch, err)
	}
	return output
}

// succeeded writes ParallelStateSucceeded or MapStateSucceeded, to which nothing points.
func (f *flow) succeeded(ctx context.Context, v *visit) error {
	_, err := f.History.append(ctx, f.last, string(v.state.Type)+"StateSucceeded", nil)
	return err
}
