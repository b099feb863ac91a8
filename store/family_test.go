package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// whole is an execution with one task, and what of its life the history tells.
func (e run) whole(start, end int64, more ...attrs) []span {
	return []span{
		e.span(semconv.KindExecution, e.name, 1, start, end, attrs{semconv.ExecutionStatus: "SUCCEEDED"}),
		e.state("Task", 2, start, end, ""),
		func() span {
			s := e.attempt("Task", 2, 3, 0, start, end, "")
			for _, m := range more {
				for k, v := range m {
					s.attrs[k] = v
				}
			}
			return s
		}(),
	}
}

func (r *rig) life(e run, start, end int64, status string, more attrs) {
	events := []event{e.event(1, "ExecutionStarted", start, semconv.KindExecution, 1, "", "")}
	if status != "" {
		events = append(events, e.event(9, status, end, semconv.KindExecution, 1, "", ""))
	}
	for n := range events {
		events[n].started = start
		for k, v := range more {
			events[n].attrs[k] = v
		}
	}
	r.record(e.machine, events...)
}

// An upload by a Lambda starts grandparent, whose task starts parent, whose Lambda starts child, which runs.
func TestATraceIsUnitedWithWhatStartedItAndWhatItStarted(t *testing.T) {
	r := newRig(t)
	grandparent, parent, child := run{machine: "first", name: "g"}, run{machine: "second", name: "p"}, run{machine: "third", name: "c"}
	object := attrs{semconv.S3Bucket: "b", semconv.S3Key: "k/1.jpg", semconv.S3ETag: "e"}
	call := func(n int, name string, start int64, more attrs) span {
		more[semconv.RPCMethod] = name
		return span{
			trace: tid(n), id: sid(n + 1), parent: sid(n), name: name, kind: semconv.KindCall, start: start, end: start + 5,
			service: "fn", otelKind: ptrace.SpanKindClient, attrs: more,
		}
	}
	invoked := func(n int, start int64, more attrs) span {
		return span{trace: tid(n), id: sid(n), name: "fn", kind: semconv.KindInvocation, start: start, end: start + 90, service: "fn", attrs: more}
	}
	write := []func(){
		func() {
			trigger := grandparent.span(semconv.KindTrigger, "S3 PutObject", 0, 500, 1000, object)
			all := grandparent.whole(1000, 4000, attrs{semconv.ChildExecutionARN: parent.arn()})
			all[0].parent = trigger.id
			r.write(append(all, trigger)...)
			r.life(grandparent, 1000, 4000, "ExecutionSucceeded", nil)
		},
		func() {
			r.write(parent.whole(1100, 3000, attrs{semconv.LambdaInvokedARN: metadataARN, semconv.AWSRequestID: "req"})...)
			r.life(parent, 1100, 3000, "ExecutionSucceeded", nil)
		},
		func() {
			r.write(invoked(700, 1200, attrs{semconv.LambdaInvokedARN: metadataARN, semconv.FaaSInvocationID: "req"}),
				call(700, "StartExecution", 1210, attrs{semconv.ChildExecutionARN: child.arn()}))
		},
		func() { r.life(child, 1300, 0, "", nil); r.write(child.whole(1300, 1400)[1:]...) },
		func() {
			r.write(invoked(800, 100, nil), call(800, "PutObject", 110, object))
			r.write(call(810, "PutObject", 110, attrs{semconv.S3Bucket: "b", semconv.S3Key: "other", semconv.S3ETag: "e"}))
		},
	}
	for _, n := range []int{3, 1, 4, 0, 2} { // in no order
		write[n]()
		write[n]()
	}
	const drawing = `
invocation fn
  call PutObject
    trigger S3 PutObject <object 0.9>
      execution g
        state Task
          attempt Task
            execution p <arn 1>
              state Task
                attempt Task
                  invocation fn <request_id 1>
                    call StartExecution
`
	trace, err := r.db.Trace(t.Context(), grandparent.arn())
	require.NoError(t, err)
	require.Equal(t, drawing+"state Task\n  attempt Task\n", drawn(trace), "a child that runs has no root yet")
	require.Equal(t, grandparent.arn(), trace.ExecutionARN)
	require.False(t, trace.Truncated)
	require.Equal(t, []string{"1 second p SUCCEEDED", "2 third c RUNNING"}, childrenOf(trace))
	require.Equal(t, grandparent.id(semconv.KindAttempt, 3), trace.Children[0].SpanID)
	require.Equal(t, sid(701), trace.Children[1].SpanID)

	r.write(child.whole(1300, 1400)...)
	for _, ref := range []string{grandparent.arn(), parent.arn(), child.arn(), tid(700)} {
		trace, err := r.db.Trace(t.Context(), ref)
		require.NoError(t, err)
		require.True(t, trace.Connected(), drawn(trace))
		require.Contains(t, drawn(trace), "\n                      execution c <arn 1>\n", ref)
		require.Contains(t, drawn(trace), "<object 0.9>")
	}
	alone, err := r.db.TraceWithin(t.Context(), parent.arn(), store.TraceBounds{})
	require.NoError(t, err)
	require.Len(t, alone.Spans, 5)
	near, err := r.db.TraceWithin(t.Context(), grandparent.arn(), store.TraceBounds{Levels: 1, Children: 1})
	require.NoError(t, err)
	require.True(t, near.Truncated, "the child's child is not there")
	require.Equal(t, []string{"1 second p SUCCEEDED"}, childrenOf(near))
}

func childrenOf(t store.Trace) []string {
	var all []string
	for _, c := range t.Children {
		all = append(all, fmt.Sprint(c.Level, " ", c.StateMachine, " ", c.Name, " ", c.Status))
	}
	return all
}

func TestOfManyChildrenTheFailedOnesComeFirst(t *testing.T) {
	r := newRig(t)
	parent, arn := run{machine: "batch", name: "p"}, "arn:aws:states:eu-west-1:123456789012:mapRun:batch/Each:1"
	all := parent.whole(0, 9000)
	mapRun := parent.span(semconv.KindMapRun, "Each", 4, 10, 8000, attrs{semconv.MapRunARN: arn})
	mapRun.parent = all[1].id
	r.write(append(all, mapRun)...)
	r.life(parent, 0, 9000, "ExecutionSucceeded", nil)
	for n, status := range []string{"Succeeded", "Succeeded", "Failed", "Succeeded", "TimedOut", "Aborted", ""} {
		child := run{machine: "batch/Each", name: fmt.Sprint(n)}
		r.life(child, int64(20+n), 100, "Execution"+status, attrs{semconv.MapRunARN: arn})
		spans := child.whole(int64(20+n), 100)
		spans[0].attrs[semconv.MapRunARN] = arn
		r.write(spans...)
		r.write(spans...)
	}
	trace, err := r.db.TraceWithin(t.Context(), parent.arn(), store.TraceBounds{Levels: 2, Children: 3})
	require.NoError(t, err)
	require.True(t, trace.Truncated)
	require.Equal(t, []string{"1 batch/Each 2 FAILED", "1 batch/Each 4 TIMED_OUT", "1 batch/Each 5 ABORTED"}, childrenOf(trace))
	require.Equal(t, []store.OmittedChildren{{
		SpanID: mapRun.id, ChildrenCounts: store.ChildrenCounts{Running: 1, Succeeded: 3},
	}}, trace.Omitted)
	require.True(t, trace.Connected())
	require.Contains(t, drawn(trace), "map_run Each\n      execution 2 <arn 1>\n")

	one, err := r.db.Trace(t.Context(), executionARN("batch/Each", "4"))
	require.NoError(t, err)
	require.Equal(t, `
execution p
  state Task
    map_run Each
      execution 4 <arn 1>
        state Task
          attempt Task
`, drawn(one))
}

// What says of itself that it started itself does not make a read endless.
func TestExecutionsThatStartEachOther(t *testing.T) {
	r := newRig(t)
	a, b := run{machine: "m", name: "a"}, run{machine: "m", name: "b"}
	r.write(a.whole(0, 10, attrs{semconv.ChildExecutionARN: b.arn()})...)
	r.write(b.whole(0, 10, attrs{semconv.ChildExecutionARN: a.arn()})...)
	c := run{machine: "m", name: "c"}
	r.write(c.whole(0, 10, attrs{semconv.ChildExecutionARN: c.arn()})...)
	trace, err := r.db.Trace(t.Context(), a.arn())
	require.NoError(t, err)
	require.Len(t, trace.Spans, 6)
	require.True(t, trace.Connected())
	trace, err = r.db.Trace(t.Context(), c.arn())
	require.NoError(t, err)
	require.Len(t, trace.Spans, 3)
	require.True(t, trace.Connected())
}

// The execution's X-Ray header leads to invocations of which nothing else is known.
func TestInvocationsAreJoinedByXRay(t *testing.T) {
	r := newRig(t)
	e := run{machine: "m", name: "x"}
	spans := e.whole(0, 1000, attrs{semconv.LambdaInvokedARN: metadataARN})
	spans[0].attrs[semconv.XRayTraceHeader] = "Root=1-0-a;Sampled=1"
	r.write(spans...)
	for n, root := range []string{"1-0-a", "1-0-b"} {
		i := invocation(50+n, metadataARN, "", 100, 200, "GetObject")
		i[0].attrs[semconv.XRayTraceHeader] = "Root=" + root + ";Parent=53995c3f42cd8ad8;Sampled=1"
		delete(i[0].attrs, semconv.PayloadFingerprint)
		r.write(i...)
		r.write(i...)
	}
	trace, err := r.db.Trace(t.Context(), e.arn())
	require.NoError(t, err)
	require.Equal(t, `
execution x
  state Task
    attempt Task
      invocation metadata <xray 0.9>
        call GetObject
`, drawn(trace))
}
