package poll

import (
	"context"
	"errors"
	"time"

	"github.com/steptrace/steptrace/agent/durable"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/push"
)

// version is the file's.
const version = 1

// position is what is remembered on disk.
type position struct {
	Version    int                          `json:"version"`
	Groups     map[string]reached           `json:"log_groups"`
	Executions map[string]vendedlogs.Record `json:"executions"` // by trace id
}

// reached is how far a group was handed over.
type reached struct {
	From time.Time `json:"from"` // lines before that were all handed over
}

// saveInterval is how often the checkpoint is written when no line comes: one that was written before always holds.
const saveInterval = time.Minute

// keep writes the checkpoint when there is more to remember.
func (p *Poller) keep(ctx context.Context) error {
	if p.parts.Intake.Stats().Lines == p.lines && p.parts.Clock.Now().Sub(p.saved) < saveInterval {
		return nil
	}
	return p.Save(ctx)
}

// Save writes the checkpoint. It moves only up to what the consumer has accepted, and not past the lines of executions
// that have not ended, unless they are older than MaxReplay. What is pushed and not needed any more leaves the spool.
func (p *Poller) Save(ctx context.Context) error {
	from, earliest := make(map[string]time.Time), make(map[string]time.Time)
	for name, g := range p.groups {
		from[name] = g.from
		earliest[name] = g.from.Add(-p.cfg.MaxReplay)
	}
	needed, since := p.needed(ctx), p.parts.Clock.Now()
	if s := p.parts.Spool; s != nil {
		from[push.Source] = s.Floor(needed)
		earliest[push.Source] = from[push.Source]
		since = since.Add(-resendTime)
	}
	r, ok := p.parts.Intake.Resumption(ctx, from, earliest, since)
	if !ok {
		return nil // what was written before still holds
	}
	next := position{Version: version, Groups: make(map[string]reached), Executions: r.Executions}
	for name, t := range p.known.Groups {
		next.Groups[name] = t // also those that are not found at the moment
	}
	for name := range p.groups {
		next.Groups[name] = reached{From: r.From[name]}
	}
	if err := durable.Save(p.cfg.Checkpoint, next); err != nil {
		return err
	}
	p.known, p.saved, p.lines = next, p.parts.Clock.Now(), p.parts.Intake.Stats().Lines
	if p.parts.Spool != nil {
		return p.parts.Spool.Drop(needed)
	}
	return nil
}

// resendTime is more than the time for which Firehose sends a request again, two hours at the most.
const resendTime = 150 * time.Minute

// requestTime is more than a request takes from when it is in the spool to when its lines are held.
const requestTime = 5 * time.Minute

// needed is from when on what arrived has to be pushed again when what is held is lost.
func (p *Poller) needed(ctx context.Context) time.Time {
	if p.parts.Spool == nil {
		return time.Time{}
	}
	needed := p.parts.Clock.Now().Add(-requestTime)
	if oldest, held := p.parts.Intake.Oldest(ctx, push.Source); held && oldest.Before(needed) {
		needed = oldest
	}
	if bound := p.parts.Spool.Bound(); bound.After(needed) {
		needed = bound
	}
	return needed
}

// load reads the file. Only one that does not exist is a fresh start.
func load(path string) (position, error) {
	var p position
	found, err := durable.Load(path, version, &p)
	switch {
	case err != nil:
		return position{}, err
	case !found:
		return position{
			Version: version, Groups: make(map[string]reached), Executions: make(map[string]vendedlogs.Record),
		}, nil
	case p.Groups == nil || p.Executions == nil:
		return position{}, durable.Unusable(path, errors.New("a member is null or missing"))
	}
	return p, nil
}
