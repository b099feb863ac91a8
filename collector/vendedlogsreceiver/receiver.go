package vendedlogsreceiver

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"

	"github.com/steptrace/steptrace/agent/cloudwatchlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/poll"
	"github.com/steptrace/steptrace/agent/vendedlogs/spool"
	"github.com/steptrace/steptrace/collector/zaplog"
)

// reader takes log lines for up to two pipelines. The Collector starts and stops it once for each.
type reader struct {
	cfg      *Config
	settings component.TelemetrySettings
	traces   consumer.Traces
	logs     consumer.Logs
	forget   func()

	start, stop sync.Once
	started     error
	clock       quartz.Clock
	logger      *slog.Logger
	intake      *intake.Intake
	spool       *spool.Spool
	client      *cloudwatchlogs.Client
	poller      *poll.Poller
	server      *server
	measures    interface{ Unregister() error }
	cancel      context.CancelFunc
	running     sync.WaitGroup
}

// Start begins to take lines. It fails when the configuration, the checkpoint or the endpoint cannot be used.
func (r *reader) Start(ctx context.Context, host component.Host) error {
	r.start.Do(func() { r.started = r.run(ctx, host) })
	return r.started
}

func (r *reader) run(ctx context.Context, host component.Host) error {
	policy, err := r.cfg.Payloads.Policy()
	if err != nil {
		return err
	}
	r.clock, r.logger = quartz.NewReal(), zaplog.New(r.settings.Logger)
	r.intake = intake.New(vendedlogs.Limits(r.cfg.Assembly), policy, intake.Parts{
		Traces: r.traces, Logs: r.logs, Clock: r.clock, Logger: r.logger,
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
	if r.measures, err = measure(r.settings.MeterProvider, r.intake, r.client); err != nil {
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
	c := r.cfg.Poll.Get()
	if c == nil {
		c = &PollConfig{QuotaShare: 1, Interval: 5 * time.Second} // it keeps the checkpoint and the spool
	}
	awsConfig := aws.Config{}
	if r.cfg.Poll.HasValue() {
		var err error
		if awsConfig, err = load(ctx, c); err != nil {
			return nil, err
		}
	}
	r.client = cloudwatchlogs.New(awsConfig, c.Endpoint, c.QuotaShare, r.clock)
	return poll.New(poll.Config{
		Groups: c.LogGroups, Interval: c.Interval, DiscoveryInterval: c.DiscoveryInterval, Overlap: c.Overlap,
		InitialHistory: c.InitialHistory, MaxReplay: c.MaxReplay, Checkpoint: r.cfg.Checkpoint,
	}, poll.Parts{
		Client: r.client, Intake: r.intake, Spool: r.spool, Clock: r.clock, Logger: r.logger,
	})
}

func load(ctx context.Context, cfg *PollConfig) (aws.Config, error) {
	var options []func(*config.LoadOptions) error
	if cfg.Region != "" {
		options = append(options, config.WithRegion(cfg.Region))
	}
	if cfg.Unsigned {
		options = append(options, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err == nil && c.Region == "" {
		err = errors.New("poll::region: is not set, neither here nor as AWS_REGION")
	}
	if err == nil && cfg.RoleARN != "" {
		c.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(c), cfg.RoleARN,
			func(o *stscreds.AssumeRoleOptions) {
				o.RoleSessionName = "steptrace"
				if cfg.ExternalID != "" {
					o.ExternalID = &cfg.ExternalID
				}
			}))
	}
	return c, err
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
	var err error
	r.stop.Do(func() {
		r.forget()
		err = r.close(ctx)
	})
	return err
}

func (r *reader) close(ctx context.Context) error {
	var errs []error
	if r.server != nil {
		errs = append(errs, r.server.close(ctx))
	}
	if r.cancel == nil {
		return errors.Join(append(errs, r.unregister())...)
	}
	r.cancel()
	r.running.Wait()
	if r.measures != nil && r.started == nil {
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
