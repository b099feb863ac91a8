package interpreter

import (
	"context"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// reply is how an attempt ended.
type reply struct {
	value    dataflow.Value
	failure  *Failure
	timedOut bool
	silent   bool // it timed out because no heartbeat came
}

// limits are the times after which an attempt is given up.
type limits struct{ timeout, heartbeat <-chan time.Time }

// limit starts the times that a task allows an attempt. Heartbeats are due only from who has a token.
func (f *flow) limit(target integration, p plan) (l limits, stop func()) {
	var stopTimeout func()
	stopHeartbeat := func() {}
	l.timeout, stopTimeout = f.timeout(p)
	if target.activity != "" || target.pattern == waitForTaskToken {
		l.heartbeat, stopHeartbeat = p.callback.watch(f.Clock, p.heartbeat)
	}
	return l, func() { stopTimeout(); stopHeartbeat() }
}

func (f *flow) timeout(p plan) (<-chan time.Time, func()) {
	if p.timeout == nil {
		return nil, func() {}
	}
	timer := f.Clock.NewTimer(time.Duration(*p.timeout)*time.Second, TimeoutTimer)
	return timer.C, func() { timer.Stop() }
}

// wait waits for a reply, no longer than the limits and the context allow.
func (l limits) wait(ctx context.Context, replies ...<-chan reply) (reply, error) {
	replies = append(replies, nil, nil) // nothing ever comes from nil
	select {
	case r := <-replies[0]:
		return r, nil
	case r := <-replies[1]:
		return r, nil
	case <-l.timeout:
		failure := timeoutFailure()
		return reply{failure: &failure, timedOut: true}, nil
	case <-l.heartbeat:
		failure := timeoutFailure()
		return reply{failure: &failure, timedOut: true, silent: true}, nil
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	}
}

// await makes the call and waits for what the pattern says. The call itself goes on when nobody waits for it any more,
// as AWS stops nothing that it has started but executions under .sync.
func (f *flow) await(ctx context.Context, target integration, p plan) (reply, error) {
	limits, stop := f.limit(target, p)
	defer stop()
	done := make(chan reply, 1)
	f.calls.Go(func() {
		value, failure := target.call(f.background, p.arguments)
		done <- reply{value: value, failure: failure}
	})
	r, err := limits.wait(ctx, done)
	if f.background.Err() != nil { // everything ends, and the call has failed of that
		return reply{}, f.background.Err()
	}
	if err != nil || r.failure != nil || target.pattern == requestResponse {
		return r, err
	}
	if r.failure = tooLarge(dataflow.CheckSize(target.label, r.value)); r.failure != nil {
		return r, nil
	}
	submitted := target.details(outputDetails(jsonvalue.Text(r.value)))
	if err := f.emit(ctx, "TaskSubmitted", submitted); err != nil {
		return reply{}, err
	}
	if target.pattern == waitForTaskToken {
		return limits.wait(ctx, p.callback.replies)
	}
	return f.awaitExecution(ctx, limits, target, p, r.value)
}
