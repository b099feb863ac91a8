package store

import (
	"errors"
	"time"
)

const (
	// longestInvocation is AWS's limit for Lambda.
	longestInvocation = 15 * time.Minute
	// invokedBefore is how long before a range attempts are looked at to learn which functions a state machine invokes.
	invokedBefore = 24 * time.Hour
)

// invokedBy selects invocations of the functions that tasks of the state machines invoke, whoever invoked them then.
func (q *query) invokedBy(machines []string, since, until time.Time) {
	if len(machines) == 0 {
		return
	}
	q.where("FunctionArn IN (" + q.functionsOf(machines, since, until) + ")")
}

// calledFor selects what functions of the state machines did in their invocations.
func (q *query) calledFor(machines []string, since, until time.Time) {
	if len(machines) == 0 {
		return
	}
	var invocations query
	invocations.where("FunctionArn IN (" + q.functionsOf(machines, since, until) + ")")
	q.bounds(&invocations, "invoked", since, until, longestInvocation)
	q.where("TraceId IN (SELECT TraceId FROM lambda_invocations WHERE " + invocations.joined() + ")")
}

func (q *query) functionsOf(machines []string, since, until time.Time) string {
	var attempts query
	attempts.machines(machines)
	attempts.where("FunctionArn != ''")
	q.bounds(&attempts, "attempted", since, until, invokedBefore)
	q.params, q.err = append(q.params, attempts.params...), errors.Join(q.err, attempts.err)
	return "SELECT DISTINCT FunctionArn FROM sfn_attempts WHERE " + attempts.joined()
}

// bounds adds a range that begins so much earlier, with parameters of its own, to a question inside of q.
func (q *query) bounds(inner *query, name string, since, until time.Time, earlier time.Duration) {
	if !since.IsZero() {
		inner.where("Start >= fromUnixTimestamp64Nano({" + name + "_since:Int64})")
		q.param(name+"_since", nanoseconds(since.Add(-earlier)))
	}
	if !until.IsZero() {
		inner.where("Start < fromUnixTimestamp64Nano({" + name + "_until:Int64})")
		q.param(name+"_until", nanoseconds(until))
	}
}
