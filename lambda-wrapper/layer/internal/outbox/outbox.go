// Package outbox keeps encoded exports of one signal until its collector has them, in bounded memory.
package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

// MaxQueued bounds the bytes that are kept of one signal.
const MaxQueued = 4 << 20

// Outbox sends export requests behind each other, which are one request in protobuf. Whatever the collector does, it
// returns in time and reports a change for the worse or the better in one line.
type Outbox struct {
	signal  otlp.Signal
	post    func(ctx context.Context, body []byte) error // nil: what is added is left
	timeout time.Duration
	logger  *slog.Logger

	mu      sync.Mutex
	queued  [][]byte
	size    int
	dropped int // bytes

	lane    otlp.Lane // guards backoff
	backoff otlp.Backoff
}

// New sends by post, each export in timeout. A nil post leaves what is added.
func New(s otlp.Signal, post func(context.Context, []byte) error, timeout time.Duration, logger *slog.Logger) *Outbox {
	return &Outbox{
		signal: s, post: post, timeout: timeout, lane: otlp.NewLane(), logger: logger.With(slog.String("signal", string(s))),
	}
}

// Add keeps requests for the next Flush, as far as there is room. They must not be changed any more.
func (o *Outbox) Add(requests ...[]byte) {
	if o.post == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, request := range requests {
		if len(request) == 0 {
			continue // an invocation that is not sampled
		}
		if o.size+SizeOf(request) > MaxQueued {
			o.dropped += len(request)
			continue
		}
		o.size += SizeOf(request)
		o.queued = append(o.queued, request)
	}
}

// SizeOf is what a request counts for where requests are kept: many small ones take more memory than their bytes.
func SizeOf(request []byte) int { return len(request) + 32 }

// Size is how many bytes are queued.
func (o *Outbox) Size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.size
}

// Flush sends what is queued in the time that ctx leaves. What could not be sent stays queued.
func (o *Outbox) Flush(ctx context.Context) { o.flush(ctx, false) }

// FlushLast is Flush when there will be no other time.
func (o *Outbox) FlushLast(ctx context.Context) { o.flush(ctx, true) }

func (o *Outbox) flush(ctx context.Context, last bool) {
	ctx, cancel := otlp.Bound(ctx, o.timeout)
	defer cancel()
	if !o.lane.Enter(ctx) {
		return
	}
	defer o.lane.Leave()
	if last {
		o.backoff.Resume()
	}
	if o.backoff.Resting() {
		return
	}
	if requests := o.take(); len(requests) > 0 {
		o.settle(o.send(ctx, requests))
	}
}

func (o *Outbox) take() [][]byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	requests := o.queued
	o.queued, o.size = nil, 0
	return requests
}

func (o *Outbox) settle(r result) {
	if r.refused != nil {
		o.logger.Error("steptrace: an export was refused and is dropped; check the endpoint and its headers",
			slog.Any("error", r.refused))
	}
	switch {
	case r.away != nil:
		o.putBack(r.kept)
		if o.backoff.Failed() {
			o.logger.Warn("steptrace: the collector cannot be reached; exports are kept until it can",
				slog.Any("error", r.away))
		}
	case r.accepted:
		switch dropped := o.takeDropped(); {
		case o.backoff.Recovered():
			o.logger.Info("steptrace: the collector answers again", slog.Int("bytes_dropped", dropped))
		case dropped > 0:
			o.logger.Warn("steptrace: the function exports more than is kept; some is lost",
				slog.Int("bytes_dropped", dropped))
		}
	default:
		o.backoff.Failed()
	}
}

// putBack queues requests before those that came meanwhile.
func (o *Outbox) putBack(requests [][]byte) {
	newer := o.take()
	o.Add(requests...)
	o.Add(newer...)
}

func (o *Outbox) takeDropped() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.dropped
	o.dropped = 0
	return n
}
