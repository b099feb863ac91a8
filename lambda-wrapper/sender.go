package wrapper

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/beside"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

// sender moves spans from the queue to the collector. Whatever the collector does, it returns in time and reports a
// change for the worse or the better in one line.
type sender struct {
	queue   *queue
	post    func(ctx context.Context, body []byte) error
	timeout time.Duration
	logger  *slog.Logger

	lane    otlp.Lane // guards what is below
	backoff otlp.Backoff
	backlog []byte // the request that an earlier process has left in the journal

	beside beside.Task
	later  atomic.Bool // flushLater is under way
}

func newSender(q *queue, post func(context.Context, []byte) error, timeout time.Duration, logger *slog.Logger) *sender {
	s := &sender{queue: q, post: post, timeout: timeout, logger: logger, lane: otlp.NewLane()}
	q.crowded = func() { s.flushBeside(context.Background()) }
	return s
}

// flush sends all ended spans, in the time that ctx leaves. Spans that could not be sent stay queued.
func (s *sender) flush(ctx context.Context) { s.send(ctx, nil, false) }

// flushLast is flush when there may be no other time.
func (s *sender) flushLast(ctx context.Context) { s.send(ctx, nil, true) }

// flushBeside sends without making the caller wait; calls during an export are answered by one more.
func (s *sender) flushBeside(ctx context.Context) {
	s.beside.Go(func() { s.flush(context.WithoutCancel(ctx)) })
}

// flushLater is flushBeside after a while, however often it is called meanwhile.
func (s *sender) flushLater(ctx context.Context, wait time.Duration) {
	if s.later.CompareAndSwap(false, true) {
		time.AfterFunc(wait, func() {
			s.later.Store(false)
			s.flushBeside(ctx)
		})
	}
}

// sendUnfinished sends all ended spans and the open ones of an invocation, cut at this moment.
func (s *sender) sendUnfinished(ctx context.Context, invocation trace.SpanContext) {
	s.send(ctx, s.queue.unfinished(invocation, time.Now()), true)
}

// send tries also a collector that is left alone if this is the last time.
func (s *sender) send(ctx context.Context, cut []sdktrace.ReadOnlySpan, last bool) {
	ctx, cancel := otlp.Bound(ctx, s.timeout)
	defer cancel()
	if !s.lane.Enter(ctx) {
		return
	}
	defer s.lane.Leave()
	if last {
		s.backoff.Resume()
	}
	if s.backoff.Resting() {
		return
	}
	ended, mark := s.queue.take()
	if len(ended)+len(cut)+len(s.backlog) == 0 {
		return
	}
	body := otlp.Append(slices.Clip(s.backlog), ended...)
	err := s.post(ctx, otlp.Append(body, cut...))
	if err == nil || otlp.Refused(err) {
		s.backlog = nil
		s.queue.journal.forget(mark)
	}
	if err == nil && len(cut) > 0 {
		s.queue.journal.end()
	}
	s.settle(err, ended)
}

func (s *sender) settle(err error, spans []sdktrace.ReadOnlySpan) {
	switch {
	case err == nil:
		switch dropped := s.queue.takeDropped(); {
		case s.backoff.Recovered():
			s.logger.Info("steptrace: the collector answers again", slog.Int("spans_dropped", dropped))
		case dropped > 0:
			s.logger.Warn("steptrace: spans ended faster than they could be sent, and some were dropped; "+
				"WithQueueSize or STEPTRACE_QUEUE_SIZE keeps more", slog.Int("spans_dropped", dropped))
		}
	case otlp.Refused(err):
		s.logger.Error("steptrace: spans were refused and are dropped; check the endpoint and its headers",
			slog.Int("spans", len(spans)), slog.Any("error", err))
		s.backoff.Failed()
	default:
		s.queue.putBack(spans)
		if s.backoff.Failed() {
			s.logger.Warn("steptrace: the collector cannot be reached; spans are kept until it can",
				slog.Any("error", err))
		}
	}
}
