package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/cmd/steptrace/render"
	"github.com/steptrace/steptrace/collector"
	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
)

// backfillFlags are the flags of `steptrace backfill`.
type backfillFlags struct {
	since, until  string
	stateMachines []string
	checkpoint    string
	quotaShare    float64
	configs       []string
	output        string
}

const backfillLong = `Read the executions that started or stopped in a period of the past, with the environment's AWS
credentials, and send them as OTLP/HTTP to $OTEL_EXPORTER_OTLP_ENDPOINT (default http://127.0.0.1:4318), as
'steptrace agent' does with what happens now. It ends when everything found has been delivered. AWS keeps histories for
90 days.

Stopped or killed, it goes on where it was when the same command is started again. What is sent twice is stored once.
It takes --quota-share of the account's API quotas; the agent that follows takes its own share beside it.

The exit status is 0 when everything is there that AWS still has, and 1 when something was left out, which the summary
names: started again, it tries that again.`

func newBackfillCommand() *cobra.Command {
	var f backfillFlags
	cmd := &cobra.Command{
		Use:   "backfill",
		Short: "Read the executions of the past, up to 90 days, once",
		Long:  backfillLong,
		Example: `  steptrace backfill --since 90d
  steptrace backfill --since 2026-11-01 --until 2026-11-08 --state-machine 'order-*' --state-machine payment
  steptrace backfill --since 12h --quota-share 0.8 --output json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.since, "since", "90d", "begin of the period: how long ago (90d, 12h), a date or a time (RFC 3339)")
	flags.StringVar(&f.until, "until", "", "end of the period, in the same way (default now)")
	flags.StringArrayVar(&f.stateMachines, "state-machine", nil,
		"ARN, or pattern of names like 'order-*', of those to read; may be repeated (default all)")
	flags.StringVar(&f.checkpoint, "checkpoint", "steptrace-data/backfill/checkpoint.json",
		"`file` that remembers what was delivered, never that of an agent")
	flags.Float64Var(&f.quotaShare, "quota-share", 0.3, "share of the account's API quotas, above 0 and at most 1")
	flags.StringArrayVar(&f.configs, "config", nil,
		"Collector YAML that changes the built-in agent configuration, as with 'steptrace agent'")
	outputFlag(cmd, &f.output, "text", "json")
	return cmd
}

func (f *backfillFlags) run(cmd *cobra.Command) error {
	if !(f.quotaShare > 0 && f.quotaShare <= 1) { // NaN is neither
		return usagef("--quota-share %v: must be above 0 and at most 1", f.quotaShare)
	}
	if err := selector.Machines(f.stateMachines).Validate(); err != nil {
		return usagef("--state-machine %w", err)
	}
	period, err := f.period(time.Now())
	if err != nil {
		return err
	}
	overlay, err := f.overlay()
	if err != nil {
		return err
	}
	settings, err := collectorSettings(append(append([]string{"yaml:" + collector.AgentConfig}, f.configs...), overlay))
	if err != nil {
		return err
	}
	job := stepfunctionsreceiver.NewBackfill(period)
	show := newBackfillProgress(cmd.ErrOrStderr(), time.Now())
	settings.StepFunctions, settings.Logging = job.Factory(), []zap.Option{zap.WrapCore(show.aside)}
	c, err := collector.New(settings)
	if err != nil {
		return err
	}
	err = runBackfill(cmd.Context(), c, job, show)
	select {
	case <-job.Ended():
		return errors.Join(err, f.conclude(cmd.OutOrStdout(), job))
	default: // it has not begun
		return err
	}
}

// runBackfill runs the Collector until the job has ended, and shows how far that has got.
func runBackfill(
	ctx context.Context, c *collector.Collector, job *stepfunctionsreceiver.Backfill, show *backfillProgress,
) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	defer show.done()
	for {
		select {
		case err := <-ended:
			return err
		case <-job.Ended():
			stop()
			return <-ended
		case now := <-tick.C:
			show.show(job.Progress(), now)
		}
	}
}

// conclude prints the summary, and fails when not everything is there.
func (f *backfillFlags) conclude(w io.Writer, job *stepfunctionsreceiver.Backfill) error {
	p := job.Progress()
	var err error
	if f.output == "json" {
		err = writeJSON(w, p)
	} else {
		_, err = io.WriteString(w, render.Backfill(p))
	}
	if err = errors.Join(err, job.Err()); err == nil && !p.Complete {
		err = fmt.Errorf("not everything is there: %d executions failed, %d were refused; see above, and start it again",
			p.Failed, p.Refused)
	}
	return err
}

// overlay is the configuration that the flags make. It goes before all others: a checkpoint of an agent that follows
// must not be used.
func (f *backfillFlags) overlay() (string, error) {
	receiver := map[string]any{
		"checkpoint": f.checkpoint, "quota_share": f.quotaShare, "queue_url": "", "poll_interval": "1s",
	}
	if len(f.stateMachines) > 0 {
		receiver["state_machines"] = f.stateMachines
	}
	text, err := json.Marshal(map[string]any{
		"receivers": map[string]any{"stepfunctions": receiver},
		"service": map[string]any{"telemetry": map[string]any{
			"logs": map[string]any{"level": "warn", "disable_stacktrace": true},
		}},
	})
	return "yaml:" + strings.ReplaceAll(string(text), "$", "$$"), err // $ would be a variable's
}

// period is what the flags ask for.
func (f *backfillFlags) period(now time.Time) (agent.Period, error) {
	since, err := parsePoint(f.since, now)
	if err != nil {
		return agent.Period{}, usagef("--since %w", err)
	}
	until := now
	asked := "--since " + f.since
	if f.until != "" {
		if until, err = parsePoint(f.until, now); err != nil {
			return agent.Period{}, usagef("--until %w", err)
		}
		asked += " --until " + f.until
	}
	if !since.Before(until) {
		return agent.Period{}, usagef("--since %s is not before --until %s", f.since, f.until)
	}
	for _, m := range slices.Sorted(slices.Values(f.stateMachines)) {
		asked += " --state-machine " + m
	}
	return agent.Period{Since: since.UTC(), Until: until.UTC(), Asked: asked}, nil
}
