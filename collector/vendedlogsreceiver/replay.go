package vendedlogsreceiver

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"

	"github.com/steptrace/steptrace/agent/pause"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/push"
)

// replay takes what the spool has of executions that had not ended, and then lets requests in. It is true when all was
// taken.
func (r *reader) replay(ctx context.Context, host component.Host) bool {
	err := r.spool.Replay(func(messages []vendedlogs.Message) error {
		for {
			err := r.intake.Take(ctx, push.Source, messages)
			if !errors.Is(err, intake.ErrRefused) {
				return err
			}
			r.logger.Warn("what was kept of executions that had not ended waits for the consumer", "error", err)
			if r.wait(ctx, stepInterval); ctx.Err() != nil {
				return ctx.Err()
			}
		}
	})
	switch {
	case err == nil:
		r.server.handler.Open()
	case ctx.Err() == nil:
		componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
	}
	return err == nil
}

func (r *reader) wait(ctx context.Context, d time.Duration) {
	_ = pause.For(ctx, r.clock, d, "vendedlogs", "replay") // the loop looks at the context
}
