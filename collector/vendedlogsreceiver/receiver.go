package vendedlogsreceiver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/cloudwatchlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/poll"
	"github.com/steptrace/steptrace/agent/vendedlogs/spool"
	"github.com/steptrace/steptrace/collector/sharedreceiver"
	"github.com/steptrace/steptrace/collector/zaplog"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// reader takes log lines for up to two pipelines.
type reader struct {
	cfg       *Config
	telemetry component.TelemetrySettings
	next      *sharedreceiver.Consumers

	clock    quartz.Clock
	logger   *slog.Logger
	intake   *intake.Intake
	spool    *spool.Spool
	poller   *poll.Poller
	server   *server
	measures interface{ Unregister() error }
	started  bool
	cancel   context.CancelFunc
	running  sync.WaitGroup
}

// Start begins to take lines. It fails when the configuration, the checkpoint or the endpoint cannot be used.
func (r *reader) Start(ctx context.Context, host component.Host) error {
	err := r.run(ctx, host)
	r.started = err == nil
	return err
}

func (r *reader) run(ctx context.Context, host component.Host) error {
	policy, err := r.cfg.Payloads.Policy()
	if err != nil {
		return err
	}
	r.clock, r.logger = quartz.NewReal(), zaplog.New(r.telemetry.Logger)
	r.intake = intake.New(vendedlogs.Limits(r.cfg.Assembly), policy, intake.Parts{
		Traces: r.next.Traces, Logs: r.next.Logs, Clock: r.clock, Logger: r.logger,
	})
	if r.cfg.HTTP.HasValue() {
		c := r.cfg.HTTP.Get()
		if r.spool, err = spool.Open(c.Spool, c.MaxSpoolBytes); err != nil {
			return err
		}
	}
	if r.poller, err = r.newPoller(ctx); err != nil {
		return err
	}
	if r.measures, err = measure(r.meter(), r.intake); err != nil {
		return err
	}
	// The start's context ends with the start.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel = cancel
	if r.cfg.HTTP.HasValue() {
		if r.server, err = r.listen(ctx, host, r.cfg.HTTP.Get()); err != nil {
			return err
		}
	}
	r.running.Go(func() { r.step(running) })
	r.running.Go(func() {
		if r.server == nil || r.replay(running, host) {
			r.poller.Run(running)
		}
	})
	return nil
}

// newPoller reads the checkpoint also when nothing is polled: it has what was pushed.
func (r *reader) newPoller(ctx context.Context) (*poll.Poller, error) {
	c, client := &PollConfig{Interval: 5 * time.Second}, (*cloudwatchlogs.Client)(nil)
	if r.cfg.Poll.HasValue() {
		var err error
		c = r.cfg.Poll.Get()
		if client, err = r.newClient(ctx, c); err != nil {
			return nil, err
		}
	}
	return poll.New(poll.Config{
		Groups: c.LogGroups, Interval: c.Interval, DiscoveryInterval: c.DiscoveryInterval, Overlap: c.Overlap,
		InitialHistory: c.InitialHistory, MaxReplay: c.MaxReplay, Checkpoint: r.cfg.Checkpoint,
	}, poll.Parts{
		Client: client, Intake: r.intake, Spool: r.spool, Clock: r.clock, Logger: r.logger,
	})
}

func (r *reader) newClient(ctx context.Context, c *PollConfig) (*cloudwatchlogs.Client, error) {
	cfg, err := awsapi.LoadConfig(ctx, c.Region, c.Unsigned)
	if err != nil {
		return nil, fmt.Errorf("poll::%w", err)
	}
	if c.RoleARN != "" {
		cfg = awsapi.AssumeRole(cfg, c.RoleARN, c.ExternalID)
	}
	return cloudwatchlogs.New(cfg, c.Endpoint, awsapi.Options{
		Share: c.QuotaShare, Clock: r.clock, Meter: r.meter(),
		Place: []attribute.KeyValue{attribute.String(semconv.CloudRegion, cfg.Region)},
	})
}

func (r *reader) meter() metric.Meter {
	return r.telemetry.MeterProvider.Meter("github.com/steptrace/steptrace/collector/vendedlogsreceiver")
}

// stepInterval is how often is looked for what has waited long enough.
const stepInterval = time.Second

// step lets the time pass for what is held, until the context ends.
func (r *reader) step(ctx context.Context) {
	tick := r.clock.NewTicker(stepInterval, "vendedlogs", "step")
	defer tick.Stop()
	var refused intake.Sparsely
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if err := r.intake.Step(ctx); err != nil && ctx.Err() == nil {
			if count, say := refused.Say(r.clock.Now(), 1); say {
				r.logger.Warn("telemetry is kept until the consumer takes it", "count", count, "error", err)
			}
		}
	}
}

// Shutdown stops taking lines. What was accepted is in the checkpoint, what was pushed and has not ended in the spool.
func (r *reader) Shutdown(ctx context.Context) error {
	var errs []error
	if r.server != nil {
		errs = append(errs, r.server.close(ctx))
	}
	if r.cancel == nil {
		return errors.Join(append(errs, r.unregister())...)
	}
	r.cancel()
	r.running.Wait()
	if r.started {
		errs = append(errs, r.poller.Save(ctx))
	}
	if r.spool != nil {
		errs = append(errs, r.spool.Close())
	}
	return errors.Join(append(errs, r.unregister())...)
}

func (r *reader) unregister() error {
	if r.measures == nil {
		return nil
	}
	return r.measures.Unregister()
}
