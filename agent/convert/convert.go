// Package convert turns the history of a Step Functions execution into a trace: spans and log records.
//
// It is pure and incremental. Events may be fed in any batches; every id is a function of the execution's ARN and of
// event ids (package spanid), so feeding a history again, from its start, into a new Converter gives the same output. A
// log record comes for each event at once, a span when it has ended.
//
// How the tree is found: an event's previousEventId leads to the span that the earlier event belongs to, and from there
// up to the nearest span that fits. What links do not tell (the branch of a state, the iteration that an event of
// another iteration announces) is taken from the definition, from names and from indexes.
package convert

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// Converter holds the state of one execution's conversion. It is not safe for concurrent use.
type Converter struct {
	identity   identity
	arn        string
	mapRun     string
	started    time.Time
	definition *definition.Definition
	root       *node
	owners     owners
	suspended  []*node // what the end of the execution closed: a redrive opens it again
	last       int64
	gaps       bool // events are missing, so that links may lead nowhere
	redrive    int
	done       bool
	out        Output
	payloads   payloads
	mapRuns    map[string]*node      // by ARN
	named      [2]attribute.KeyValue // of every record: the execution's ARN and name
	scratch    []byte
	pool       pool
	sweep      sweep
	opened     int  // spans so far
	records    slab // the attributes of records
	spans      slab // those of spans, apart as open spans keep theirs
}

// New starts the conversion of an execution. The definition may be nil.
func New(e Execution, d *definition.Definition, options ...Option) *Converter {
	c := &Converter{identity: identify(e), arn: e.ARN, mapRun: e.MapRunARN, started: e.Started, definition: d}
	c.named = [2]attribute.KeyValue{
		attribute.String(semconv.ExecutionARN, c.arn), attribute.String(semconv.ExecutionName, c.identity.execution),
	}
	for _, option := range options {
		option(&c.payloads)
	}
	return c
}

// Feed converts further events, in whatever order the batch has them. Events up to the last one fed are passed over.
func (c *Converter) Feed(events ...history.Event) Output {
	batch := sorted(events)
	c.records.size, c.spans.size = len(batch)*recordAttributes, len(batch)*4
	c.out.Records = make([]Record, 0, len(batch))
	c.out.Spans = make([]Span, 0, len(batch)/2)
	for i := range batch {
		if batch[i].ID > c.last {
			c.convert(&batch[i])
		}
	}
	out := c.out
	c.out, c.records, c.spans = Output{}, slab{}, slab{}
	return out
}

// sorted is a sorted copy of events that are not in order.
func sorted(events []history.Event) []history.Event {
	byID := func(a, b history.Event) int { return cmp.Compare(a.ID, b.ID) }
	if slices.IsSortedFunc(events, byID) {
		return events
	}
	batch := slices.Clone(events)
	history.Sort(batch)
	return batch
}

// Last is the id of the last event fed, 0 before the first.
func (c *Converter) Last() int64 { return c.last }

// Done is true when the execution has ended; only a redrive goes on from here.
func (c *Converter) Done() bool { return c.done }

// Redrives is how many redrives the events fed have shown.
func (c *Converter) Redrives() int { return c.redrive }

// Open is a snapshot of the spans that have not ended, parents first, as if they ended at now. They are marked and not
// part of the output: each comes with the same id when it has really ended.
func (c *Converter) Open(now time.Time) []Span {
	var spans []Span
	if c.root != nil {
		c.root.walk(func(n *node) {
			if !n.open {
				return
			}
			span := n.span
			span.End = later(now, span.Start)
			span.Attributes = append(append([]attribute.KeyValue(nil), span.Attributes...),
				attribute.Bool(semconv.Open, true))
			spans = append(spans, span)
		})
	}
	return spans
}

func (c *Converter) convert(e *history.Event) {
	c.gaps = c.gaps || e.ID != c.last+1
	c.last = e.ID
	if c.root == nil {
		c.start(e)
	}
	n := c.place(e)
	c.owners.set(e.ID, n)
	c.record(e, n)
}

// place lets the event act on the tree and returns the span that it belongs to.
func (c *Converter) place(e *history.Event) *node {
	if c.done && e.Type != "ExecutionRedriven" {
		return c.previous(e)
	}
	if typ, ok := e.StateEntered(); ok {
		return c.enterState(e, typ)
	}
	if _, ok := e.StateExited(); ok {
		return c.exitState(e)
	}
	if typ, ok := e.StateAborted(); ok {
		return c.abortState(e, typ)
	}
	switch {
	case strings.HasPrefix(e.Type, "Task"), strings.HasPrefix(e.Type, "LambdaFunction"),
		strings.HasPrefix(e.Type, "Activity"):
		return c.placeAttempt(e)
	case strings.HasPrefix(e.Type, "MapIteration"):
		return c.placeIteration(e)
	case strings.HasPrefix(e.Type, "MapRun"):
		return c.placeMapRun(e)
	case strings.HasPrefix(e.Type, "MapState"):
		return c.placeContainer(e, "Map")
	case strings.HasPrefix(e.Type, "ParallelState"):
		return c.placeContainer(e, "Parallel")
	case e.Type == "EvaluationFailed":
		return c.failEvaluation(e)
	case strings.HasPrefix(e.Type, "Execution"):
		return c.placeExecution(e)
	}
	return c.previous(e)
}

// previous is the span of the event before e, the execution when there is none.
func (c *Converter) previous(e *history.Event) *node {
	if n := c.owners.of(e.PreviousID); n != nil {
		return n
	}
	return c.root
}

// open begins the span of the given kind that the event opens.
func (c *Converter) open(parent *node, kind, name string, e *history.Event) *node {
	n := &node{open: true, event: e.ID, followed: e.PreviousID, payloads: &c.payloads}
	n.span = Span{
		ID: spanid.Span(kind, c.arn, c.redrive, e.ID), Kind: kind, Name: name, SpanKind: spanKind(kind),
		Start: e.Time,
		Attributes: append(c.spans.take(spanAttributes(kind)),
			attribute.String(semconv.Kind, kind),
			c.named[0],
			attribute.Int(semconv.RedriveCount, c.redrive),
			attribute.Int64(semconv.EventID, e.ID),
		),
	}
	if parent != nil {
		n.span.Parent = parent.span.ID
		n.span.Start = later(e.Time, parent.span.Start)
		n.state = parent.state
		parent.adopt(n)
	}
	c.opened++
	for p := parent; p != nil && p.resumed; p = p.parent {
		p.resumed = false
	}
	return n
}

// spanAttributes is how many attributes a span of the kind mostly has at the end.
func spanAttributes(kind string) int {
	switch kind {
	case semconv.KindAttempt:
		return 18
	case semconv.KindExecution:
		return 10
	}
	return 8
}

// close ends a span at the given time, or later when something within it ended later, and puts it out.
func (c *Converter) close(n *node, end time.Time) {
	n.open = false
	n.span.End = later(later(end, n.span.Start), n.inner)
	if n.parent != nil {
		n.parent.release(n)
	}
	c.out.Spans = append(c.out.Spans, n.span)
	if !c.done && n.span.Kind != semconv.KindMapRun { // a redrive opens again what the end closes, and Map Runs
		n.span.Attributes, n.span.Events, n.iterations, n.abortable = nil, nil, nil, nil
	}
}
