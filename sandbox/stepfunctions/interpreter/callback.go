package interpreter

import (
	"sync"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// callbacks are the tasks that can be ended by whoever has their token.
type callbacks struct {
	mu   sync.Mutex
	open map[string]*callback // by token
}

// callback is one attempt of a task as its token's owner sees it.
type callback struct {
	token   string
	history *History
	replies chan reply // has room for the only one

	mu        sync.Mutex
	heartbeat *quartz.Timer // nil when none is due
	interval  time.Duration
}

// expect opens a callback for an attempt.
func (r *run) expect(activityARN string) *callback {
	c := &callback{
		token:   r.newToken(TaskToken{ExecutionARN: r.ARN, ActivityARN: activityARN}),
		history: r.History, replies: make(chan reply, 1),
	}
	r.callbacks.mu.Lock()
	defer r.callbacks.mu.Unlock()
	if r.callbacks.open == nil {
		r.callbacks.open = map[string]*callback{}
	}
	r.callbacks.open[c.token] = c
	return c
}

// close ends the wait for a callback: its token is good for nothing from now on. It reports whether it was open.
func (c *callbacks) close(token string) (*callback, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.open[token]
	delete(c.open, token)
	return found, ok && found.history.Outcome() == nil
}

// CompleteTask ends the task of a token with its result; false when the task has ended.
func (i *Interpreter) CompleteTask(token string, result dataflow.Value) bool {
	return i.callbacks.reply(token, reply{value: result})
}

// FailTask ends the task of a token with an error; false when the task has ended.
func (i *Interpreter) FailTask(token string, failure Failure) bool {
	return i.callbacks.reply(token, reply{failure: &failure})
}

func (c *callbacks) reply(token string, r reply) bool {
	found, ok := c.close(token)
	if ok {
		found.replies <- r
	}
	return ok
}

// Heartbeat says that the task of a token is being worked on; false when the task has ended.
func (i *Interpreter) Heartbeat(token string) bool {
	i.callbacks.mu.Lock()
	found, ok := i.callbacks.open[token]
	i.callbacks.mu.Unlock()
	if !ok || found.history.Outcome() != nil {
		return false
	}
	found.mu.Lock()
	defer found.mu.Unlock()
	if found.heartbeat != nil {
		found.heartbeat.Reset(found.interval)
	}
	return true
}

// watch starts the time within which a heartbeat must come.
func (c *callback) watch(clock quartz.Clock, seconds *int64) (late <-chan time.Time, stop func()) {
	if seconds == nil {
		return nil, func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interval = time.Duration(*seconds) * time.Second
	timer := clock.NewTimer(c.interval, HeartbeatTimer)
	c.heartbeat = timer
	return timer.C, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.heartbeat = nil
		timer.Stop()
	}
}
