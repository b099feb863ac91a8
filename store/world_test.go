package store_test

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// run is an execution to be written, as the agent would tell of it.
type run struct {
	machine, name string
	redrive       int
}

func (e run) arn() string { return executionARN(e.machine, e.name) }

func (e run) trace() string { return traceID(e.arn()) }

// id is that of the span that the history event opened.
func (e run) id(kind string, event int64) string {
	return spanid.Span(kind, e.arn(), e.redrive, event).String()
}

// span is one of the execution's, opened by the event.
func (e run) span(kind, name string, event, start, end int64, more ...attrs) span {
	s := span{
		trace: e.trace(), id: e.id(kind, event), name: name, kind: kind, start: start, end: end, service: e.machine,
		otelKind: ptrace.SpanKindInternal,
		attrs: attrs{
			semconv.ExecutionARN: e.arn(), semconv.RedriveCount: e.redrive, semconv.EventID: event, semconv.StateName: name,
		},
		resource: attrs{semconv.StateMachineARN: machineARN + e.machine, semconv.StateMachineName: e.machine},
	}
	for _, m := range more {
		for k, v := range m {
			s.attrs[k] = v
		}
	}
	return s
}

// state is a visit of a state, which failed with the error if there is one.
func (e run) state(name string, event, start, end int64, failure string) span {
	s := e.span(semconv.KindState, name, event, start, end, attrs{semconv.StateType: "Task"})
	s.parent = e.id(semconv.KindExecution, 1)
	if failure != "" {
		s.failure, s.attrs[semconv.Error] = failure+": it broke", failure
	}
	return s
}

// attempt is the n-th retry of a task in the state that the event entered.
func (e run) attempt(name string, state, event int64, retry int, start, end int64, failure string) span {
	s := e.span(semconv.KindAttempt, name, event, start, end, attrs{
		semconv.RetryCount: retry, semconv.QueueSeconds: 0.5, semconv.ResourceType: "lambda",
	})
	if retry > 0 {
		s.attrs[semconv.BackoffSeconds] = 2.0
	}
	s.parent = e.id(semconv.KindState, state)
	if failure != "" {
		s.failure, s.attrs[semconv.Error] = failure+": it broke", failure
	}
	return s
}

// event is one of the execution's history, about the span that the event "of" opened.
func (e run) event(id int64, typ string, ms int64, kind string, of int64, state, body string) event {
	v := event{
		arn: e.arn(), trace: e.trace(), span: e.id(kind, of), kind: typ, id: id, ms: ms, redrive: int64(e.redrive), body: body,
		attrs: attrs{semconv.Kind: kind, semconv.PreviousEventID: id - 1},
	}
	if state != "" {
		v.attrs[semconv.StateName] = state
	}
	return v
}

const world = "orders"

// failing is an execution that fetches, tries to store three times, and fails; happy one that stores at once; running
// one that has entered Store.
var (
	failing = run{machine: world, name: "failing"}
	happy   = run{machine: world, name: "happy"}
	running = run{machine: world, name: "running"}
)

const definition = `{"StartAt":"Fetch","States":{"Fetch":{"Type":"Task","Resource":"r","Next":"Both"},
"Both":{"Type":"Parallel","Next":"Store","Branches":[{"StartAt":"Left","States":{"Left":{"Type":"Pass","End":true}}}]},
"Store":{"Type":"Task","Resource":"r","End":true}}}`

// writeWorld stores the executions above, with what their Lambdas did, twice and in other batches.
func (r *rig) writeWorld() {
	r.t.Helper()
	spans, events := worldSpans(), worldEvents()
	r.write(spans...)
	r.record(world, events...)
	r.write(append(spans[5:len(spans):len(spans)], spans[0])...)
	r.write(append(spans[:7:7], spans[len(spans)-1])...)
	r.record(world, append(events[5:len(events):len(events)], events[0])...)
	r.record(world, append(events[:7:7], events[len(events)-1])...)
	r.record(world, definedAt(-1000, "", `{"StartAt":"Old","States":{"Old":{"Type":"Succeed"}}}`))
	r.record(world, definedAt(0, "r1", definition), definedAt(0, "r1", definition))
	r.record(world, definedAt(90_000_000, "r2", `{"StartAt":"New","States":{"New":{"Type":"Succeed"}}}`))
}

func definedAt(ms int64, revision, text string) event {
	return event{
		trace: tid(900), kind: "StateMachineDefined", ms: ms, body: text, attrs: attrs{
			"aws.step_functions.state_machine.revision_id": revision, "aws.step_functions.state_machine.type": "STANDARD",
		},
	}
}

func worldSpans() []span {
	caught := happy.state("Fetch", 2, 20_000, 20_500, "")
	caught.attrs[semconv.CaughtError] = "Odd"
	root := failing.span(semconv.KindExecution, world, 1, 0, 10_000, attrs{semconv.ExecutionStatus: "FAILED"})
	root.failure = "Boom: it broke"
	ended := happy.span(semconv.KindExecution, world, 1, 20_000, 22_000, attrs{semconv.ExecutionStatus: "SUCCEEDED"})
	return append([]span{
		root,
		failing.state("Fetch", 2, 0, 1000, ""),
		failing.attempt("Fetch", 2, 3, 0, 0, 1000, ""),
		failing.state("Store", 7, 1000, 10_000, "Boom"),
		failing.attempt("Store", 7, 8, 0, 1000, 2000, "Boom"),
		failing.attempt("Store", 7, 10, 1, 4000, 5000, "Boom"),
		failing.attempt("Store", 7, 12, 2, 9000, 10_000, "Boom"),
		ended, caught,
		happy.state("Store", 7, 20_500, 22_000, ""),
		happy.attempt("Store", 7, 8, 0, 20_500, 22_000, ""),
		running.state("Fetch", 2, 30_000, 30_100, ""),
	}, worldLambdas()...)
}

const storeARN = "arn:aws:lambda:eu-west-1:123456789012:function:store"

// worldLambdas are two invocations in traces of their own: one of the failing execution's last attempt, which took
// 900.2 ms with 512 MiB, and one that nobody knows.
func worldLambdas() []span {
	var spans []span
	for n, start := range []int64{9050, 50_000} {
		id := 500 + n
		spans = append(spans, span{
			trace: tid(id), id: sid(id), name: "store", kind: semconv.KindInvocation, start: start, end: start + 900,
			service: "store", otelKind: ptrace.SpanKindServer, failure: "Boom",
			resource: attrs{semconv.FaaSMaxMemory: 512 << 20, semconv.CloudResourceID: storeARN},
			attrs: attrs{
				semconv.LambdaInvokedARN: storeARN, semconv.FaaSInvocationID: fmt.Sprint("request-", id),
				semconv.FaaSColdStart: n == 0, semconv.ErrorType: "Boom",
			},
		}, span{
			trace: tid(id), id: sid(id + 100), parent: sid(id), name: "DynamoDB.PutItem", kind: semconv.KindCall,
			start: start + 100, end: start + 200 + 100*int64(n), service: "store", otelKind: ptrace.SpanKindClient,
			failure: "ProvisionedThroughputExceededException: slow down",
			attrs: attrs{
				semconv.RPCService: "DynamoDB", semconv.RPCMethod: "PutItem", semconv.HTTPResendCount: 2,
				semconv.HTTPStatus: 400, semconv.DynamoDBTables: []any{"orders"},
				semconv.ErrorType: "ProvisionedThroughputExceededException",
			},
		})
	}
	return spans
}

func worldEvents() []event {
	started := func(e run, ms int64, input string) event {
		v := e.event(1, "ExecutionStarted", ms, semconv.KindExecution, 1, "", input)
		v.started = ms
		return v
	}
	failed := failing.event(14, "ExecutionFailed", 10_000, semconv.KindExecution, 1, "", `{"error":"Boom","cause":"it broke"}`)
	succeeded := happy.event(10, "ExecutionSucceeded", 22_000, semconv.KindExecution, 1, "", `{"output":"{}"}`)
	succeeded.started = 20_000
	return []event{
		started(failing, 0, `{"input":"{\"order\":\"A-4711\",\"customer\":\"Zoë\"}"}`),
		failing.event(2, "TaskStateEntered", 0, semconv.KindState, 2, "Fetch", "{}"),
		failing.event(3, "LambdaFunctionScheduled", 0, semconv.KindAttempt, 3, "Fetch", "{}"),
		failing.event(5, "LambdaFunctionSucceeded", 1000, semconv.KindAttempt, 3, "Fetch", `{"output":"{\"ok\":true}"}`),
		failing.event(6, "TaskStateExited", 1000, semconv.KindState, 2, "Fetch", "{}"),
		failing.event(7, "TaskStateEntered", 1000, semconv.KindState, 7, "Store", "not JSON"),
		failing.event(13, "LambdaFunctionFailed", 10_000, semconv.KindAttempt, 12, "Store", `{"error":"Boom"}`),
		failed,
		started(happy, 20_000, `{"input":"{\"order\":\"B-1\"}"}`), succeeded,
		started(running, 30_000, `{"input":"{\"order\":\"C-1\"}"}`),
		running.event(2, "TaskStateEntered", 30_000, semconv.KindState, 2, "Fetch", "{}"),
		running.event(6, "TaskStateExited", 30_100, semconv.KindState, 2, "Fetch", "{}"),
		running.event(7, "TaskStateEntered", 30_100, semconv.KindState, 7, "Store", "{}"),
		running.event(8, "LambdaFunctionScheduled", 30_100, semconv.KindAttempt, 8, "Store", "{}"),
	}
}
