package convert

import (
	"strings"
	"time"

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
	if n == nil {
		return c.placeWithoutAttempt(e)
	}
	c.reveal(n, e)
	switch {
	case e.Failed():
		n.fail(e)
		n.failed = true
		n.setError()
		n.requestID(requestIDOfCause(e.Details.Cause))
		n.parent.failure = n.failure
		c.endAttempt(n, e)
	case strings.HasSuffix(e.Type, "Succeeded"):
		n.requestID(requestIDOfOutput(e.Details.Output))
		c.endAttempt(n, e)
	case strings.HasSuffix(e.Type, "Started"):
		n.span.Events = append(n.span.Events, SpanEvent{Name: "started", Time: e.Time})
		n.set(attribute.Float64(semconv.QueueSeconds, seconds(e.Time.Sub(n.span.Start))))
	case strings.HasSuffix(e.Type, "Submitted"):
		n.requestID(requestIDOfOutput(e.Details.Output))
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
	r := resourceOf(e, c.identity)
	if c.payloads.noFingerprints {
		r.payload = ""
	}
	state := c.attemptState(e, r.spanName())
	n := c.open(state, semconv.KindAttempt, r.spanName(), e)
	n.set(attribute.Int(semconv.RetryCount, state.attempts))
	if state.state != "" {
		n.set(attribute.String(semconv.StateName, state.state))
	}
	n.set(r.attributes()...)
	if state.attempts > 0 && !state.attemptsEnd.IsZero() {
		n.set(attribute.Float64(semconv.BackoffSeconds, seconds(n.span.Start.Sub(state.attemptsEnd))))
	}
	state.attempts++
	state.failure, state.called = nil, n.span.Name
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

func (n *node) requestID(id string) {
	if id == "" {
		return
	}
	for i, a := range n.span.Attributes {
		if string(a.Key) == semconv.AWSRequestID {
			n.span.Attributes[i] = attribute.String(semconv.AWSRequestID, id)
			return
		}
	}
	n.set(attribute.String(semconv.AWSRequestID, id))
}

func seconds(d time.Duration) float64 { return max(d, 0).Seconds() }
