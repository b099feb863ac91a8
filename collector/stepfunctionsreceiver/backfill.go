package stepfunctionsreceiver

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/receiver"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/collector/sharedreceiver"
)

// Backfill makes receivers that read a period of the past once instead of following what happens, with the same
// configuration. Intervals, status changes and the initial history are without meaning to them.
type Backfill struct {
	period agent.Period
	ended  chan struct{}

	mu        sync.Mutex
	receivers int // that have not ended
	runs      []*agent.Backfill
	errs      []error
}

// NewBackfill makes a backfill of the period, for one Collector.
func NewBackfill(period agent.Period) *Backfill {
	return &Backfill{period: period, ended: make(chan struct{})}
}

// Factory makes the factory of the component type "stepfunctions" for the backfill.
func (b *Backfill) Factory() receiver.Factory {
	return sharedreceiver.NewFactory("stepfunctions", defaultConfig,
		func(telemetry component.TelemetrySettings, cfg *Config, next *sharedreceiver.Consumers) component.Component {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.receivers++
			return &backfiller{follower: follower{cfg: cfg, telemetry: telemetry, next: next}, backfill: b}
		})
}

// Ended is closed when nothing more is read.
func (b *Backfill) Ended() <-chan struct{} { return b.ended }

// Err is what has stopped it before everything was dealt with.
func (b *Backfill) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return errors.Join(b.errs...)
}

// Progress may be asked at any time. It is that of all accounts and regions.
func (b *Backfill) Progress() agent.Progress {
	b.mu.Lock()
	runs := b.runs
	b.mu.Unlock()
	if len(runs) == 0 {
		return agent.Progress{Since: b.period.Since, Until: b.period.Until, Listing: true, Left: []agent.LeftOut{}}
	}
	all := runs[0].Progress()
	for _, run := range runs[1:] {
		all = all.Plus(run.Progress())
	}
	return all
}

func (b *Backfill) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.errs = append(b.errs, err)
	}
	if b.receivers--; b.receivers == 0 {
		close(b.ended)
	}
}

// backfiller is a receiver of a backfill.
type backfiller struct {
	follower
	backfill *Backfill
}

// Start begins to read. It fails when the AWS configuration or a checkpoint cannot be used.
func (f *backfiller) Start(ctx context.Context, _ component.Host) error {
	base, err := awsapi.LoadConfig(ctx, f.cfg.Region, f.cfg.Unsigned)
	if err != nil {
		return err
	}
	var runs []*agent.Backfill
	for _, t := range f.cfg.targets(base) {
		cfg, parts, err := f.parts(t)
		if err != nil {
			return err
		}
		run, err := agent.NewBackfill(cfg, f.backfill.period, parts)
		if err != nil {
			return err
		}
		runs = append(runs, run)
	}
	f.backfill.mu.Lock()
	f.backfill.runs = append(f.backfill.runs, runs...)
	f.backfill.mu.Unlock()
	f.begin(ctx, []func(context.Context){func(ctx context.Context) { f.backfill.end(runAll(ctx, runs)) }})
	return nil
}

func runAll(ctx context.Context, runs []*agent.Backfill) error {
	errs := make([]error, len(runs))
	var group sync.WaitGroup
	for i, run := range runs {
		group.Go(func() { errs[i] = run.Run(ctx) })
	}
	group.Wait()
	return errors.Join(errs...)
}
