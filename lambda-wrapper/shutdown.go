package wrapper

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// shutdownTime is what Lambda leaves a function with an internal extension between SIGTERM and SIGKILL, less a reserve.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
const shutdownTime = 450 * time.Millisecond

// shutdownPause is the pause between looks at what the function's own handlers of SIGTERM have ended meanwhile.
const shutdownPause = 20 * time.Millisecond

// watchShutdown sends what is left when Lambda shuts the environment down: it sends SIGTERM to functions that have
// registered an extension. The signal goes to whom it goes without the wrapper, too, but the process waits for SIGKILL.
func (e *extensionLoop) watchShutdown() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		for range signals {
			e.shutDown(context.Background())
		}
	}()
}

func (e *extensionLoop) shutDown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, shutdownTime)
	defer cancel()
	for ctx.Err() == nil {
		for _, t := range e.registered() {
			t.sender.flushLast(ctx)
		}
		select {
		case <-ctx.Done():
		case <-time.After(shutdownPause):
		}
	}
}
