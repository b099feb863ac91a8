package convert

import (
	"cmp"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

func (c *Converter) enterState(e *history.Event, typ string) *node {
	name := e.Details.Name
	place, placed := c.definition.Place(name)
	container := c.container(e)
	if placed && (c.gaps || c.redrive > 0) { // else links tell, even where the definition is of another revision
		container = c.corrected(container, place)
	}
	if former := c.formerVisit(e); former != nil {
		container = former.parent
	}
	if container.isState("Parallel") {
		container = c.openBranch(container, e, place, placed)
	}
	if c.redrive > 0 {
		container.withdraw(name)
	}
	n := c.open(container, semconv.KindState, displayName(e), e)
	n.state, n.typ = name, typ
	n.set(attribute.String(semconv.StateName, name), attribute.String(semconv.StateType, typ))
	c.pool.add(n)
	if typ == "Fail" {
		n.failure = &failure{name: place.Error, cause: c.payloads.exposedCause(place.Cause), at: e.Time}
	}
	return n
}

// displayName is the entered state's name; the event's type when a kind of state of later make says none.
func displayName(e *history.Event) string { return cmp.Or(e.Details.Name, e.Type) }

// formerVisit is the visit that the redrive resumed and the event enters anew: the first event of what goes on follows
// the redrive itself, whose link says nothing about the place.
func (c *Converter) formerVisit(e *history.Event) *node {
	if c.redrive == 0 || c.previous(e) != c.root {
		return nil
	}
	return c.oldest(resumed, e.Details.Name, 0)
}

// withdraw takes back that a redrive goes on with a state's former visit when nothing has happened in it since: it is
// entered anew. What came out of the former visit stands.
func (n *node) withdraw(state string) {
	for _, child := range n.children {
		if child.resumed && child.span.Kind == semconv.KindState && child.state == state {
			child.walk(func(m *node) { m.open = false })
			n.release(child)
			return
		}
	}
}

// container is what a state entered after the previous event lives in: a branch, an iteration or the execution; the
// Parallel state itself when the state starts a branch of it.
func (c *Converter) container(e *history.Event) *node {
	n := c.previous(e)
	if n.open && n.isState("Parallel") && n.run == e.PreviousID {
		return n
	}
	return n.up(func(n *node) bool {
		switch n.span.Kind {
		case semconv.KindBranch, semconv.KindIteration, semconv.KindExecution:
			return n.open
		}
		return false
	})
}

// corrected replaces a container that the definition contradicts by the one open container that it allows, when there
// is exactly one.
func (c *Converter) corrected(container *node, place definition.Place) *node {
	if container.holds(place) {
		return container
	}
	var fitting []*node
	c.root.walk(func(n *node) {
		if n.open && n.holds(place) && (!n.isState("Parallel") || !n.hasBranch(place.Branch)) {
			fitting = append(fitting, n)
		}
	})
	if len(fitting) != 1 {
		return container
	}
	return fitting[0]
}

// holds is true when a state that lives at the place can have n for its container.
func (n *node) holds(place definition.Place) bool {
	switch n.span.Kind {
	case semconv.KindBranch:
		return n.state == place.Parent && n.branch == place.Branch
	case semconv.KindIteration:
		return n.state == place.Parent && place.Branch == definition.NoBranch
	case semconv.KindExecution:
		return place.Parent == ""
	}
	return n.isState("Parallel") && n.run > 0 && n.state == place.Parent && place.Branch != definition.NoBranch
}

func (n *node) hasBranch(index int) bool {
	for _, b := range n.children {
		if b.span.Kind == semconv.KindBranch && b.branch == index {
			return true
		}
	}
	return false
}

// openBranch begins the branch that starts with the state entered. Without the definition its index is not known, and
// it is named after that state.
func (c *Converter) openBranch(parallel *node, e *history.Event, place definition.Place, placed bool) *node {
	index := definition.NoBranch
	name := "branch " + displayName(e)
	if placed && place.Parent == parallel.state && place.Branch != definition.NoBranch {
		index = place.Branch
		name = "branch " + strconv.Itoa(index)
	}
	n := c.open(parallel, semconv.KindBranch, name, e)
	n.branch = index
	n.set(attribute.String(semconv.StateName, parallel.state), attribute.Int(semconv.RetryCount, parallel.runs))
	if index != definition.NoBranch {
		n.set(attribute.Int(semconv.BranchIndex, index))
	}
	return n
}

// exitState closes the state. A failure that is still there was taken by a Catch: the state itself has not failed.
func (c *Converter) exitState(e *history.Event) *node {
	n := c.previous(e).up(query{by: stateNamed, name: e.Details.Name}.fits)
	if n == nil {
		n = c.oldest(stateNamed, e.Details.Name, 0)
	}
	if n == nil {
		return c.previous(e)
	}
	if n.failed || n.failure != nil {
		n.set(attribute.String(semconv.CaughtError, n.failure.errorName()))
	}
	c.settle(n, n.endWithin(e.Time))
	c.close(n, e.Time)
	return n
}

// failEvaluation marks the state whose expression failed. The event's link is the one of the event that entered the
// state, so it is the state that is named and was entered from there.
func (c *Converter) failEvaluation(e *history.Event) *node {
	n := c.previous(e).up(query{by: stateNamed, name: e.Details.State}.fits)
	if n == nil {
		n = c.oldest(enteredAfter, e.Details.State, e.PreviousID)
	}
	if n == nil {
		n = c.oldest(stateNamed, e.Details.State, 0)
	}
	if n == nil {
		return c.previous(e)
	}
	n.fail(e)
	return n
}
