// Package agent follows the executions of Step Functions state machines and says all it learns as OpenTelemetry data:
// each history event at once as a log record, each finished thing as a span. Nothing in a state machine has to change.
//
// A poll is one step: list what is new, read on in every unfinished execution, hand over what came of it, remember what
// the consumer accepted. Nothing is remembered before it was accepted, and every id is deterministic, so whatever stops
// the agent, the next poll or process goes on without loss, and what is sent twice is the same.
package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/pause"
	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// Config says what to follow and how.
type Config struct {
	StateMachines     selector.Machines
	Tags              map[string]string // those that a state machine must have
	Watch             selector.Machines // those whose executions go before others; none: none
	PollInterval      time.Duration     // between two steps
	DiscoveryInterval time.Duration     // between two looks for new state machines
	SweepInterval     time.Duration     // between two listings of a state machine's executions
	RunningInterval   time.Duration     // between two listings of those that run
	Lookback          time.Duration     // how late ListExecutions may show an execution
	InitialHistory    time.Duration     // how far back to begin with a state machine seen for the first time
	MapRunChildren    int               // of each Map Run, those that are followed whatever becomes of them
	Sampling          sampling.Rules
	Checkpoint        string        // the file
	Payloads          redact.Policy // what of payloads leaves the agent
	Definitions       bool          // say state machines' definitions, too
}

// Validate names what cannot be used.
func (c *Config) Validate() error {
	if err := c.StateMachines.Validate(); err != nil {
		return fmt.Errorf("state_machines: %w", err)
	}
	if err := c.Watch.Validate(); err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	if err := c.Sampling.Validate(); err != nil {
		return fmt.Errorf("sampling: %w", err)
	}
	return nil
}

// Parts are what an agent works with. Traces or Logs may be nil when nobody wants them, and so may Meter.
type Parts struct {
	Client *stepfunctions.Client
	Traces consumer.Traces
	Logs   consumer.Logs
	Clock  quartz.Clock
	Logger *slog.Logger
	Meter  metric.Meter
	Place  []attribute.KeyValue // cloud.region and, where it is known, cloud.account.id of what the meter shows
}

// Agent follows executions. Poll and Run must not overlap.
type Agent struct {
	cfg    Config
	parts  Parts
	health *health

	candidates   []stepfunctions.StateMachine // that there are
	machinesRead time.Time
	machines     []stepfunctions.StateMachine // to follow
	tags         map[string]*tagging          // by ARN of a state machine
	passedOver   map[string]bool              // ARNs of state machines that were said to be passed over
	sources      map[string]*source           // by ARN
	definitions  definitions
	trackers     map[string]*tracker // by execution ARN: those not finished

	mu    sync.Mutex // guards what follows: executions are read concurrently
	state checkpoint.State
	fresh map[string]bool // ARNs of executions that need a tracker
	dirty bool
	saved time.Time

	inbox   sync.Mutex // guards notices
	notices []Notice

	refused atomic.Bool // in this poll the consumer has refused something: nothing more is read

	backfill *Backfill // whose agent it is; nil for one that follows
}

// New makes an agent that goes on from the checkpoint.
func New(cfg Config, parts Parts) (*Agent, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	state, err := openCheckpoint(cfg.Checkpoint)
	if err != nil {
		return nil, err
	}
	if state.Backfill != nil {
		return nil, fmt.Errorf("checkpoint %s is a backfill's; name another file", cfg.Checkpoint)
	}
	return newAgent(cfg, parts, state)
}

func newAgent(cfg Config, parts Parts, state checkpoint.State) (*Agent, error) {
	health, err := newHealth(parts.Meter, parts.Place, parts.Clock)
	if err != nil {
		return nil, err
	}
	a := &Agent{
		cfg: cfg, parts: parts, health: health, state: state,
		tags: make(map[string]*tagging), passedOver: make(map[string]bool), sources: make(map[string]*source),
		definitions: newDefinitions(parts.Client, parts.Logger, cfg.Definitions && parts.Logs != nil),
		trackers:    make(map[string]*tracker), fresh: make(map[string]bool),
	}
	if !state.Saved.IsZero() {
		parts.Client.Resume(state.Saved)
	}
	for arn, e := range state.Executions {
		if !e.Finished {
			a.track(arn, e)
		}
	}
	return a, nil
}

// openCheckpoint reads the file, and writes it as it was: one that cannot be written is to fail the start, not a poll.
func openCheckpoint(file string) (checkpoint.State, error) {
	state, err := checkpoint.Load(file)
	if err != nil {
		return checkpoint.State{}, err
	}
	return state, checkpoint.Save(file, state)
}

// maxPause bounds the pause after failed polls, and after failed reads of one execution or state machine.
const maxPause = time.Minute

// Run polls until the context ends. After polls that failed as a whole the pause grows.
func (a *Agent) Run(ctx context.Context) {
	defer a.health.close()
	interval := a.cfg.PollInterval
	for ctx.Err() == nil {
		err := a.Poll(ctx)
		switch {
		case err == nil, ctx.Err() != nil:
			interval = a.cfg.PollInterval
		case errors.Is(err, errRefused):
			interval = a.cfg.PollInterval
			a.parts.Logger.Warn("telemetry is kept until the consumer takes it", "error", err)
		default:
			interval = a.longer(interval)
			a.parts.Logger.Error("poll of Step Functions failed", "error", err, "next_poll_in", interval)
		}
		_ = pause.For(ctx, a.parts.Clock, interval, "agent", "poll") // the loop looks at the context
	}
}

// Poll takes one step. It does what it can: a state machine or execution that cannot be read is left to a later poll,
// and the others go on. The error is about what concerns all: the network, the service, credentials, the consumer.
func (a *Agent) Poll(ctx context.Context) error {
	heard, err := a.hear(ctx)
	err = errors.Join(err, a.findMachines(ctx), a.list(ctx), a.sample(ctx), a.follow(ctx))
	if unsaved := a.save(); unsaved != nil {
		for _, n := range heard {
			if !a.Notify(n) {
				n.Done(false)
			}
		}
		return errors.Join(err, unsaved)
	}
	for _, n := range heard {
		n.Done(true)
	}
	return err
}

// save writes the checkpoint when it has changed, and now and then to say that the agent is at work.
func (a *Agent) save() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.dirty && a.parts.Clock.Since(a.saved) < signInterval {
		return nil
	}
	return a.saveLocked()
}

// signInterval bounds how much of the quotas a later process takes for unused that was not.
const signInterval = 20 * time.Second

func (a *Agent) saveLocked() error {
	a.forget()
	a.saved = a.parts.Clock.Now()
	a.state.Saved = a.saved.UTC()
	err := checkpoint.Save(a.cfg.Checkpoint, a.state)
	a.dirty = err != nil
	return err
}

// forget drops finished executions that no listing looks back to.
func (a *Agent) forget() {
	if a.backfill != nil { // which knows better, between polls
		return
	}
	now := a.parts.Clock.Now()
	for arn, e := range a.state.Executions {
		if e.Finished && e.Started.Before(a.horizon(e, now)) {
			delete(a.state.Executions, arn)
		}
	}
}

// horizon is the start of the oldest execution of its kind that a listing can show: of a Map Run under way all
// children.
func (a *Agent) horizon(e checkpoint.Execution, now time.Time) time.Time {
	if _, ok := a.state.MapRuns[e.MapRun]; ok {
		return time.Time{}
	}
	if m, ok := a.state.StateMachines[e.StateMachine]; ok {
		return m.Newest.Add(-a.cfg.Lookback)
	}
	return now.Add(-a.cfg.Lookback)
}
