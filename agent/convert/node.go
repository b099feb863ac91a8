package convert

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// node is a span while it can still change, with its place in the tree.
type node struct {
	span     Span
	parent   *node
	children []*node // open ones
	slot     int     // this node's place among its parent's children
	open     bool
	event    int64 // the event that opened it
	followed int64 // that event's previous event
	payloads *payloads

	state string // the nearest state's name: its own on a state
	typ   string // a state's type: Task, Map, …

	inner     time.Time // the latest end of a child
	concluded time.Time // when an event has said how it ended; zero: none has
	failure   *failure  // the failure that has not been retried
	failed    bool      // the failure ended it, unless a Catch takes it
	aborted   bool      // an …Aborted event was seen
	resumed   bool      // a redrive opened it again, and nothing has happened in it since
	cut       bool      // something below was open when it was closed

	child       bool      // of an attempt: it has named the execution that it started
	attempts    int       // of a Task state
	attemptsEnd time.Time // of a Task state: when the last attempt ended
	called      called    // of a Task state: its last attempt's; of an attempt: its own
	run         int64     // of a Parallel or Map state: the event that started the present run; 0 before
	runs        int       // of a Parallel or Map state: runs before the present one
	branch      int       // of a branch: its index or definition.NoBranch
	index       int64     // of an iteration
	iterations  map[int64]*node
	abortable   map[string]abortable // of what is being aborted: its states by type
}

// called is whom an attempt called.
type called struct {
	name     string // the attempt's span's
	service  *service
	token    bool // it ends when somebody sends the token back
	answered bool // the service has answered, so that what comes next is from who has the token
}

// failure is an error that an event reported.
type failure struct {
	name, cause string
	at          time.Time
}

func (n *node) adopt(child *node) {
	child.parent, child.slot = n, len(n.children)
	n.children = append(n.children, child)
}

func (n *node) release(child *node) {
	last := n.children[len(n.children)-1]
	n.children[child.slot], last.slot = last, child.slot
	n.children = n.children[:len(n.children)-1]
	n.inner = later(n.inner, child.span.End)
}

// up is the nearest node that fits, from n itself upwards; nil when there is none.
func (n *node) up(fits func(*node) bool) *node {
	for ; n != nil; n = n.parent {
		if fits(n) {
			return n
		}
	}
	return nil
}

// within is true when n is below the ancestor.
func (n *node) within(ancestor *node) bool {
	return n != ancestor && n.up(func(m *node) bool { return m == ancestor }) != nil
}

// walk visits n and the open nodes below it, parents first.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, child := range n.children {
		child.walk(visit)
	}
}

func (n *node) isState(typ string) bool { return n.span.Kind == semconv.KindState && n.typ == typ }

func (n *node) set(attrs ...attribute.KeyValue) {
	n.span.Attributes = append(n.span.Attributes, attrs...)
}

func spanKind(kind string) trace.SpanKind {
	switch kind {
	case semconv.KindTrigger:
		return trace.SpanKindProducer
	case semconv.KindAttempt:
		return trace.SpanKindClient
	}
	return trace.SpanKindInternal
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
