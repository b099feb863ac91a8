package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/price"
)

const mapRunARN = "arn:aws:states:eu-west-1:123456789012:mapRun:images/Each:1"

// writeLives stores executions of two state machines, each twice and in several batches.
func (r *rig) writeLives() {
	r.t.Helper()
	for range 2 {
		r.life(run{machine: "images", name: "good"}, 1000, 3000, "ExecutionSucceeded", nil)
		r.life(run{machine: "images", name: "bad"}, 2000, 12_000, "ExecutionFailed", attrs{semconv.Error: "Boom"})
		r.life(run{machine: "images", name: "slow"}, 3000, 25_000, "ExecutionTimedOut", nil)
		r.life(run{machine: "images", name: "goes on"}, 15_000, 0, "", nil)
		r.life(run{machine: "images/Each", name: "child"}, 16_000, 17_000, "ExecutionFailed",
			attrs{semconv.MapRunARN: mapRunARN})
		r.life(run{machine: "videos", name: "stopped"}, 4000, 6000, "ExecutionAborted", nil)
	}
}

func TestExecutionStatistics(t *testing.T) {
	r := newRig(t)
	r.writeLives()
	images, each, videos := machineARN+"images", machineARN+"images/Each", machineARN+"videos"
	window := store.ExecutionFilter{Since: at(0), Until: at(30_000)}
	for name, test := range map[string]struct {
		filter store.ExecutionStatisticsFilter
		want   []store.ExecutionPoint
	}{
		"by when they started": {
			store.ExecutionStatisticsFilter{ExecutionFilter: window, Step: 10 * time.Second},
			[]store.ExecutionPoint{
				{
					Time: at(0), StateMachineARN: images, StateMachine: "images",
					ChildrenCounts: store.ChildrenCounts{Succeeded: 1, Failed: 1, TimedOut: 1}, P50: 10_000, P95: 22_000, P99: 22_000,
				},
				{
					Time: at(0), StateMachineARN: videos, StateMachine: "videos",
					ChildrenCounts: store.ChildrenCounts{Aborted: 1}, P50: 2000, P95: 2000, P99: 2000,
				},
				{
					Time: at(10_000), StateMachineARN: images, StateMachine: "images",
					ChildrenCounts: store.ChildrenCounts{Running: 1},
				},
				{
					Time: at(10_000), StateMachineARN: each, StateMachine: "images/Each",
					ChildrenCounts: store.ChildrenCounts{Failed: 1}, P50: 1000, P95: 1000, P99: 1000,
				},
			},
		},
		"by when they ended": {
			store.ExecutionStatisticsFilter{
				ExecutionFilter: store.ExecutionFilter{
					StateMachines: []string{"images"}, Since: at(10_000), Until: at(25_001), Errors: []string{"", "Boom"},
				},
				Ended: true, Step: 10 * time.Second,
			},
			[]store.ExecutionPoint{
				{
					Time: at(10_000), StateMachineARN: images, StateMachine: "images",
					ChildrenCounts: store.ChildrenCounts{Failed: 1}, P50: 10_000, P95: 10_000, P99: 10_000,
				},
				{
					Time: at(20_000), StateMachineARN: images, StateMachine: "images",
					ChildrenCounts: store.ChildrenCounts{TimedOut: 1}, P50: 22_000, P95: 22_000, P99: 22_000,
				},
			},
		},
		"that ended at one moment, as a whole": {
			store.ExecutionStatisticsFilter{
				ExecutionFilter: store.ExecutionFilter{Since: at(25_000), Until: at(25_001)}, Ended: true,
			},
			[]store.ExecutionPoint{{
				StateMachineARN: images, StateMachine: "images",
				ChildrenCounts: store.ChildrenCounts{TimedOut: 1}, P50: 22_000, P95: 22_000, P99: 22_000,
			}},
		},
		"none that ended": {
			store.ExecutionStatisticsFilter{
				ExecutionFilter: store.ExecutionFilter{Since: at(26_000), Until: at(30_000)}, Ended: true,
			},
			[]store.ExecutionPoint{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := r.db.ExecutionStatistics(t.Context(), test.filter)
			require.NoError(t, err)
			require.Equal(t, store.ExecutionStatistics{Points: test.want}, found)
		})
	}
}

func TestRunning(t *testing.T) {
	r := newRig(t)
	r.writeLives()
	found, err := r.db.Running(t.Context(), store.ExecutionFilter{})
	require.NoError(t, err)
	require.Equal(t, []store.RunningCount{
		{StateMachineARN: machineARN + "images", StateMachine: "images", Running: 1, OldestStart: at(15_000)},
	}, found)
	found, err = r.db.Running(t.Context(), store.ExecutionFilter{StateMachines: []string{"videos"}})
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestRedrivable(t *testing.T) {
	r := newRig(t)
	r.writeLives()
	express := "arn:aws:states:eu-west-1:123456789012:express:quick:name:id"
	r.record("quick", event{arn: express, trace: traceID(express), kind: "ExecutionFailed", id: 9, ms: 100})
	images := store.RedrivableCount{
		StateMachineARN: machineARN + "images", StateMachine: "images", Executions: 2, LastEnd: at(25_000),
	}
	videos := store.RedrivableCount{
		StateMachineARN: machineARN + "videos", StateMachine: "videos", Executions: 1, LastEnd: at(6000),
	}
	for name, test := range map[string]struct {
		filter store.RedrivableFilter
		want   []store.RedrivableCount
	}{
		"all, but for children and Express workflows": {store.RedrivableFilter{}, []store.RedrivableCount{images, videos}},
		"that ended in a range":                       {store.RedrivableFilter{Since: at(5000), Until: at(7000)}, []store.RedrivableCount{videos}},
		"of a state machine":                          {store.RedrivableFilter{StateMachines: []string{"images"}}, []store.RedrivableCount{images}},
		"15 days later":                               {store.RedrivableFilter{Now: at(0).AddDate(0, 0, 15)}, []store.RedrivableCount{}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := r.db.Redrivable(t.Context(), test.filter)
			require.NoError(t, err)
			require.Equal(t, test.want, found)
		})
	}
	again := run{machine: "videos", name: "stopped", redrive: 1}
	redriven := again.event(10, "ExecutionRedriven", 26_000, semconv.KindExecution, 1, "", "")
	redriven.started = 4000
	r.record("videos", redriven)
	found, err := r.db.Redrivable(t.Context(), store.RedrivableFilter{StateMachines: []string{"videos"}})
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestStuck(t *testing.T) {
	r := newRig(t)
	for n := range 20 {
		r.life(run{machine: "images", name: string(rune('a' + n))}, int64(n), int64(n)+1000, "ExecutionSucceeded", nil)
	}
	r.life(run{machine: "images", name: "hangs"}, 10_000, 0, "", nil)
	r.life(run{machine: "videos", name: "hangs"}, 10_000, 0, "", nil)
	at3000 := store.StuckFilter{Now: at(13_000)}
	found, err := r.db.Stuck(t.Context(), at3000)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, []any{"hangs", "images", "RUNNING", at(10_000), 1000.0, 3.0}, []any{
		found[0].Name, found[0].StateMachine, found[0].Status, found[0].Start, found[0].Usual, found[0].Times,
	})
	for name, filter := range map[string]store.StuckFilter{
		"a moment before":            {Now: at(12_999)},
		"of another state machine":   {Now: at(13_000), StateMachines: []string{"videos"}},
		"with none of the last week": {Now: at(13_000).AddDate(0, 0, 8)},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := r.db.Stuck(t.Context(), filter)
			require.NoError(t, err)
			require.Empty(t, found)
		})
	}
	r.life(run{machine: "images", name: "a"}, 0, 500, "ExecutionSucceeded", nil) // one of the twenty again: it counts once
	found, err = r.db.Stuck(t.Context(), at3000)
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestFailuresOverTime(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	found, err := r.db.FailuresOverTime(t.Context(), store.FailureFilter{Since: at(0), Until: at(30_000), Caught: true},
		10*time.Second)
	require.NoError(t, err)
	require.Equal(t, []store.FailureCount{
		{
			Time: at(10_000), Kind: store.FailedState, StateMachineARN: machineARN + world, State: "Store", Error: "Boom",
			Count: 1, Executions: 1, Last: at(10_000),
		},
		{
			Time: at(10_000), Kind: store.FailedExecution, StateMachineARN: machineARN + world, Error: "Boom",
			Count: 1, Executions: 1, Last: at(10_000),
		},
		{
			Time: at(20_000), Kind: store.FailedState, StateMachineARN: machineARN + world, State: "Fetch", Error: "Odd",
			Count: 1, Executions: 1, Last: at(20_500),
		},
	}, found)
}

func TestStateStatisticsOfAWholeRange(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	for name, since := range map[string]time.Time{"exact": at(0), "from minutes": at(0).AddDate(0, 0, -30)} {
		t.Run(name, func(t *testing.T) {
			found, err := r.db.StateStatistics(t.Context(), store.StatisticsFilter{
				States: []string{"Store"}, Since: since, Until: at(60_000), Step: time.Second, Whole: true,
			})
			require.NoError(t, err)
			require.Len(t, found.Points, 1)
			require.True(t, found.Points[0].Time.IsZero())
			require.Equal(t, []uint64{2, 1, 1},
				[]uint64{found.Points[0].Visits, found.Points[0].Succeeded, found.Points[0].Failed})
		})
	}
}

// What a part of an execution costs counts in the step in which it began, an invocation in its attempt's.
func TestCostsOverTime(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	last := failing.attempt("Store", 7, 12, 2, 9000, 10_001, "Boom")
	last.attrs[semconv.LambdaInvokedARN], last.attrs[semconv.AWSRequestID] = storeARN, "request-500"
	r.write(last)
	filter := store.CostFilter{By: store.ByState, Since: at(0), Until: at(60_000), Step: 10 * time.Second}
	found, err := r.db.Costs(t.Context(), filter, price.Default())
	require.NoError(t, err)
	type part struct {
		time                     time.Time
		state                    string
		transitions, invocations uint64
	}
	parts := []part{}
	for _, c := range found {
		parts = append(parts, part{c.Time, c.State, c.Transitions, c.Invocations})
	}
	require.Equal(t, []part{
		{at(0), "Store", 3, 1},
		{at(0), "Fetch", 1, 0},
		{at(20_000), "Fetch", 1, 0},
		{at(20_000), "Store", 1, 0},
		{at(30_000), "Fetch", 1, 0},
	}, parts)
}

// Of an execution that began before the range, in a state that has not ended, an attempt tells the ARN.
func TestCostOfAnAttemptAlone(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	last := failing.attempt("Store", 7, 12, 0, 9000, 10_001, "Boom")
	last.attrs[semconv.LambdaInvokedARN], last.attrs[semconv.AWSRequestID] = storeARN, "request-500"
	r.write(last)
	found, err := r.db.Costs(t.Context(), store.CostFilter{
		By: store.ByExecution, Since: at(8000), Until: at(10_000),
	}, price.Default())
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, []any{failing.arn(), uint64(0), uint64(0), uint64(1)}, []any{
		found[0].ExecutionARN, found[0].Executions, found[0].Transitions, found[0].Invocations,
	})
	found, err = r.db.Costs(t.Context(), store.CostFilter{
		By: store.ByExecution, Since: at(500), Until: at(600),
	}, price.Default())
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestWhatFunctionsOfAStateMachineDid(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	attempt := failing.attempt("Store", 7, 12, 2, 9000, 10_001, "Boom")
	attempt.attrs[semconv.LambdaInvokedARN] = storeARN + ":live"
	r.write(attempt)
	for machine, want := range map[string]int{world: 2, machineARN + world: 2, "other": 0} {
		calls, err := r.db.SlowestCalls(t.Context(), store.CallFilter{
			StateMachines: []string{machine}, Since: at(0), Until: at(60_000),
		})
		require.NoError(t, err)
		require.Len(t, calls, want, machine)
		functions, err := r.db.Functions(t.Context(), store.FunctionFilter{StateMachines: []string{machine}})
		require.NoError(t, err)
		require.Len(t, functions, min(want, 1), machine)
	}
	calls, err := r.db.SlowestCalls(t.Context(), store.CallFilter{
		StateMachines: []string{world}, Since: at(50_000).AddDate(0, 0, 2), Until: at(0).AddDate(0, 0, 3),
	})
	require.NoError(t, err)
	require.Empty(t, calls)
}
