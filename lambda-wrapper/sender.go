package wrapper

import (
	"context"
	"log/slog"
	"slices"
	"sync"
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

	mu      sync.Mutex // one export at a time
	backoff otlp.Backoff
	backlog []byte // the request that an earlier process has left in the journal

	beside beside.Task
	later  atomic.Bool // flushLater is under way
}

// flush sends all ended spans, in the time that ctx leaves. Spans that could not be sent stay queued.
func (s *sender) flush(ctx context.Context) { s.send(ctx, nil) }

// flushLast is flush when there will be no other time.
func (s *sender) flushLast(ctx context.Context) {
	s.resume()
	s.flush(ctx)
}

// resume lets the next export try a collector that is left alone.
func (s *sender) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.backoff.Resume()
}

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
	s.resume() // there may be no other time
	s.send(ctx, s.queue.unfinished(invocation, time.Now()))
}

func (s *sender) send(ctx context.Context, cut []sdktrace.ReadOnlySpan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backoff.Resting() {
		return
	}
	ended, mark := s.queue.take()
	if len(ended)+len(cut)+len(s.backlog) == 0 {
		return
	}
	ctx, cancel := otlp.Bound(ctx, s.timeout)
	defer cancel()
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
		if s.backoff.Recovered() {
			s.logger.Info("steptrace: the collector answers again", slog.Int("spans_dropped", s.queue.takeDropped()))
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
