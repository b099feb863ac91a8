package stepfunctionsreceiver

import (
	"context"
	"sync"

	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/collector/sharedreceiver"
	"github.com/steptrace/steptrace/collector/zaplog"
)

// follower runs agents for up to two pipelines, one for each account and region.
type follower struct {
	cfg       *Config
	telemetry component.TelemetrySettings
	next      *sharedreceiver.Consumers
	cancel    context.CancelFunc
	stopped   chan struct{}
}

// Start begins to follow executions. It fails when the AWS configuration or a checkpoint cannot be used.
func (f *follower) Start(ctx context.Context, _ component.Host) error {
	base, err := awsapi.LoadConfig(ctx, f.cfg.Region, f.cfg.Unsigned)
	if err != nil {
		return err
	}
	var runs []func(context.Context)
	agents := make(map[place]*agent.Agent)
	for _, t := range f.cfg.targets(base) {
		a, err := f.agent(t)
		if err != nil {
			return err
		}
		agents[t.place] = a
		runs = append(runs, a.Run)
	}
	if f.cfg.QueueURL != "" {
		queue, err := f.queue(base, agents)
		if err != nil {
			return err
		}
		runs = append(runs, queue.Run)
	}
	f.begin(ctx, runs)
	return nil
}

// begin runs until Shutdown: the start's context ends with the start.
func (f *follower) begin(ctx context.Context, runs []func(context.Context)) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f.cancel, f.stopped = cancel, make(chan struct{})
	var group sync.WaitGroup
	for _, run := range runs {
		group.Go(func() { run(running) })
	}
	go func() {
		defer close(f.stopped)
		group.Wait()
	}()
}

func (f *follower) agent(t target) (*agent.Agent, error) {
	cfg, parts, err := f.parts(t)
	if err != nil {
		return nil, err
	}
	return agent.New(cfg, parts)
}

// parts are what an agent for the target is made of.
func (f *follower) parts(t target) (agent.Config, agent.Parts, error) {
	payloads, err := f.cfg.Payloads.Policy()
	if err != nil {
		return agent.Config{}, agent.Parts{}, err
	}
	clock, meter := quartz.NewReal(), f.meter()
	client, err := stepfunctions.New(t.aws, f.cfg.Endpoint, awsapi.Options{
		Share: f.cfg.QuotaShare, Clock: clock, Meter: meter, Place: t.attributes(),
	})
	return f.agentConfig(t, payloads), agent.Parts{
		Client: client, Traces: f.next.Traces, Logs: f.next.Logs, Clock: clock, Logger: zaplog.New(f.telemetry.Logger),
		Meter: meter, Place: t.attributes(),
	}, err
}

func (f *follower) meter() metric.Meter {
	return f.telemetry.MeterProvider.Meter("github.com/steptrace/steptrace/collector/stepfunctionsreceiver")
}

func (f *follower) agentConfig(t target, payloads redact.Policy) agent.Config {
	c := f.cfg
	return agent.Config{
		StateMachines: c.StateMachines, Tags: c.Tags, Watch: c.Watch,
		PollInterval: c.PollInterval, DiscoveryInterval: c.DiscoveryInterval, SweepInterval: c.sweepInterval(),
		RunningInterval: c.RunningInterval, Lookback: c.Lookback, InitialHistory: c.InitialHistory,
		MapRunChildren: c.MapRunChildren, Sampling: c.rules(), Checkpoint: t.checkpoint, Payloads: payloads,
		Definitions: c.Definitions,
	}
}

// Shutdown stops following; a poll under way is broken off. What was accepted is in the checkpoint.
func (f *follower) Shutdown(ctx context.Context) error {
	if f.cancel == nil {
		return nil
	}
	f.cancel()
	select {
	case <-f.stopped:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
