package convert

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// Bounds of what a span repeats of an error; the log record has all of it.
const (
	maxCause   = 8 << 10
	maxMessage = 1 << 10
)

// fail notes the failure that the event reports. Whether it ends the span, later events tell.
func (n *node) fail(e *history.Event) {
	n.failure = &failure{name: e.Details.Error, cause: n.payloads.exposedCause(e.Details.Cause), at: e.Time}
}

// conclude notes when the span ended, once.
func (n *node) conclude(at time.Time) {
	if n.concluded.IsZero() {
		n.concluded = at
	}
}

// blame marks as failed what the event with the given id, below the container, led to the container's failure: the
// chain of spans from its own up to the container. Without such an event it is every span with a failure of its own.
func (c *Converter) blame(container *node, eventID int64, at time.Time) {
	culprit := c.owners.of(eventID)
	if culprit != nil && culprit.within(container) {
		c.blameChain(culprit, container, at)
		return
	}
	for _, n := range container.below(func(n *node) bool { return n.failure != nil }) {
		c.blameChain(n, container, at)
	}
}

func (c *Converter) blameChain(n, container *node, at time.Time) {
	var inherited *failure
	for ; n != container; n = n.parent {
		if n.failure == nil {
			n.failure = inherited
		}
		inherited = n.failure
		if !n.open || n.failed || n.span.Kind == semconv.KindAttempt {
			continue
		}
		n.failed = true
		if n.failure != nil && n.endsAtFailure() {
			n.concluded = n.failure.at
		}
		n.conclude(at)
	}
	if container.failure == nil {
		container.failure = inherited
	}
}

// endsAtFailure is true for the states that an event of their own reports failed. Parallel and Map take the failure
// from below and end after it, and a Fail state ends when something around it does.
func (n *node) endsAtFailure() bool {
	return n.span.Kind == semconv.KindState && n.typ != "Parallel" && n.typ != "Map" && n.typ != "Fail"
}

// below lists the open nodes under n that fit, oldest first.
func (n *node) below(fits func(*node) bool) []*node {
	var found []*node
	n.walk(func(m *node) {
		if m != n && fits(m) {
			found = append(found, m)
		}
	})
	slices.SortFunc(found, byEvent)
	return found
}

func byEvent(a, b *node) int { return cmp.Compare(a.event, b.event) }

// settle closes all that is open below n, which ends at the given time: what failed as failed, what was running as
// aborted.
func (c *Converter) settle(n *node, at time.Time) {
	children := slices.Clone(n.children)
	slices.SortFunc(children, byEvent)
	for _, child := range children {
		if child.failed {
			child.inherit(n.failure)
		}
		child.cut = len(child.children) > 0
		c.settle(child, child.endWithin(at))
		c.closeUnfinished(child, at)
	}
}

func (n *node) endWithin(at time.Time) time.Time {
	if n.concluded.IsZero() {
		return at
	}
	return n.concluded
}

// inherit takes the error that an enclosing span is known to have failed with: Fail states, and everything that has
// no failure event of its own, report none.
func (n *node) inherit(f *failure) {
	if f != nil && (n.failure == nil || n.failure.name == "" && n.failure.cause == "") {
		n.failure = &failure{name: f.name, cause: f.cause, at: f.at}
	}
}

func (c *Converter) closeUnfinished(n *node, at time.Time) {
	end := n.endWithin(at)
	switch {
	case n.failed:
		n.setError()
	case n.completed():
		end = n.inner
	default:
		n.set(attribute.Bool(semconv.Aborted, true))
	}
	if c.done && n.span.Kind != semconv.KindAttempt {
		c.suspended = append(c.suspended, n)
	}
	c.close(n, end)
}

// completed is true for a branch all of whose states have ended: no event says that a branch has.
func (n *node) completed() bool {
	return n.span.Kind == semconv.KindBranch && !n.inner.IsZero() && !n.cut
}

// setError gives the span the status ERROR with its failure's error and cause.
func (n *node) setError() {
	n.span.Status = codes.Error
	if n.failure != nil {
		n.span.Message = n.failure.message()
	}
	n.setCause()
}

func (n *node) setCause() {
	f := n.failure
	if f == nil {
		return
	}
	if f.name != "" {
		n.set(attribute.String(semconv.Error, f.name), attribute.String(semconv.ErrorType, f.name))
	}
	if f.cause != "" {
		n.set(attribute.String(semconv.Cause, clip(f.cause, maxCause)))
	}
}

// message is the error and, of the cause, what a person reads first: a Lambda's cause is JSON around its message.
func (f *failure) message() string {
	cause := f.cause
	if !strings.HasPrefix(cause, "{") {
		return f.text(cause)
	}
	var lambda struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(cause), &lambda) == nil && lambda.ErrorMessage != "" {
		cause = lambda.ErrorMessage
	}
	return f.text(cause)
}

func (f *failure) text(cause string) string {
	switch {
	case cause == "":
		return clip(f.name, maxMessage)
	case f.name == "":
		return clip(cause, maxMessage)
	}
	return clip(f.name+": "+cause, maxMessage)
}

// clip cuts a text to at most the given bytes, between characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// errorName is empty when no event named the error.
func (f *failure) errorName() string {
	if f == nil {
		return ""
	}
	return f.name
}
