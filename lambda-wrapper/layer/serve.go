package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/extension"
)

// Pauses between attempts to reach an Extensions API that fails, and how many there are.
const (
	retryPause  = 100 * time.Millisecond
	maxFailures = 50
)

// nextEvent waits for the environment's next event.
type nextEvent func(context.Context) (extension.Event, error)

// serve works through the environment's events until it ends. Lambda freezes the environment when the runtime and this
// extension have asked for what is next; the latter asks when all is sent.
func (l *layer) serve(ctx context.Context, next nextEvent) error {
	failures := 0
	for {
		event, err := next(ctx)
		if err != nil {
			if failures++; failures > maxFailures || !pause(ctx) {
				return fmt.Errorf("the Extensions API does not answer: %w", err)
			}
			continue
		}
		failures = 0
		if event.Type == extension.Shutdown {
			l.shutDown(ctx, event)
			return nil
		}
		l.serveInvocation(ctx, event)
	}
}

// pause is false if ctx ended.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(retryPause):
		return true
	}
}

// serveInvocation sends after the response. Where the runtime does not go through the proxy nothing tells of the
// response, and what the SDK exported leaves at the next event.
func (l *layer) serveInvocation(ctx context.Context, event extension.Event) {
	ctx, cancel := context.WithDeadline(ctx, event.Deadline())
	defer cancel()
	if !l.log.Asked() {
		l.warnOnce.Do(func() {
			l.logger.Warn("steptrace: the runtime does not use the layer, which forwards OTLP only; set " +
				"AWS_LAMBDA_EXEC_WRAPPER=/opt/steptrace/exec-wrapper on the function")
		})
	} else if !l.log.Await(ctx, event.RequestID) {
		return // the environment ends, and has little time left
	}
	l.flush(ctx)
}

// shutDown exports what has no answer as what Lambda made of it. The runtime has ended before.
func (l *layer) shutDown(ctx context.Context, event extension.Event) {
	ctx, cancel := context.WithDeadline(ctx, event.Deadline())
	defer cancel()
	l.logger.Debug("steptrace: shutting down", slog.String("reason", event.Reason))
	l.log.Fail(time.Now(), strings.EqualFold(event.Reason, "timeout"))
	l.flushLast(ctx)
}
