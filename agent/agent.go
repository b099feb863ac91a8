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
	"path"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/consumer"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// Config says what to follow and how.
type Config struct {
	StateMachines     []string      // ARNs, or patterns of names (path.Match); empty: all
	PollInterval      time.Duration // between two steps
	DiscoveryInterval time.Duration // between two looks for new state machines
	Lookback          time.Duration // how late ListExecutions may show an execution
	InitialHistory    time.Duration // how far back to begin with a state machine seen for the first time
	Checkpoint        string        // the file
	Payloads          redact.Policy // what of payloads leaves the agent
}

// Parts are what an agent works with. Traces or Logs may be nil when nobody wants them.
type Parts struct {
	Client *stepfunctions.Client
	Traces consumer.Traces
	Logs   consumer.Logs
	Clock  quartz.Clock
	Logger *slog.Logger
}

// Agent follows executions. Poll and Run must not overlap.
type Agent struct {
	cfg   Config
	parts Parts

	machines     []stepfunctions.StateMachine
	machinesRead time.Time
	passedOver   map[string]bool  // ARNs of state machines that were said to be passed over
	unlisted     map[string]*rest // by the ARN of the state machine
	definitions  definitions
	trackers     map[string]*tracker // by execution ARN: those not finished

	mu    sync.Mutex // guards what follows: executions are read concurrently
	state checkpoint.State
	dirty bool
	saved time.Time

	refused atomic.Bool // in this poll the consumer has refused something: nothing more is read
}

// New makes an agent that goes on from the checkpoint.
func New(cfg Config, parts Parts) (*Agent, error) {
	for _, pattern := range cfg.StateMachines {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("state machine pattern %q: %w", pattern, err)
		}
	}
	state, err := openCheckpoint(cfg.Checkpoint)
	if err != nil {
		return nil, err
	}
	a := &Agent{
		cfg: cfg, parts: parts, state: state,
		passedOver: make(map[string]bool), unlisted: make(map[string]*rest),
		trackers: make(map[string]*tracker),
	}
	a.definitions = definitions{client: parts.Client, logger: parts.Logger}
	for arn, e := range state.Executions {
		if !e.Finished {
			a.trackers[arn] = newTracker(arn, e)
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
	pause := a.cfg.PollInterval
	for ctx.Err() == nil {
		err := a.Poll(ctx)
		switch {
		case err == nil, ctx.Err() != nil:
			pause = a.cfg.PollInterval
		case errors.Is(err, errRefused):
			pause = a.cfg.PollInterval
			a.parts.Logger.Warn("telemetry is kept until the consumer takes it", "error", err)
		default:
			pause = a.longer(pause)
			a.parts.Logger.Error("poll of Step Functions failed", "error", err, "next_poll_in", pause)
		}
		a.wait(ctx, pause)
	}
}

func (a *Agent) wait(ctx context.Context, d time.Duration) {
	timer := a.parts.Clock.NewTimer(d, "agent", "poll")
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Poll takes one step. It does what it can: a state machine or execution that cannot be read is left to a later poll,
// and the others go on. The error is about what concerns all: the network, the service, credentials, the consumer.
func (a *Agent) Poll(ctx context.Context) error {
	return errors.Join(a.findMachines(ctx), a.list(ctx), a.follow(ctx), a.save())
}

// save writes the checkpoint when it has changed.
func (a *Agent) save() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.dirty {
		return nil
	}
	return a.saveLocked()
}

func (a *Agent) saveLocked() error {
	a.forget()
	a.saved = a.parts.Clock.Now()
	err := checkpoint.Save(a.cfg.Checkpoint, a.state)
	a.dirty = err != nil
	return err
}

// forget drops finished executions that no listing looks back to.
func (a *Agent) forget() {
	for arn, e := range a.state.Executions {
		if e.Finished && e.Started.Before(a.horizon(e.StateMachine)) {
			delete(a.state.Executions, arn)
		}
	}
}
