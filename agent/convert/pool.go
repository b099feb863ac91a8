package convert

import (
	"cmp"
	"container/heap"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// pool finds the oldest open span of a kind where links do not lead to it, without looking at all that are open: a
// redrive goes on with thousands of iterations at once, none of which is linked. It is filled at the first question,
// which most histories never ask, and kept up to date from then on.
//
// Spans stay in it until a question finds that they no longer fit; one that fits again is put in again.
type pool struct {
	queues map[query]*byAge
}

// query is a way to look for a span.
type query struct {
	by   criterion
	name string // of the state, of its type, or of what it called
	id   int64  // with enteredAfter: the event before the one that entered it; with iterating: the index
}

type criterion int

const (
	stateNamed   criterion = iota // states, by name
	mapNamed                      // Map states, by name
	running                       // Parallel and Map states that have not failed, by type
	enteredAfter                  // states, by name and the event before their entry
	idle                          // Task states without an attempt under way
	idleCalling                   // the same, by what their last attempt called
	resumed                       // states that a redrive goes on with and that nothing has happened in since, by name
	mapRun                        // Map Runs
	iterating                     // iterations of which no event has said how they ended, by the Map's name and index
)

// fits says whether the span is what is looked for now.
func (q query) fits(n *node) bool {
	if !n.open || n.span.Kind != q.by.kind() {
		return false
	}
	switch q.by {
	case stateNamed:
		return n.state == q.name
	case mapNamed:
		return n.typ == "Map" && n.state == q.name
	case running:
		return n.typ == q.name && !n.failed
	case enteredAfter:
		return n.state == q.name && n.followed == q.id
	case idle:
		return n.typ == "Task" && len(n.children) == 0
	case idleCalling:
		return n.typ == "Task" && len(n.children) == 0 && n.called.name == q.name
	case resumed:
		return n.resumed && n.state == q.name
	case mapRun:
		return true
	case iterating:
		return n.state == q.name && n.index == q.id && n.concluded.IsZero()
	}
	return false
}

func (c criterion) kind() string {
	if c == mapRun {
		return semconv.KindMapRun
	}
	if c == iterating {
		return semconv.KindIteration
	}
	return semconv.KindState
}

// oldest is the fitting span that was opened first; nil when there is none.
func (c *Converter) oldest(by criterion, name string, id int64) *node {
	if c.pool.queues == nil {
		c.pool.queues = make(map[query]*byAge)
		c.root.walk(c.pool.add)
	}
	s := query{by, name, id}
	queue := c.pool.queues[s]
	for queue != nil && len(*queue) > 0 {
		if n := (*queue)[0]; s.fits(n) {
			return n
		}
		heap.Pop(queue)
	}
	delete(c.pool.queues, s)
	return nil
}

// add puts the span in under every query that it fits.
func (p *pool) add(n *node) {
	if p.queues == nil {
		return
	}
	for _, s := range [...]query{
		{stateNamed, n.state, 0},
		{mapNamed, n.state, 0},
		{running, n.typ, 0},
		{enteredAfter, n.state, n.followed},
		{idle, "", 0},
		{idleCalling, n.called.name, 0},
		{resumed, n.state, 0},
		{mapRun, "", 0},
		{iterating, n.state, n.index},
	} {
		if !s.fits(n) {
			continue
		}
		queue := p.queues[s]
		if queue == nil {
			queue = new(byAge)
			p.queues[s] = queue
		}
		heap.Push(queue, n)
	}
}

// byAge is a heap of spans, the one opened first at its top.
type byAge []*node

func (q *byAge) Len() int           { return len(*q) }
func (q *byAge) Less(i, j int) bool { return cmp.Less((*q)[i].event, (*q)[j].event) }
func (q *byAge) Swap(i, j int)      { (*q)[i], (*q)[j] = (*q)[j], (*q)[i] }
func (q *byAge) Push(n any)         { *q = append(*q, n.(*node)) }

func (q *byAge) Pop() any {
	last := len(*q) - 1
	n := (*q)[last]
	(*q)[last], *q = nil, (*q)[:last]
	return n
}
