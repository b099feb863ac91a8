package interpreter

import (
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// mapRunPlan is what the fields of a Map state in distributed mode say.
type mapRunPlan struct {
	source  itemSource
	batches batchLimits
	limits  MapRunLimits
	writer  resultWriter
}

func (f *flow) planMapRun(v *visit) (p mapRunPlan, err error) {
	scope := f.scope(v)
	if p.source, err = planReader(scope, v); err != nil {
		return p, err
	}
	if p.batches, err = planBatches(scope, v); err != nil {
		return p, err
	}
	if p.limits, err = planLimits(scope, v); err != nil {
		return p, err
	}
	p.writer, err = planWriter(scope, v)
	return p, err
}

func planLimits(scope *dataflow.Scope, v *visit) (limits MapRunLimits, err error) {
	concurrency, err := optionalInt(scope, v, v.state.Map.MaxConcurrency)
	if err != nil {
		return limits, err
	}
	if concurrency != nil {
		limits.MaxConcurrency = *concurrency
	}
	if limits.ToleratedFailureCount, err = optionalInt(scope, v, v.state.Map.ToleratedFailureCount); err != nil {
		return limits, err
	}
	if field := v.state.Map.ToleratedFailurePercentage; field != nil {
		var share float64
		share, err = scope.Float(v.state, field)
		limits.ToleratedFailurePercentage = &share
	}
	return limits, err
}
