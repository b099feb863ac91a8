// Package intake takes log lines from whatever source, lets an assembler make executions of them and hands over what
// comes of it. What the consumer refuses is kept and offered again; until it is taken, nothing further is.
package intake

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/consumer"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// Parts are what an intake works with. Traces or Logs may be nil when nobody wants them.
type Parts struct {
	Traces consumer.Traces
	Logs   consumer.Logs
	Clock  quartz.Clock
	Logger *slog.Logger
}

// Intake takes log lines. It is safe for concurrent use.
type Intake struct {
	parts Parts
	turn  chan struct{} // whoever has put something in may use what follows

	assembler *vendedlogs.Assembler
	pending   []vendedlogs.Batch // not accepted yet
	bad       Sparsely
	stepped   chan struct{} // closed after the next step
	stats     Stats
	shown     atomic.Pointer[Stats] // as of the last step
}

// Stats counts since the start, and what is held now.
type Stats struct {
	vendedlogs.Stats
	Bad int64         // log events that no line could be made of
	Lag time.Duration // from the latest event to when its line was taken
}

// New makes an intake.
func New(limits vendedlogs.Limits, payloads redact.Policy, parts Parts) *Intake {
	options := []convert.Option{convert.Exposing(payloads.Expose)}
	if payloads.NoFingerprints {
		options = append(options, convert.WithoutFingerprints())
	}
	return &Intake{
		parts: parts, turn: make(chan struct{}, 1), stepped: make(chan struct{}),
		assembler: vendedlogs.New(limits, options...),
	}
}

// ErrRefused is about a consumer that may take later what it does not take now.
var ErrRefused = errors.New("consumer refuses for now")

// Take takes log events of a source and hands over what can be. Those that are no line of Step Functions are said and
// passed over. With an error nothing was taken. Without one all are held, and what came of them is pending at the most.
func (in *Intake) Take(
	ctx context.Context, source string, messages []vendedlogs.Message,
) error {
	lines, bad := decode(source, messages)
	if err := in.enter(ctx); err != nil {
		return err
	}
	defer in.leave()
	if err := in.deliver(ctx); err != nil {
		return err
	}
	now := in.parts.Clock.Now()
	in.complain(now, bad)
	for i := range lines {
		if lag := max(now.Sub(lines[i].Time), 0); i == 0 || lag < in.stats.Lag {
			in.stats.Lag = lag
		}
	}
	in.pending = in.assembler.Add(now, lines...)
	_ = in.deliver(ctx) // what is refused is pending: the next step says so
	return nil
}

func decode(source string, messages []vendedlogs.Message) (lines []vendedlogs.Line, bad []error) {
	for i := range messages {
		found, err := messages[i].Lines(source)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		lines = append(lines, found...)
	}
	return lines, bad
}

// Step hands over what is pending and what the time that has passed gives.
func (in *Intake) Step(ctx context.Context) error {
	if err := in.enter(ctx); err != nil {
		return err
	}
	defer in.leave()
	if err := in.deliver(ctx); err != nil {
		return err
	}
	in.pending = in.assembler.Advance(in.parts.Clock.Now())
	return in.deliver(ctx)
}

// Reached says that all that a source had at the time was taken; see vendedlogs.Assembler.
func (in *Intake) Reached(ctx context.Context, source string, at time.Time) error {
	if err := in.enter(ctx); err != nil {
		return err
	}
	in.assembler.Reached(source, at)
	<-in.turn
	return nil
}

// Left says that a source is not read any more; see vendedlogs.Assembler.
func (in *Intake) Left(ctx context.Context, source string) error {
	if err := in.enter(ctx); err != nil {
		return err
	}
	in.assembler.Left(source)
	<-in.turn
	return nil
}

// Settle waits until all that came of what was taken is accepted. Steps have to go on meanwhile.
func (in *Intake) Settle(ctx context.Context) error {
	for {
		if err := in.enter(ctx); err != nil {
			return err
		}
		settled, stepped := len(in.pending) == 0, in.stepped
		<-in.turn
		if settled {
			return nil
		}
		select {
		case <-stepped:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Stats tells what happened up to the last step.
func (in *Intake) Stats() Stats {
	if s := in.shown.Load(); s != nil {
		return *s
	}
	return Stats{}
}

func (in *Intake) enter(ctx context.Context) error {
	select {
	case in.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave ends a step.
func (in *Intake) leave() {
	s := in.stats
	s.Stats = in.assembler.Stats()
	in.shown.Store(&s)
	close(in.stepped)
	in.stepped = make(chan struct{})
	<-in.turn
}
