package poll

import (
	"context"
	"errors"
	"time"

	"github.com/steptrace/steptrace/agent/pause"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
)

// Run polls until the context ends. After polls that failed as a whole the pause grows.
func (p *Poller) Run(ctx context.Context) {
	pause := p.cfg.Interval
	for ctx.Err() == nil {
		err := p.Poll(ctx)
		switch {
		case err == nil, ctx.Err() != nil:
			pause = p.cfg.Interval
		case errors.Is(err, intake.ErrRefused):
			pause = p.cfg.Interval
			p.parts.Logger.Warn("telemetry is kept until the consumer takes it", "error", err)
		default:
			pause = max(min(2*pause, maxPause), p.cfg.Interval)
			p.parts.Logger.Error("poll of CloudWatch Logs failed", "error", err, "next_poll_in", pause)
		}
		if err != nil || !p.behind() {
			p.wait(ctx, pause)
		}
	}
}

// behind is true when more of a group is there to be read: the quota alone is what to wait for.
func (p *Poller) behind() bool {
	now := p.parts.Clock.Now()
	for _, g := range p.groups {
		if g.token != "" && !now.Before(g.rest) {
			return true
		}
	}
	return false
}

func (p *Poller) wait(ctx context.Context, d time.Duration) {
	_ = pause.For(ctx, p.parts.Clock, d, "vendedlogs", "poll") // the loop looks at the context
}
