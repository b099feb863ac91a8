// Package poll reads log groups of CloudWatch Logs by FilterLogEvents and remembers on disk how far it has got.
package poll

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/agent/cloudwatchlogs"
	"github.com/steptrace/steptrace/agent/durable"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/spool"
)

// Config says what to read and how.
type Config struct {
	Groups            []string      // names, ARNs, or the beginning of names with * behind it
	Interval          time.Duration // between two reads of a group
	DiscoveryInterval time.Duration // between two looks for log groups
	Overlap           time.Duration // how late lines may appear
	InitialHistory    time.Duration // how far back to begin with a group seen for the first time
	MaxReplay         time.Duration // how far a restart goes back for executions that had not ended
	Checkpoint        string        // the file
}

// Parts are what a poller works with.
type Parts struct {
	Client *cloudwatchlogs.Client
	Intake *intake.Intake
	Spool  *spool.Spool // of what is pushed; nil: nothing is
	Clock  quartz.Clock
	Logger *slog.Logger
}

// Poller reads log groups. Its methods must not overlap.
type Poller struct {
	cfg    Config
	parts  Parts
	groups map[string]*group // by what the calls name it
	found  time.Time         // when log groups were looked for
	known  position          // as the checkpoint has it
	saved  time.Time         // when it was written
	lines  int64             // that had been taken then
}

// New makes a poller that goes on from the checkpoint.
func New(cfg Config, parts Parts) (*Poller, error) {
	known, err := load(cfg.Checkpoint)
	if err != nil {
		return nil, err
	}
	if err := parts.Intake.Resume(known.Executions); err != nil {
		return nil, durable.Unusable(cfg.Checkpoint, err)
	}
	// One that cannot be written is to fail the start, not a poll.
	if err := durable.Save(cfg.Checkpoint, known); err != nil {
		return nil, err
	}
	return &Poller{cfg: cfg, parts: parts, groups: make(map[string]*group), known: known}, nil
}

// Poll reads on in each group that does not rest, and writes the checkpoint.
func (p *Poller) Poll(ctx context.Context) error {
	if err := p.parts.Intake.Step(ctx); err != nil {
		return err
	}
	if err := p.find(ctx); err != nil {
		return err
	}
	now := p.parts.Clock.Now()
	for _, name := range slices.Sorted(keys(p.groups)) {
		g := p.groups[name]
		if now.Before(g.rest) {
			continue
		}
		err := p.read(ctx, g)
		switch {
		case err == nil:
			g.failures, g.rest = 0, time.Time{}
		case errors.Is(err, intake.ErrRefused), ctx.Err() != nil:
			return errors.Join(err, p.keep(ctx))
		default:
			p.lay(g, err)
		}
	}
	return p.keep(ctx)
}

// maxPause bounds the pause after failures in a row.
const maxPause = time.Minute

// lay leaves a group alone that cannot be read, longer with each failure in a row, while the others go on. It says the
// 1st, 2nd, 4th, 8th … failure.
func (p *Poller) lay(g *group, err error) {
	g.failures++
	pause := min(p.cfg.Interval<<min(g.failures, 16), max(maxPause, p.cfg.Interval))
	g.rest = p.parts.Clock.Now().Add(pause)
	if bits.OnesCount(g.failures) == 1 {
		p.parts.Logger.Error("log group cannot be read; the others go on, it is tried again after growing pauses",
			"error", err)
	}
}

// find looks for the groups that patterns name.
func (p *Poller) find(ctx context.Context) error {
	now := p.parts.Clock.Now()
	if len(p.cfg.Groups) == 0 || !p.found.IsZero() && now.Sub(p.found) < p.cfg.DiscoveryInterval {
		return nil
	}
	found := make(map[string]bool)
	for _, pattern := range p.cfg.Groups {
		prefix, isPattern := strings.CutSuffix(pattern, "*")
		if !isPattern || strings.HasPrefix(pattern, "arn:") {
			found[pattern] = true
			continue
		}
		names, err := p.parts.Client.Groups(ctx, prefix)
		if err != nil {
			return p.keepKnown(err)
		}
		for _, name := range names {
			found[name] = true
		}
	}
	p.found = now
	return p.adopt(ctx, found)
}

// keepKnown goes on with the groups found before when there are some.
func (p *Poller) keepKnown(err error) error {
	if len(p.groups) == 0 {
		return err
	}
	p.parts.Logger.Warn("log groups cannot be looked for; those known are read", "error", err)
	p.found = p.parts.Clock.Now()
	return nil
}

// adopt begins to read new groups and lets those go that are no more.
func (p *Poller) adopt(ctx context.Context, found map[string]bool) error {
	for name := range p.groups {
		if found[name] {
			continue
		}
		if err := p.parts.Intake.Left(ctx, name); err != nil {
			return err
		}
		delete(p.groups, name)
	}
	for name := range found {
		if p.groups[name] != nil {
			continue
		}
		now := p.parts.Clock.Now()
		from := now.Add(-p.cfg.InitialHistory)
		if known, ok := p.known.Groups[name]; ok {
			from = known.From
		}
		p.groups[name] = newGroup(name, from)
		if err := p.parts.Intake.Reached(ctx, name, now); err != nil {
			return err
		}
	}
	if len(p.groups) == 0 {
		p.parts.Logger.Warn(fmt.Sprintf("no log group fits %v; switch logging on for a state machine, or change log_groups",
			p.cfg.Groups))
	}
	return nil
}
