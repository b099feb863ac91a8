package poll

import (
	"context"
	"iter"
	"maps"
	"time"

	"github.com/steptrace/steptrace/agent/cloudwatchlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// group is how far a log group was read.
type group struct {
	name   string
	from   time.Time // where the present read begins
	newest time.Time // of what was read
	began  time.Time // when the present read began
	token  string    // of the present read's next page; empty: a new one begins
	seen   map[string]time.Time

	failures uint
	rest     time.Time
}

func newGroup(name string, from time.Time) *group {
	return &group{name: name, from: from, newest: from, seen: make(map[string]time.Time)}
}

const (
	// maxPages is how much of a group is read before the others have their turn.
	maxPages = 10
	// maxSeen bounds the ids that are remembered. Lines that are taken twice are the same execution's same events.
	maxSeen = 200_000
	// idle is how late log events appear at the most in a group that was read to its end.
	idle = 5 * time.Minute
)

// read takes the log events from where the overlap with the last read begins.
func (p *Poller) read(ctx context.Context, g *group) error {
	for range maxPages {
		if g.token == "" {
			g.began = p.parts.Clock.Now()
		}
		page, err := p.parts.Client.Events(ctx, g.name, g.from, g.token)
		if err != nil {
			if g.token != "" && cloudwatchlogs.IsExpired(err) {
				g.token = "" // the read begins anew
			}
			return err
		}
		fresh := g.fresh(page.Messages)
		if len(fresh) > 0 {
			if err := p.parts.Intake.Take(ctx, g.name, fresh); err != nil {
				return err
			}
		}
		g.taken(fresh)
		g.token = page.Next
		if g.token == "" {
			g.conclude(p.cfg.Overlap)
			return p.parts.Intake.Reached(ctx, g.name, g.began)
		}
	}
	return nil
}

// fresh are the log events that were not taken yet.
func (g *group) fresh(messages []vendedlogs.Message) []vendedlogs.Message {
	var fresh []vendedlogs.Message
	for _, m := range messages {
		if _, ok := g.seen[m.ID]; !ok {
			fresh = append(fresh, m)
		}
	}
	return fresh
}

func (g *group) taken(messages []vendedlogs.Message) {
	for _, m := range messages {
		if m.Time.After(g.newest) {
			g.newest = m.Time
		}
		if len(g.seen) < maxSeen {
			g.seen[m.ID] = m.Time
		}
	}
}

// conclude ends a read that has reached the end of the group.
func (g *group) conclude(overlap time.Duration) {
	if quiet := g.began.Add(-idle); quiet.After(g.newest) {
		g.newest = quiet
	}
	if g.newest.After(g.began) { // others may write times that are to come, CloudWatch Logs takes up to two hours
		g.newest = g.began
	}
	if from := g.newest.Add(-overlap); from.After(g.from) {
		g.from = from
	}
	maps.DeleteFunc(g.seen, func(_ string, at time.Time) bool { return at.Before(g.from) })
}

func keys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }
