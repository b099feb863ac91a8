package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/price"
)

func TestCosts(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	// What the attempts called, so that invocations join: the last one of Store by its request id, Fetch by the payload.
	last := failing.attempt("Store", 7, 12, 2, 9000, 10_000, "Boom")
	last.attrs[semconv.LambdaInvokedARN], last.attrs[semconv.AWSRequestID] = storeARN, "request-500"
	last.end++ // it went on: this copy counts
	fetch := failing.attempt("Fetch", 2, 3, 0, 0, 1001, "")
	fetch.attrs[semconv.LambdaInvokedARN], fetch.attrs[semconv.PayloadFingerprint] = metadataARN, "p1"
	r.write(last, fetch)
	r.write(fetch, last)
	within := invocation(50, metadataARN, "p1", 10, 510)
	within[0].resource = attrs{semconv.FaaSMaxMemory: 1 << 30}
	r.write(within...)
	r.write(within...)
	r.write(invocation(51, metadataARN, "p1", 5000, 5100)...) // of nobody

	prices := price.Default()
	filter := store.CostFilter{Since: at(0), Until: at(60_000)}
	machines, err := r.db.Costs(t.Context(), filter, prices)
	require.NoError(t, err)
	require.Len(t, machines, 1)
	total := machines[0]
	require.Equal(t, machineARN+world, total.StateMachineARN)
	require.Equal(t, []uint64{3, 7, 2, 2, 1, 0}, []uint64{
		total.Executions, total.Transitions, total.Retries, total.Invocations, total.ColdStarts, total.UnknownMemory,
	}, "5 entries and 2 retries")
	require.InDelta(t, 0.9*0.5+0.5*1, total.GBSeconds, 1e-9)
	require.InDelta(t, 7*0.000025, total.StepFunctions, 1e-12)
	require.InDelta(t, 2*0.0000002+0.95*0.0000166667, total.Lambda, 1e-12)
	require.InDelta(t, total.StepFunctions+total.Lambda, total.Total, 1e-12)

	filter.By = store.ByState
	states, err := r.db.Costs(t.Context(), filter, prices)
	require.NoError(t, err)
	require.Len(t, states, 2)
	require.Equal(t, []any{"Store", uint64(4), uint64(1)}, []any{states[0].State, states[0].Transitions, states[0].Invocations})
	require.Equal(t, []any{"Fetch", uint64(3), uint64(1)}, []any{states[1].State, states[1].Transitions, states[1].Invocations})
	require.InDelta(t, total.Total, states[0].Total+states[1].Total, 1e-12)

	filter.By, filter.Architecture, filter.StateMachines = store.ByExecution, price.ARM, []string{world}
	executions, err := r.db.Costs(t.Context(), filter, prices)
	require.NoError(t, err)
	require.Len(t, executions, 3)
	require.Equal(t, failing.arn(), executions[0].ExecutionARN)
	require.InDelta(t, 4*0.000025+2*0.0000002+0.95*0.0000133334, executions[0].Total, 1e-12)

	filter.Limit = 1
	executions, err = r.db.Costs(t.Context(), filter, prices)
	require.NoError(t, err)
	require.Len(t, executions, 1)

	listed, err := r.db.Executions(t.Context(), store.ExecutionFilter{Statuses: []string{"FAILED", "RUNNING"}})
	require.NoError(t, err)
	costs, err := r.db.CostsOf(t.Context(), listed, "", prices)
	require.NoError(t, err)
	require.Len(t, costs, 2)
	require.Equal(t, uint64(1), costs[running.arn()].Transitions)
	require.Equal(t, uint64(4), costs[failing.arn()].Transitions)
	require.Equal(t, uint64(2), costs[failing.arn()].Invocations)

	_, err = r.db.Costs(t.Context(), store.CostFilter{By: "moon"}, prices)
	require.ErrorIs(t, err, store.ErrArgument)
}

// An Express workflow pays for its time, not for its states.
func TestCostOfExpressWorkflows(t *testing.T) {
	r := newRig(t)
	arn := "arn:aws:states:eu-west-1:123456789012:express:quick:name:id"
	for _, kind := range []string{"ExecutionStarted", "ExecutionSucceeded"} {
		e := event{arn: arn, trace: traceID(arn), kind: kind, id: 1, ms: 0}
		if kind == "ExecutionSucceeded" {
			e.id, e.ms = 9, 1050
		}
		r.record("quick", e)
		r.record("quick", e, e)
	}
	r.write(span{
		trace: traceID(arn), id: sid(3), name: "S", kind: semconv.KindState, end: 10,
		attrs:    attrs{semconv.ExecutionARN: arn, semconv.StateName: "S", semconv.EventID: 2},
		resource: attrs{semconv.StateMachineARN: machineARN + "quick"},
	})
	costs, err := r.db.Costs(t.Context(), store.CostFilter{Since: at(0), Until: at(0).Add(time.Hour)}, price.Default())
	require.NoError(t, err)
	require.Len(t, costs, 1)
	require.Zero(t, costs[0].Transitions)
	require.Equal(t, uint64(1), costs[0].ExpressRequests)
	require.InDelta(t, 1.1*64/1024, costs[0].ExpressGBSeconds, 1e-9)
	require.InDelta(t, 0.000001+1.1*64/1024*0.00001667, costs[0].Total, 1e-12)
}
