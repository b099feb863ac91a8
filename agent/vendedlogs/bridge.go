package vendedlogs

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// bridges lead from events of attempts over lost ones to where the attempt was last seen, when it can be only one: that
// a Started is lost must not cut off how the attempt ended. Log records keep the links that AWS wrote.
type bridges struct {
	attempts []*attempt         // that are under way
	members  map[int64]*attempt // by event
	states   map[int64]string   // by event that entered a state, or is of an attempt: the state's name
	links    map[int64]int64    // by event: the link that AWS wrote, where another one was used
}

// attempt is what is known of one that is under way.
type attempt struct {
	family, resource string
	state            string // empty: not known
	last             int64  // its last event that was seen
}

func newBridges() *bridges {
	return &bridges{members: map[int64]*attempt{}, states: map[int64]string{}, links: map[int64]int64{}}
}

// attemptFamilies are how the types of an attempt's events begin.
var attemptFamilies = []string{"LambdaFunction", "Activity", "Task"}

// attemptEvent takes the type of an attempt's event apart. ok is false for all others.
func attemptEvent(typ string) (family, step string, ok bool) {
	for _, family := range attemptFamilies {
		if step, ok := strings.CutPrefix(typ, family); ok && !strings.HasPrefix(step, "State") {
			return family, step, true
		}
	}
	return "", "", false
}

// link returns the event with the link by which it is to be converted. known is true for an event that was converted.
func (b *bridges) link(e history.Event, known func(int64) bool) history.Event {
	if _, ok := e.StateEntered(); ok {
		b.states[e.ID] = e.Details.Name
		return e
	}
	if _, ok := e.StateExited(); ok {
		b.leave(e.Details.Name)
		return e
	}
	family, step, ok := attemptEvent(e.Type)
	if !ok || step == "ScheduleFailed" {
		return e
	}
	resource := e.Details.ResourceType + " " + e.Details.Resource
	if step == "Scheduled" {
		a := &attempt{family: family, resource: resource, state: b.states[e.PreviousID]}
		b.attempts = append(b.attempts, a)
		b.see(a, e.ID)
		return e
	}
	a := b.members[e.PreviousID]
	if a == nil && !known(e.PreviousID) {
		if a = b.only(family, resource); a != nil {
			b.links[e.ID] = e.PreviousID
			e.PreviousID = a.last
		}
	}
	if a == nil {
		return e
	}
	b.see(a, e.ID)
	if e.Failed() || step == "Succeeded" {
		b.attempts = slices.DeleteFunc(b.attempts, func(other *attempt) bool { return other == a })
	}
	return e
}

func (b *bridges) see(a *attempt, id int64) {
	a.last = id
	b.members[id], b.states[id] = a, a.state
}

// leave ends the attempts of a state that is left, and those of which the state is not known.
func (b *bridges) leave(state string) {
	b.attempts = slices.DeleteFunc(b.attempts, func(a *attempt) bool { return a.state == state || a.state == "" })
}

// only is the one attempt under way that the event can be of; nil when there are more or none. Functions' events do not
// say the resource.
func (b *bridges) only(family, resource string) (found *attempt) {
	for _, a := range b.attempts {
		if a.family != family || family == "Task" && a.resource != resource {
			continue
		}
		if found != nil {
			return nil
		}
		found = a
	}
	return found
}

// restore gives log records the links that AWS wrote.
func (b *bridges) restore(records []convert.Record) {
	if len(b.links) == 0 {
		return
	}
	for i := range records {
		id, _ := eventID(records[i]).(int64)
		written, ok := b.links[id]
		if !ok {
			continue
		}
		attrs := slices.Clone(records[i].Attributes)
		for j := range attrs {
			if string(attrs[j].Key) == semconv.PreviousEventID {
				attrs[j] = attribute.Int64(semconv.PreviousEventID, written)
			}
		}
		records[i].Attributes = attrs
	}
}
