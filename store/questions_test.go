package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// All that was written comes twice or more: no number may show it.
func TestQuestions(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	for name, question := range map[string]func(*testing.T, *rig){
		"execution search":             ofExecutionSearch,
		"failures":                     ofFailures,
		"calls":                        ofCalls,
		"span search":                  ofSpanSearch,
		"history":                      ofHistory,
		"state statistics":             ofStateStatistics,
		"state machines and functions": ofStateMachinesAndFunctions,
	} {
		t.Run(name, func(t *testing.T) { question(t, r) })
	}
}

func ofExecutionSearch(t *testing.T, r *rig) {
	last, err := r.db.Executions(t.Context(), store.ExecutionFilter{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, []string{"running"}, names(last))
	for name, test := range map[string]struct {
		filter store.ExecutionFilter
		want   []string
	}{
		"all":              {store.ExecutionFilter{}, []string{"running", "happy", "failing"}},
		"next page":        {store.ExecutionFilter{After: last[0].Cursor()}, []string{"happy", "failing"}},
		"statuses":         {store.ExecutionFilter{Statuses: []string{"FAILED", "SUCCEEDED"}}, []string{"happy", "failing"}},
		"range":            {store.ExecutionFilter{Since: at(20_000), Until: at(30_000)}, []string{"happy"}},
		"took at least":    {store.ExecutionFilter{Statuses: []string{"FAILED", "SUCCEEDED"}, MinDuration: 5 * time.Second}, []string{"failing"}},
		"took at most":     {store.ExecutionFilter{Statuses: []string{"FAILED", "SUCCEEDED"}, MaxDuration: 2 * time.Second}, []string{"happy"}},
		"error":            {store.ExecutionFilter{Errors: []string{"x", "Boom"}}, []string{"failing"}},
		"name":             {store.ExecutionFilter{Name: "ORDERS:Hap"}, []string{"happy"}},
		"failed state":     {store.ExecutionFilter{FailedState: "Store", Since: at(0)}, []string{"failing"}},
		"caught state":     {store.ExecutionFilter{FailedState: "Fetch"}, []string{"happy"}},
		"words":            {store.ExecutionFilter{Text: `"order": a-4711`}, []string{"failing"}},
		"accents":          {store.ExecutionFilter{Text: "Zoë", Since: at(0)}, []string{"failing"}},
		"parts of words":   {store.ExecutionFilter{Text: "471"}, []string{}},
		"words of another": {store.ExecutionFilter{Text: "4711 B"}, []string{}},
		"machine and text": {store.ExecutionFilter{StateMachines: []string{"x", world}, Text: "order", Since: at(10)}, []string{"running", "happy"}},
		"map run":          {store.ExecutionFilter{MapRunARN: "arn:none"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := r.db.Executions(t.Context(), test.filter)
			require.NoError(t, err)
			require.Equal(t, test.want, names(found))
		})
	}
}

func ofFailures(t *testing.T, r *rig) {
	state := store.Failure{
		Kind: store.FailedState, Time: at(10_000), Start: at(1000), StateMachineARN: machineARN + world, State: "Store",
		StateType: "Task", Status: "FAILED", Error: "Boom", Message: "Boom: it broke", ExecutionARN: failing.arn(),
		TraceID: failing.trace(), SpanID: failing.id(semconv.KindState, 7), EventID: 7,
	}
	execution := store.Failure{
		Kind: store.FailedExecution, Time: at(10_000), Start: at(0), StateMachineARN: machineARN + world, Status: "FAILED",
		Error: "Boom", Message: "it broke", ExecutionARN: failing.arn(), TraceID: failing.trace(),
		SpanID: failing.id(semconv.KindExecution, 1),
	}
	for name, test := range map[string]struct {
		filter store.FailureFilter
		want   []store.Failure
	}{
		"all":                {store.FailureFilter{}, []store.Failure{state, execution}},
		"by when it failed":  {store.FailureFilter{Since: at(10_000), Until: at(10_001)}, []store.Failure{state, execution}},
		"not by its start":   {store.FailureFilter{Since: at(0), Until: at(10_000)}, []store.Failure{}},
		"one kind":           {store.FailureFilter{Kind: store.FailedExecution}, []store.Failure{execution}},
		"by state and error": {store.FailureFilter{States: []string{"Store"}, Errors: []string{"x", "Boom"}}, []store.Failure{state}},
		"of another machine": {store.FailureFilter{StateMachines: []string{"other"}}, []store.Failure{}},
		"limited":            {store.FailureFilter{StateMachines: []string{world, machineARN + "x"}, Limit: 1}, []store.Failure{state}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := r.db.Failures(t.Context(), test.filter)
			require.NoError(t, err)
			require.Equal(t, test.want, found)
		})
	}
	counts, err := r.db.FailureCounts(t.Context(), store.FailureFilter{Caught: true, Since: at(0)})
	require.NoError(t, err)
	require.Equal(t, []store.FailureCount{
		{Kind: store.FailedState, StateMachineARN: machineARN + world, State: "Fetch", Error: "Odd", Count: 1, Executions: 1, Last: at(20_500)},
		{Kind: store.FailedState, StateMachineARN: machineARN + world, State: "Store", Error: "Boom", Count: 1, Executions: 1, Last: at(10_000)},
		{Kind: store.FailedExecution, StateMachineARN: machineARN + world, Error: "Boom", Count: 1, Executions: 1, Last: at(10_000)},
	}, counts)
}

func ofCalls(t *testing.T, r *rig) {
	group := store.CallGroup{
		Service: "DynamoDB", Operation: "PutItem", Caller: "store", Calls: 2, Errors: 2, Throttled: 2, Retries: 4,
		P50: 200, P95: 200, P99: 200, Max: 200,
	}
	found, err := r.db.Calls(t.Context(), store.CallFilter{Services: []string{"S3", "DynamoDB"}, Resource: "orders"}, 0)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, group.Calls, found[0].Calls)
	require.Equal(t, []any{group.Errors, group.Throttled, group.Retries, group.Max},
		[]any{found[0].Errors, found[0].Throttled, found[0].Retries, found[0].Max})
	require.True(t, found[0].Time.IsZero())

	steps, err := r.db.Calls(t.Context(), store.CallFilter{Since: at(0), Failed: true}, 10*time.Second)
	require.NoError(t, err)
	require.Len(t, steps, 2)
	require.Equal(t, []time.Time{at(0), at(50_000)}, []time.Time{steps[0].Time, steps[1].Time})
	require.Equal(t, float64(100), steps[0].P99)

	slowest, err := r.db.SlowestCalls(t.Context(), store.CallFilter{Limit: 1, Callers: []string{"store"}})
	require.NoError(t, err)
	require.Equal(t, []store.Call{{
		Start: at(50_100), Service: "DynamoDB", Operation: "PutItem", Caller: "store", Duration: 200, Failed: true,
		Error: "ProvisionedThroughputExceededException", HTTPStatus: 400, Retries: 2, Resource: "orders",
		TraceID: tid(501), SpanID: sid(601),
	}}, slowest)
}

func ofSpanSearch(t *testing.T, r *rig) {
	ids := func(filter store.SpanFilter) []string {
		found, err := r.db.Spans(t.Context(), filter)
		require.NoError(t, err)
		all := []string{}
		for _, s := range found {
			all = append(all, s.SpanID)
		}
		return all
	}
	require.Equal(t, []string{sid(500)},
		ids(store.SpanFilter{Attributes: []store.Attribute{{Key: semconv.FaaSInvocationID, Value: "request-500"}}}))
	require.Equal(t, []string{sid(501), sid(500)}, ids(store.SpanFilter{
		Kind: semconv.KindInvocation, Service: "store", Name: "store", Failed: true, MinDuration: 900 * time.Millisecond,
		Attributes: []store.Attribute{{Key: semconv.CloudResourceID, Value: storeARN, Resource: true}}, Since: at(0),
	}))
	require.Equal(t, []string{sid(501)}, ids(store.SpanFilter{Kind: semconv.KindInvocation, Limit: 1}))
	require.Empty(t, ids(store.SpanFilter{Attributes: []store.Attribute{{Key: "no such", Value: ""}}}))
	require.Empty(t, ids(store.SpanFilter{TraceID: failing.trace(), Until: at(0)}))
	require.Len(t, ids(store.SpanFilter{TraceID: failing.trace(), Kind: semconv.KindAttempt}), 4)
}

func ofHistory(t *testing.T, r *rig) {
	first, err := r.db.History(t.Context(), store.HistoryFilter{Execution: failing.arn(), Limit: 6})
	require.NoError(t, err)
	require.Len(t, first, 6)
	require.Equal(t, store.HistoryEvent{
		ID: 5, PreviousID: 4, Type: "LambdaFunctionSucceeded", Time: at(1000), State: "Fetch",
		SpanID: failing.id(semconv.KindAttempt, 3), Payload: json.RawMessage(`{"output":"{\"ok\":true}"}`),
	}, first[3])
	require.Equal(t, json.RawMessage(`"not JSON"`), first[5].Payload)
	rest, err := r.db.History(t.Context(), store.HistoryFilter{Execution: failing.trace(), After: first[5].ID})
	require.NoError(t, err)
	require.Len(t, rest, 2)
	some, err := r.db.History(t.Context(), store.HistoryFilter{
		Execution: failing.arn(), Types: []string{"LambdaFunctionFailed", "TaskStateEntered"}, State: "Store",
	})
	require.NoError(t, err)
	require.Len(t, some, 2)
}

func ofStateStatistics(t *testing.T, r *rig) {
	found, err := r.db.StateStatistics(t.Context(), store.StatisticsFilter{
		StateMachines: []string{world}, States: []string{"Store"}, Since: at(0), Until: at(60_000), Step: 20 * time.Second,
	})
	require.NoError(t, err)
	require.Equal(t, store.StateStatistics{Step: 20 * time.Second, Points: []store.StatePoint{
		{Time: at(0), StateMachineARN: machineARN + world, State: "Store", StateCounts: store.StateCounts{
			Visits: 1, Failed: 1, P50: 9000, P95: 9000, P99: 9000, Attempts: 3, Retries: 2, Wait: 0.5, WaitP95: 0.5, Backoff: 4,
		}},
		{Time: at(20_000), StateMachineARN: machineARN + world, State: "Store", StateCounts: store.StateCounts{
			Visits: 1, Succeeded: 1, P50: 1500, P95: 1500, P99: 1500, Attempts: 1, Wait: 0.5, WaitP95: 0.5,
		}},
	}}, found)

	long, err := r.db.StateStatistics(t.Context(), store.StatisticsFilter{
		StateMachines: []string{machineARN + world}, Since: at(0).AddDate(0, 0, -30), Until: at(60_000), Step: 90 * time.Second,
	})
	require.NoError(t, err)
	require.True(t, long.Approximate)
	require.Equal(t, 2*time.Minute, long.Step)
	require.Len(t, long.Points, 2)
	require.Equal(t, []uint64{3, 2, 1}, []uint64{long.Points[0].Visits, long.Points[0].Succeeded, long.Points[0].Caught})
	require.Equal(t, []uint64{2, 1, 1}, []uint64{long.Points[1].Visits, long.Points[1].Succeeded, long.Points[1].Failed})
	require.InEpsilon(t, 9000, long.Points[1].P99, 0.1)

	cut, err := r.db.StateStatistics(t.Context(), store.StatisticsFilter{Since: at(0), Until: at(60_000), Limit: 1})
	require.NoError(t, err)
	require.True(t, cut.Truncated)
	require.Len(t, cut.Points, 1)
}

func ofStateMachinesAndFunctions(t *testing.T, r *rig) {
	machines, err := r.db.StateMachines(t.Context(), store.MachineFilter{Since: at(0)})
	require.NoError(t, err)
	require.Equal(t, []store.StateMachine{{
		ARN: machineARN + world, Name: world, Type: "STANDARD", Revisions: 3, Running: 1, Succeeded: 1, Failed: 1,
		LastStart: at(30_000),
	}}, machines)
	revisions, err := r.db.Revisions(t.Context(), machineARN+world, 2)
	require.NoError(t, err)
	require.Len(t, revisions, 2)
	require.Equal(t, []string{"r2", "r1"}, []string{revisions[0].RevisionID, revisions[1].RevisionID})
	require.JSONEq(t, definition, string(revisions[1].Definition))

	functions, err := r.db.Functions(t.Context(), store.FunctionFilter{Functions: []string{"store"}})
	require.NoError(t, err)
	require.Equal(t, []store.Function{{
		ARN: storeARN, Name: "store", Invocations: 2, Errors: 2, ColdStarts: 1, P50: 900, P95: 900, P99: 900,
		Memory: 512 << 20, LastStart: at(50_000),
	}}, functions)
}

func TestWorkflows(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	t.Run("of a failed execution", func(t *testing.T) {
		w, err := r.db.Workflow(t.Context(), failing.arn())
		require.NoError(t, err)
		require.Equal(t, "FAILED", w.Execution.Status)
		require.Equal(t, "r1", w.Revision.RevisionID)
		require.JSONEq(t, definition, string(w.Revision.Definition))
		require.Equal(t, []store.WorkflowState{
			{
				Name: "Fetch", Type: "Task", Status: "SUCCEEDED", Visits: 1, Succeeded: 1, Attempts: 1,
				FirstStart: at(0), LastEnd: at(1000), Duration: 1000,
			},
			{
				Name: "Store", Type: "Task", Status: "FAILED", Visits: 1, Failed: 1, Attempts: 3, Retries: 2, Error: "Boom",
				Message: "Boom: it broke", FirstStart: at(1000), LastEnd: at(10_000), Duration: 9000,
			},
			{Name: "Both", Status: "NOT_REACHED"},
			{Name: "Left", Status: "NOT_REACHED"},
		}, w.States)
	})
	t.Run("of a running execution", func(t *testing.T) {
		w, err := r.db.Workflow(t.Context(), store.Latest)
		require.NoError(t, err)
		require.Equal(t, []store.WorkflowState{
			{
				Name: "Fetch", Type: "Task", Status: "SUCCEEDED", Visits: 1, Succeeded: 1, FirstStart: at(30_000),
				LastEnd: at(30_100), Duration: 100,
			},
			{Name: "Store", Status: "RUNNING", Visits: 1, Running: 1, Attempts: 1, FirstStart: at(30_100)},
			{Name: "Both", Status: "NOT_REACHED"},
			{Name: "Left", Status: "NOT_REACHED"},
		}, w.States)
	})
	t.Run("of none", func(t *testing.T) {
		_, err := r.db.Workflow(t.Context(), executionARN(world, "none"))
		require.ErrorIs(t, err, store.ErrNotFound)
	})
	t.Run("of all executions", func(t *testing.T) {
		w, err := r.db.AggregateWorkflow(t.Context(), store.AggregateFilter{
			StateMachine: machineARN + world, Since: at(0), Until: at(60_000),
		})
		require.NoError(t, err)
		require.Equal(t, "r1", w.Revision.RevisionID)
		require.Equal(t, []store.AggregateState{
			{Name: "Both", Errors: map[string]uint64{}},
			{Name: "Fetch", StateCounts: store.StateCounts{
				Visits: 3, Succeeded: 2, Caught: 1, P50: 500, P95: 1000, P99: 1000, Attempts: 1, Wait: 0.5, WaitP95: 0.5,
			}, Errors: map[string]uint64{"Odd": 1}},
			{Name: "Left", Errors: map[string]uint64{}},
			{Name: "Store", StateCounts: store.StateCounts{
				Visits: 2, Succeeded: 1, Failed: 1, P50: 9000, P95: 9000, P99: 9000, Attempts: 4, Retries: 2, Wait: 0.5,
				WaitP95: 0.5, Backoff: 4,
			}, Errors: map[string]uint64{"Boom": 1}},
		}, w.States)
		long, err := r.db.AggregateWorkflow(t.Context(), store.AggregateFilter{
			StateMachine: machineARN + world, Since: at(0).AddDate(0, -1, 0), Until: at(60_000),
		})
		require.NoError(t, err)
		require.True(t, long.Approximate)
		require.Equal(t, uint64(2), long.States[3].Visits)
		require.Equal(t, map[string]uint64{"Boom": 1}, long.States[3].Errors)
	})
}

func TestMapRuns(t *testing.T) {
	r := newRig(t)
	parent := run{machine: world, name: "parent"}
	ended, going := "arn:aws:states:eu-west-1:123456789012:mapRun:orders/Each:1", "arn:aws:states:eu-west-1:123456789012:mapRun:orders/Each:2"
	started := func(id, ms int64, arn string) event {
		return parent.event(id, "MapRunStarted", ms, semconv.KindMapRun, id, "Each", `{"mapRunArn":"`+arn+`"}`)
	}
	r.record(world, started(3, 100, ended), started(8, 5000, going))
	r.record(world, started(8, 5000, going), started(3, 100, ended))
	r.write(parent.span(semconv.KindMapRun, "Each", 3, 100, 3000, attrs{semconv.MapRunARN: ended}))
	for n, status := range []string{"ExecutionSucceeded", "ExecutionFailed", "ExecutionSucceeded", ""} {
		child := run{machine: world + "/Each", name: string(rune('a' + n))}
		begin := child.event(1, "ExecutionStarted", 200, semconv.KindExecution, 1, "", "")
		end := child.event(9, status, 900, semconv.KindExecution, 1, "", "")
		begin.started, end.started = 200, 200
		begin.attrs[semconv.MapRunARN], end.attrs[semconv.MapRunARN] = ended, ended
		if status == "" {
			end = begin
		}
		r.record(world, begin, end)
	}
	first := store.MapRun{
		MapRunARN: ended, ExecutionARN: parent.arn(), StateMachineARN: machineARN + world, State: "Each", Status: "SUCCEEDED",
		Start: at(100), End: at(3000), TraceID: parent.trace(), SpanID: parent.id(semconv.KindMapRun, 3),
		Children: store.ChildrenCounts{Running: 1, Succeeded: 2, Failed: 1},
	}
	second := store.MapRun{
		MapRunARN: going, ExecutionARN: parent.arn(), StateMachineARN: machineARN + world, State: "Each", Status: "RUNNING",
		Start: at(5000), TraceID: parent.trace(), SpanID: parent.id(semconv.KindMapRun, 8),
	}
	for name, test := range map[string]struct {
		filter store.MapRunFilter
		want   []store.MapRun
	}{
		"all":    {store.MapRunFilter{StateMachines: []string{world}}, []store.MapRun{second, first}},
		"range":  {store.MapRunFilter{Since: at(100), Until: at(200)}, []store.MapRun{first}},
		"by ARN": {store.MapRunFilter{MapRunARN: going, ExecutionARN: parent.arn()}, []store.MapRun{second}},
		"other":  {store.MapRunFilter{StateMachines: []string{"other"}}, []store.MapRun{}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := r.db.MapRuns(t.Context(), test.filter)
			require.NoError(t, err)
			require.Equal(t, test.want, found)
		})
	}
	children, err := r.db.Executions(t.Context(), store.ExecutionFilter{MapRunARN: ended, Statuses: []string{"FAILED"}})
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, names(children))
}
