package wrapper

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// shutdownTime is less than Lambda leaves a process between SIGTERM and SIGKILL, 500 ms with internal extensions only.
const shutdownTime = 400 * time.Millisecond

// flushAtShutdown sends what waits when Lambda shuts the environment down. The process goes on: others may have heard
// the signal, too, as aws-lambda-go has with WithEnableSIGTERM, and Lambda ends it soon.
func (t *telemetry) flushAtShutdown() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	for range signals {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime+deadlineReserve)
		t.sender.flushLast(ctx)
		cancel()
	}
}
