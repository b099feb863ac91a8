package convert

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// placeContainer handles Started, Succeeded and Failed of a Parallel or Map state.
func (c *Converter) placeContainer(e *history.Event, typ string) *node {
	n := c.runningContainer(e, typ)
	if n == nil {
		return c.previous(e)
	}
	switch {
	case strings.HasSuffix(e.Type, "Started"):
		c.startRun(n, e)
	case strings.HasSuffix(e.Type, "Failed"):
		n.failed = true
		c.blame(n, e.PreviousID, e.Time)
		n.conclude(e.Time)
	}
	return n
}

// runningContainer is the nearest Parallel or Map state around the previous event that has not failed: one that has
// is not what starts again or fails now, but what made an outer one do so.
func (c *Converter) runningContainer(e *history.Event, typ string) *node {
	if n := c.previous(e).up(query{by: running, name: typ}.fits); n != nil {
		return n
	}
	return c.oldest(running, typ, 0)
}

// startRun begins the branches or iterations. A second run is a retry: the first one failed by the previous event.
func (c *Converter) startRun(n *node, e *history.Event) {
	if n.run != 0 {
		failed := c.failedAt(e)
		c.blame(n, e.PreviousID, failed)
		c.settle(n, failed)
		n.runs++
	}
	n.run, n.failure, n.abortable, n.iterations = e.ID, nil, nil, nil
}

// failedAt is when the failure happened that the event retries, before the back-off.
func (c *Converter) failedAt(e *history.Event) time.Time {
	if f := c.previous(e).failure; f != nil {
		return f.at
	}
	return e.Time
}

// placeIteration handles the events of a Map's iterations, which say the Map's name and the iteration's index.
func (c *Converter) placeIteration(e *history.Event) *node {
	at := c.previous(e)
	if e.Failed() || e.Aborted() {
		at = c.beside(e)
	}
	m := at.up(query{by: mapNamed, name: e.Details.Name}.fits)
	if m == nil {
		m = c.oldest(mapNamed, e.Details.Name, 0)
	}
	if m == nil || e.Details.Index == nil {
		return c.previous(e)
	}
	index := *e.Details.Index
	if e.Type == "MapIterationStarted" {
		return c.openIteration(m, e, index)
	}
	n := c.iteration(m, index)
	if n == nil {
		return m
	}
	if e.Type != "MapIterationSucceeded" {
		c.sweep = sweep{e.PreviousID, n}
	}
	switch e.Type {
	case "MapIterationSucceeded":
		delete(n.parent.iterations, index)
		c.settle(n, e.Time)
		c.close(n, e.Time)
	case "MapIterationFailed":
		n.failed = true
		c.blame(n, e.PreviousID, e.Time)
		n.conclude(e.Time)
	case "MapIterationAborted":
		n.conclude(e.Time)
	}
	return n
}

// iteration is the one that ends now: of the Map, unless an event has said how it ended, else of a Map of the same
// name, which runs in another iteration of an outer one.
func (c *Converter) iteration(m *node, index int64) *node {
	n := m.iterations[index]
	if n != nil && !n.open {
		n = nil
	}
	if n != nil && n.concluded.IsZero() {
		return n
	}
	return cmp.Or(c.oldest(iterating, m.state, index), n)
}

func (c *Converter) openIteration(m *node, e *history.Event, index int64) *node {
	n := c.open(m, semconv.KindIteration, "iteration "+strconv.FormatInt(index, 10), e)
	n.set(attribute.String(semconv.StateName, m.state), attribute.Int64(semconv.IterationIndex, index),
		attribute.Int(semconv.RetryCount, m.runs))
	if m.iterations == nil {
		m.iterations = make(map[int64]*node)
	}
	m.iterations[index], n.index = n, index
	c.pool.add(n)
	return n
}

// sweep is how far the events about what a failure has stopped have come, which all have the failure's link: those of
// an iteration are followed by those of the states in it.
type sweep struct {
	failure int64 // the event that they follow from
	at      *node // what the last of them meant
}

// beside is where to look for what the event stopped: where the sweep is, else around the previous event.
func (c *Converter) beside(e *history.Event) *node {
	if c.sweep.at != nil && c.sweep.failure == e.PreviousID {
		return c.sweep.at
	}
	return c.previous(e)
}

// abortState notes that a state was stopped. The event has no details, and often the link of what failed elsewhere: it
// means that state only if it is of the type and has not been said to be stopped before, else the next open one beside.
func (c *Converter) abortState(e *history.Event, typ string) *node {
	n := c.sweptNext(e, typ)
	if n == nil {
		n = c.stoppedAround(c.previous(e), typ)
	}
	if n == nil {
		return c.previous(e)
	}
	n.aborted = true
	n.conclude(e.Time)
	c.sweep = sweep{e.PreviousID, n}
	return n
}

// sweptNext is what comes next where the sweep is: what is in an iteration, else what is beside.
func (c *Converter) sweptNext(e *history.Event, typ string) *node {
	at := c.sweep.at
	if at == nil || c.sweep.failure != e.PreviousID {
		return nil
	}
	if at.span.Kind == semconv.KindIteration {
		if n := c.nextAbortable(at, typ); n != nil {
			return n
		}
	}
	return c.abortableBeside(at, typ)
}

// stoppedAround is the state around, else one beside. What is around a failure mostly fails itself, unless something
// further out failed before it did.
func (c *Converter) stoppedAround(at *node, typ string) *node {
	around := at.up(func(n *node) bool { return n.open && n.isState(typ) && !n.aborted })
	if around != nil && (at.failure == nil || typ != "Parallel" && typ != "Map") {
		return around
	}
	return cmp.Or(c.abortableBeside(at, typ), around)
}

// mostScopes bounds how far out is looked.
const mostScopes = 16

// abortableBeside is the next state to stop in the nearest Parallel or Map state, else in the execution. One that was
// stopped or has failed itself can have been stopped with all in it, so that what is around it is next.
func (c *Converter) abortableBeside(n *node, typ string) *node {
	isScope := func(n *node) bool {
		return n.parent == nil || n.open && (n.isState("Parallel") || n.isState("Map"))
	}
	for range mostScopes {
		scope := n.up(isScope)
		if n := c.nextAbortable(scope, typ); n != nil || !scope.aborted && !scope.failed || scope.parent == nil {
			return n
		}
		n = scope.parent
	}
	return nil
}

// abortable are the states of one type to stop next, in order of entry. The list is kept, as many are stopped in a row.
type abortable struct {
	states []*node
	opened int // how many spans there were when the list was made: later ones may be missing
}

// nextAbortable is the oldest open state of the type below the scope that has not been stopped.
func (c *Converter) nextAbortable(scope *node, typ string) *node {
	stoppable := func(n *node) bool { return n.open && !n.aborted && n.isState(typ) }
	list, made := scope.abortable[typ]
	for len(list.states) > 0 && !stoppable(list.states[0]) {
		list.states = list.states[1:]
	}
	if len(list.states) == 0 && (!made || list.opened != c.opened) {
		list = abortable{scope.below(stoppable), c.opened}
	}
	if scope.abortable == nil {
		scope.abortable = make(map[string]abortable)
	}
	scope.abortable[typ] = list
	if len(list.states) == 0 {
		return nil
	}
	return list.states[0]
}
