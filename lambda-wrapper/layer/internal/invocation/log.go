// Package invocation makes spans of what the Runtime API's traffic tells of a function's invocations.
package invocation

import (
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/adopt"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/runtimeapi"
)

// maxOpen bounds the invocations that are remembered before their answer. Lambda gives an environment at most 64.
const maxOpen = 128

// Invocation is one of the function.
type Invocation struct {
	adopt.Invocation

	requestID string
	arn       string
	xray      string
	deadline  time.Time
	coldStart bool
	left      time.Time // when the runtime asked for another one without an answer to this one
	event     event
	outcome   outcome
	cause     cause
}

// Log has the invocations that go on, and those that are over until they are taken.
type Log struct {
	mu      sync.Mutex
	warm    bool // the next invocation is no cold start
	asked   bool // the runtime has asked for an invocation
	died    bool // the runtime is gone
	open    []*Invocation
	begun   []*Invocation // not taken yet
	ended   []*Invocation // not taken yet
	last    string        // the request that was answered last, until it was awaited
	changed chan struct{} // closed at each change
}

// NewLog is a log of a new environment; provisioned ones do not count as cold.
func NewLog(provisioned bool) *Log { return &Log{warm: provisioned, changed: make(chan struct{})} }

// change is called with the lock held.
func (l *Log) change() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Ask notes that the runtime wants its next invocation: it lives, and leaves those that it has not answered. It is true
// the first time.
func (l *Log) Ask() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !l.asked
	l.asked, l.died = true, false
	for _, i := range l.open {
		if i.left.IsZero() {
			i.left = time.Now()
		}
	}
	l.change()
	return first
}

// Asked tells whether the runtime has spoken to the proxy.
func (l *Log) Asked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked
}

// Begin notes an invocation by its headers and returns where its event goes.
func (l *Log) Begin(h http.Header) io.WriteCloser {
	xray := h.Get("Lambda-Runtime-Trace-Id")
	i := &Invocation{
		Invocation: adopt.Invocation{Span: newSpanID(), Start: time.Now(), XRay: adopt.ParseXRay(xray)},
		requestID:  h.Get("Lambda-Runtime-Aws-Request-Id"),
		arn:        h.Get("Lambda-Runtime-Invoked-Function-Arn"),
		xray:       xray,
	}
	if ms, err := strconv.ParseInt(h.Get("Lambda-Runtime-Deadline-Ms"), 10, 64); err == nil {
		i.deadline = time.UnixMilli(ms)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	i.coldStart, l.warm = !l.warm, true
	if i.requestID == "" {
		return &i.event
	}
	if l.last == i.requestID { // Lambda repeats asynchronous invocations under the same id
		l.last = ""
	}
	l.supersede(func(other *Invocation) bool { return other.requestID == i.requestID || len(l.open) >= maxOpen })
	l.open = append(l.open, i)
	l.begun = append(l.begun, i)
	return &i.event
}

func newSpanID() (id trace.SpanID) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// End notes the runtime's answer. One that Lambda does not take leaves the invocation open.
func (l *Log) End(a runtimeapi.Answer) {
	o, ok := outcomeOf(a)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range l.open {
		if i.requestID == a.RequestID {
			l.end(i, o)
			l.last = i.requestID
			l.change()
			return
		}
	}
}

// Fail ends what has no answer, because the environment ends.
func (l *Log) Fail(at time.Time, timedOut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range slices.Clone(l.open) {
		if i.left.IsZero() {
			l.end(i, unanswered(at, i.deadline, timedOut))
		} else {
			l.end(i, left(i.left))
		}
	}
}

// supersede ends the open invocations for which over is true: another one has taken their place. It is called with the
// lock held.
func (l *Log) supersede(over func(*Invocation) bool) {
	for _, i := range slices.Clone(l.open) {
		if !over(i) {
			continue
		}
		at := i.left
		if at.IsZero() {
			at = time.Now()
		}
		l.end(i, left(at))
	}
}

// end is called with the lock held.
func (l *Log) end(i *Invocation, o outcome) {
	i.outcome = o
	l.open = slices.DeleteFunc(l.open, func(other *Invocation) bool { return other == i })
	l.ended = append(l.ended, i)
}

// Take returns the invocations that have begun, whose events are there, and those that have ended since the last call.
// The latter have their End, and are the caller's.
func (l *Log) Take() (begun, ended []*Invocation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ended, l.ended = l.ended, nil
	for _, i := range ended {
		i.End = i.outcome.end
	}
	var coming []*Invocation
	for _, i := range l.begun {
		if i.event.isWhole() || slices.Contains(ended, i) {
			begun = append(begun, i)
		} else {
			coming = append(coming, i)
		}
	}
	l.begun = coming
	return begun, ended
}
