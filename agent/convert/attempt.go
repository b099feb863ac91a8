package convert

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// placeAttempt handles the events of tasks, Lambda functions and activities: Scheduled, Started, Submitted, and the
// ways in which they end.
func (c *Converter) placeAttempt(e *history.Event) *node {
	if strings.HasSuffix(e.Type, "Scheduled") {
		return c.openAttempt(e)
	}
	n := c.previous(e).up(func(n *node) bool { return n.span.Kind == semconv.KindAttempt && n.open })
	c.reveal(n, e)
	if n == nil {
		return c.placeWithoutAttempt(e)
	}
	switch {
	case e.Failed():
		n.fail(e)
		n.failed = true
		n.setError()
		if !n.called.answered {
			n.putText(semconv.AWSRequestID, requestIDOfCause(e.Details.Cause))
		}
		if s := n.called.service; s != nil && s.failed != nil {
			s.failed(n, n.failure)
		}
		n.parent.failure = n.failure
		c.endAttempt(n, e)
	case strings.HasSuffix(e.Type, "Succeeded"):
		if !n.called.token { // that output is what somebody sent with the token
			c.receive(n, e)
		}
		c.endAttempt(n, e)
	case strings.HasSuffix(e.Type, "Started"):
		n.span.Events = append(n.span.Events, SpanEvent{Name: "started", Time: e.Time})
		n.put(attribute.Float64(semconv.QueueSeconds, seconds(e.Time.Sub(n.span.Start))))
		n.putText(semconv.ActivityWorker, gjson.ParseBytes(e.Details.Other("workerName")).String())
	case strings.HasSuffix(e.Type, "Submitted"):
		c.receive(n, e)
		n.called.answered = n.called.token
		n.span.Events = append(n.span.Events, SpanEvent{Name: "submitted", Time: e.Time})
	}
	return n
}

func (c *Converter) endAttempt(n *node, e *history.Event) {
	c.close(n, e.Time)
	n.parent.attemptsEnd = n.span.End
	c.pool.add(n.parent)
}

// placeWithoutAttempt takes a failure to schedule, which has no attempt, as the state's own.
func (c *Converter) placeWithoutAttempt(e *history.Event) *node {
	n := c.previous(e)
	if state := n.up(func(n *node) bool { return n.open && n.isState("Task") }); state != nil && e.Failed() {
		state.fail(e)
		return state
	}
	return n
}

func (c *Converter) openAttempt(e *history.Event) *node {
	r := c.resource(e)
	state := c.attemptState(e, r.spanName())
	n := c.open(state, semconv.KindAttempt, r.spanName(), e)
	n.set(attribute.Int(semconv.RetryCount, state.attempts))
	if state.state != "" {
		n.set(attribute.String(semconv.StateName, state.state))
	}
	c.describe(n, &r)
	n.given(&e.Details)
	if state.attempts > 0 && !state.attemptsEnd.IsZero() {
		n.set(attribute.Float64(semconv.BackoffSeconds, seconds(n.span.Start.Sub(state.attemptsEnd))))
	}
	state.attempts++
	state.failure, state.called.name = nil, n.span.Name
	return n
}

// attemptState is the Task state that the attempt is for: around the previous event, which is the state's entry or the
// attempt before; after a redrive the oldest one that has no attempt under way, of those that call the same first.
func (c *Converter) attemptState(e *history.Event, calls string) *node {
	if n := c.previous(e).up(func(n *node) bool { return n.open && n.isState("Task") }); n != nil {
		return n
	}
	if n := c.oldest(idleCalling, calls, 0); n != nil {
		return n
	}
	if n := c.oldest(idle, "", 0); n != nil {
		return n
	}
	return c.root
}

// given says how long the attempt may take, and as whom.
func (n *node) given(d *history.Details) {
	for _, limit := range []struct{ member, key string }{
		{"timeoutInSeconds", semconv.Timeout}, {"heartbeatInSeconds", semconv.Heartbeat},
	} {
		if v := gjson.ParseBytes(d.Other(limit.member)); v.Type == gjson.Number {
			n.set(attribute.Int64(limit.key, v.Int()))
		}
	}
	n.putText(semconv.TaskRole, gjson.GetBytes(d.Other("taskCredentials"), "roleArn").String())
}

func seconds(d time.Duration) float64 { return max(d, 0).Seconds() }
