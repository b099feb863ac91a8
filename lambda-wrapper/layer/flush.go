package main

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/adopt"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/invocation"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/outbox"
)

// enough is so much of a signal that a long invocation's is sent while it goes on.
const enough = outbox.MaxQueued / 4

// inbox has received exports of what has no place yet.
type inbox struct {
	mu       sync.Mutex
	requests [][]byte
	size     int
	dropped  int // requests
}

// add keeps a request if there is room, and returns how much is kept.
func (b *inbox) add(request []byte) (size int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.size+outbox.SizeOf(request) > outbox.MaxQueued {
		b.dropped++
		return b.size
	}
	b.requests = append(b.requests, request)
	b.size += outbox.SizeOf(request)
	return b.size
}

func (b *inbox) take() (requests [][]byte, dropped int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	requests, dropped = b.requests, b.dropped
	b.requests, b.size, b.dropped = nil, 0, 0
	return requests, dropped
}

// take keeps what the function's SDK exported.
func (l *layer) take(signal otlp.Signal, request []byte) error {
	if len(request) == 0 {
		return nil
	}
	var size int
	switch signal {
	case otlp.Traces:
		if err := adopt.Check(request); err != nil {
			return err
		}
		size = l.received.add(request)
	case otlp.Logs:
		if err := adopt.CheckLogs(request); err != nil {
			return err
		}
		size = l.receivedLogs.add(request)
	case otlp.Metrics:
		l.outboxes[signal].Add(request)
		size = l.outboxes[signal].Size()
	}
	if size > enough || l.cfg.concurrent {
		l.flushBeside()
	}
	return nil
}

// flushBeside sends while invocations go on; none of them waits. Invocations are encoded also while the collector lets
// an export wait, so that their events are not kept for that long.
func (l *layer) flushBeside() {
	l.placingBeside.Go(func() {
		l.place()
		l.sendingBeside.Go(func() { l.each(func(o *outbox.Outbox) { o.Flush(context.Background()) }) })
	})
}

// flush sends all there is in the time that ctx leaves. What could not be sent is kept.
func (l *layer) flush(ctx context.Context) {
	l.place()
	l.each(func(o *outbox.Outbox) { o.Flush(ctx) })
}

// flushLast is flush when there will be no other time.
func (l *layer) flushLast(ctx context.Context) {
	l.place()
	l.each(func(o *outbox.Outbox) { o.FlushLast(ctx) })
}

func (l *layer) each(flush func(*outbox.Outbox)) {
	var all sync.WaitGroup
	for _, o := range l.outboxes {
		all.Go(func() { l.guard(func() { flush(o) }) })
	}
	all.Wait()
}

// guard keeps a fault of the layer from ending its process, with which Lambda would end the function's.
func (l *layer) guard(do func()) {
	defer func() {
		if fault := recover(); fault != nil {
			l.logger.Error("steptrace: a fault of the layer; some telemetry is lost, the function is not concerned",
				slog.Any("fault", fault), slog.String("stack", string(debug.Stack())))
		}
	}()
	do()
}

// place gives invocations and what was received in them their places and queues them for the collector.
func (l *layer) place() { l.guard(l.placeAll) }

func (l *layer) placeAll() {
	l.placing.Lock()
	defer l.placing.Unlock()
	requests, dropped := l.received.take()
	logs, droppedLogs := l.receivedLogs.take()
	if dropped+droppedLogs > 0 {
		l.logger.Warn("steptrace: the function exports more than is kept; some is lost",
			slog.Int("exports", dropped+droppedLogs))
	}
	traces := l.outboxes[otlp.Traces]
	begun, ended := l.log.Take()
	if len(begun)+len(l.inits) > 0 && l.spans == nil {
		l.spans = l.newSpans()
	}
	for _, i := range begun {
		l.spans.Place(i)
		l.family.Add(&i.Invocation)
	}
	traces.Add(l.family.Adopt(requests)...)
	l.outboxes[otlp.Logs].Add(l.family.Follow(logs)...)
	for _, i := range ended {
		traces.Add(l.spans.Encode(i))
	}
	inits := l.inits
	l.inits = nil
	for _, f := range inits {
		traces.Add(l.spans.EncodeInit(l.started, f))
	}
}

// newSpans is called when the runtime has told the log stream, which Lambda hides from extensions.
func (l *layer) newSpans() *invocation.Spans {
	function := l.cfg.function
	if stream := l.runtime.logStream(); stream != unknownStream {
		function.LogStream = stream
	}
	return invocation.NewSpans(invocation.Options{
		Function: function, Propagator: l.cfg.propagator, Fingerprints: l.cfg.fingerprints, Version: version,
		Logger: l.logger,
	})
}
