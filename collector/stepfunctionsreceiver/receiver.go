package stepfunctionsreceiver

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.uber.org/zap"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// follower runs an agent for up to two pipelines. The Collector starts and stops it once for each.
type follower struct {
	cfg    *Config
	logger *zap.Logger
	traces consumer.Traces
	logs   consumer.Logs
	forget func()

	start, stop sync.Once
	started     error
	cancel      context.CancelFunc
	stopped     chan struct{}
}

// Start begins to follow executions. It fails when the AWS configuration or the checkpoint cannot be used.
func (f *follower) Start(ctx context.Context, _ component.Host) error {
	f.start.Do(func() { f.started = f.run(ctx) })
	return f.started
}

func (f *follower) run(ctx context.Context) error {
	awsConfig, err := f.awsConfig(ctx)
	if err != nil {
		return err
	}
	payloads, err := f.cfg.Payloads.policy()
	if err != nil {
		return err
	}
	clock := quartz.NewReal()
	a, err := agent.New(f.agentConfig(payloads), agent.Parts{
		Client: stepfunctions.New(awsConfig, f.cfg.Endpoint, f.cfg.QuotaShare, clock),
		Traces: f.traces, Logs: f.logs, Clock: clock, Logger: logger(f.logger),
	})
	if err != nil {
		return err
	}
	// The start's context ends with the start.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f.cancel, f.stopped = cancel, make(chan struct{})
	go func() {
		defer close(f.stopped)
		a.Run(running)
	}()
	return nil
}

func (f *follower) awsConfig(ctx context.Context) (aws.Config, error) {
	var options []func(*config.LoadOptions) error
	if f.cfg.Region != "" {
		options = append(options, config.WithRegion(f.cfg.Region))
	}
	if f.cfg.Unsigned {
		options = append(options, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err == nil && c.Region == "" {
		err = errors.New("region: is not set, neither here nor as AWS_REGION")
	}
	return c, err
}

func (f *follower) agentConfig(payloads redact.Policy) agent.Config {
	return agent.Config{
		StateMachines: f.cfg.StateMachines, PollInterval: f.cfg.PollInterval, DiscoveryInterval: f.cfg.DiscoveryInterval,
		Lookback: f.cfg.Lookback, InitialHistory: f.cfg.InitialHistory, Checkpoint: f.cfg.Checkpoint,
		Payloads: payloads,
	}
}

// Shutdown stops following; a poll under way is broken off. What was accepted is in the checkpoint.
func (f *follower) Shutdown(ctx context.Context) error {
	f.stop.Do(f.forget)
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
