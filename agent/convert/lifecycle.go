package convert

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// firstEvent is the id of ExecutionStarted in every history. The execution's span is named after it even when the
// history at hand begins later.
const firstEvent = 1

// start opens the execution's span, and before it the one of what triggered the execution.
func (c *Converter) start(e *history.Event) {
	first := *e
	first.ID = firstEvent
	if e.Type != "ExecutionStarted" && !c.started.IsZero() && c.started.Before(e.Time) {
		first.Time = c.started
	}
	c.root = c.open(nil, semconv.KindExecution, c.identity.stateMachine, &first)
	c.root.set(attribute.String(semconv.ExecutionName, c.identity.execution))
	if c.mapRun != "" {
		c.root.set(attribute.String(semconv.MapRunARN, c.mapRun))
	}
	if e.Type == "ExecutionStarted" {
		c.trigger(e)
	}
}

func (c *Converter) placeExecution(e *history.Event) *node {
	switch e.Type {
	case "ExecutionSucceeded":
		c.end(e, "SUCCEEDED")
	case "ExecutionFailed":
		c.root.fail(e)
		c.blame(c.root, blamed(e), e.Time)
		c.root.failed = true
		c.end(e, "FAILED")
	case "ExecutionTimedOut":
		c.root.fail(e)
		c.root.failed = true
		c.end(e, "TIMED_OUT")
	case "ExecutionAborted":
		c.root.fail(e)
		c.end(e, "ABORTED")
	case "ExecutionRedriven":
		c.reopen(e)
	}
	return c.root
}

var enteredAt = regexp.MustCompile(`^An error occurred while executing the state .* \(entered at the event id #(\d+)\)`)

// blamed is the event that led to the execution's failure. Older histories link it to none; where a state failed
// without an event of its own, the cause names the event that entered it.
func blamed(e *history.Event) int64 {
	found := enteredAt.FindStringSubmatch(e.Details.Cause)
	if e.PreviousID != 0 || found == nil {
		return e.PreviousID
	}
	id, _ := strconv.ParseInt(found[1], 10, 64) // more digits than an id has name no event
	return id
}

// end closes everything. Later events can only be those of a redrive.
func (c *Converter) end(e *history.Event, status string) {
	c.done = true
	c.suspended = nil
	root := c.root
	before := slices.Clone(root.span.Attributes)
	root.set(attribute.String(semconv.ExecutionStatus, status))
	c.settle(root, e.Time)
	switch {
	case root.failed:
		root.setError()
	case status == "ABORTED":
		root.set(attribute.Bool(semconv.Aborted, true))
		root.setCause()
	}
	c.close(root, e.Time)
	root.span.Attributes, root.span.Status, root.span.Message = before, codes.Unset, ""
}

// reopen follows a redrive: what the end of the execution cut off goes on, under the same span ids; it comes out again
// when it ends. Attempts are not resumed, there are new ones.
func (c *Converter) reopen(e *history.Event) {
	if !c.done {
		return
	}
	c.redrive++
	if e.Details.RedriveCount != nil {
		c.redrive = int(*e.Details.RedriveCount)
	}
	c.done = false
	c.root.resume(nil)
	for _, n := range slices.Backward(c.suspended) {
		if n.typ != "Fail" && n.parent.open {
			n.resume(n.parent)
			c.pool.add(n)
		}
	}
	c.suspended = nil
}

func (n *node) resume(parent *node) {
	n.resumed = true
	n.open, n.failed, n.aborted, n.cut, n.failure, n.abortable = true, false, false, false, nil, nil
	n.concluded, n.attempts, n.attemptsEnd = time.Time{}, 0, time.Time{}
	n.span.Status, n.span.Message = codes.Unset, ""
	n.span.Attributes = slices.DeleteFunc(slices.Clone(n.span.Attributes), func(a attribute.KeyValue) bool {
		switch string(a.Key) {
		case semconv.Error, semconv.ErrorType, semconv.Cause, semconv.Aborted:
			return true
		}
		return false
	})
	if parent != nil {
		parent.adopt(n)
	}
}
