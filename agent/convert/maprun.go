package convert

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// placeMapRun handles the events of a distributed Map's run.
func (c *Converter) placeMapRun(e *history.Event) *node {
	switch e.Type {
	case "MapRunStarted":
		return c.openMapRun(e)
	case "MapRunRedriven":
		return c.reopenMapRun(e)
	}
	n := c.previous(e).up(query{by: mapRun}.fits)
	if n == nil {
		n = c.oldest(mapRun, "", 0)
	}
	if n == nil {
		return c.previous(e)
	}
	switch e.Type {
	case "MapRunSucceeded":
		c.close(n, e.Time)
	case "MapRunFailed":
		n.fail(e)
		n.failed = true
		n.setError()
		n.parent.failure = n.failure
		c.close(n, e.Time)
	case "MapRunAborted":
		n.set(attribute.Bool(semconv.Aborted, true))
		c.close(n, e.Time)
	}
	return n
}

func (c *Converter) openMapRun(e *history.Event) *node {
	m := c.previous(e).up(query{by: running, name: "Map"}.fits)
	if m == nil {
		m = c.oldest(running, "Map", 0)
	}
	if m == nil {
		return c.previous(e)
	}
	n := c.open(m, semconv.KindMapRun, "map run", e)
	n.set(attribute.String(semconv.StateName, m.state))
	n.putText(semconv.MapRunARN, e.Details.MapRunARN)
	n.redriven(e)
	c.pool.add(n)
	if c.mapRuns == nil {
		c.mapRuns = make(map[string]*node)
	}
	c.mapRuns[e.Details.MapRunARN] = n
	c.revealMapRun(e)
	return n
}

// reopenMapRun goes on with a run under the same span id. A run whose start is missing begins here.
func (c *Converter) reopenMapRun(e *history.Event) *node {
	n := c.mapRuns[e.Details.MapRunARN]
	if n == nil || !n.open && !n.parent.open {
		return c.openMapRun(e)
	}
	if !n.open {
		n.resume(n.parent)
		c.pool.add(n)
	}
	n.redriven(e)
	c.revealMapRun(e)
	return n
}

// redriven says how often a run was redriven, if it was.
func (n *node) redriven(e *history.Event) {
	if e.Details.RedriveCount != nil {
		n.put(attribute.Int64(semconv.MapRunRedriveCount, *e.Details.RedriveCount))
	}
}
