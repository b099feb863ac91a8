package environment

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Reason is the shutdownReason that external extensions get.
type Reason string

// Reasons of a shutdown.
const (
	ReasonSpindown Reason = "spindown"
	ReasonTimeout  Reason = "timeout"
	ReasonFailure  Reason = "failure"
)

// How long a shutdown lasts at most, by the extensions that registered.
const (
	internalShutdown = 500 * time.Millisecond
	externalShutdown = 2 * time.Second
	runtimeShare     = 600 * time.Millisecond // the runtime's part of externalShutdown
)

// Shutdown ends the environment as AWS does: without extensions the runtime is killed; with any it gets SIGTERM first;
// then external extensions get the SHUTDOWN event; what is left at the end of its time is killed. When ctx ends, all is
// killed at once.
func (e *Environment) Shutdown(ctx context.Context, reason Reason) {
	internal, external := e.beginShutdown()
	switch {
	case external:
		e.shutdownAll(ctx, reason)
	case internal:
		e.terminateRuntime(ctx, internalShutdown)
	}
	e.signal(unix.SIGKILL)
	for _, p := range e.running() {
		<-p.exited
	}
	e.output.close()
	close(e.closing)
	e.api.close()
	if err := os.RemoveAll(e.spec.TempDir); err != nil {
		e.logger.Warn("A function's temporary folder could not be removed", "folder", e.spec.TempDir, "error", err)
	}
}

// beginShutdown makes exits expected and tells which kinds of extensions are registered.
func (e *Environment) beginShutdown() (internal, external bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ending = true
	for _, x := range e.extensions {
		internal = internal || x.registered && !x.external
		external = external || x.registered && x.external
	}
	return internal, external
}

func (e *Environment) shutdownAll(ctx context.Context, reason Reason) {
	deadline := e.clock.Now().Add(externalShutdown)
	e.terminateRuntime(ctx, runtimeShare)
	e.mu.Lock()
	for _, x := range e.extensions {
		if x.external && x.events[eventShutdown] {
			x.mailbox.put(event{
				EventType: eventShutdown, DeadlineMS: deadline.UnixMilli(), ShutdownReason: reason,
			}.json())
		}
	}
	e.mu.Unlock()
	e.killUnsubscribed()
	e.waitExits(ctx, e.running(), e.clock.Until(deadline))
}

// terminateRuntime asks the runtime to end and kills it when it has not after limit.
func (e *Environment) terminateRuntime(ctx context.Context, limit time.Duration) {
	e.thaw()
	for _, p := range e.running() {
		if p.extension == nil {
			p.signal(unix.SIGTERM)
			e.waitExits(ctx, []*process{p}, limit)
			p.signal(unix.SIGKILL)
		}
	}
}

// killUnsubscribed kills all but the external extensions that asked for SHUTDOWN.
func (e *Environment) killUnsubscribed() {
	for _, p := range e.running() {
		if !e.wantsShutdown(p.extension) {
			p.signal(unix.SIGKILL)
		}
	}
}

func (e *Environment) wantsShutdown(x *extension) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return x != nil && x.events[eventShutdown]
}

// waitExits waits for the processes, for limit at most.
func (e *Environment) waitExits(ctx context.Context, processes []*process, limit time.Duration) {
	timer := e.clock.NewTimer(max(limit, 0))
	defer timer.Stop()
	for _, p := range processes {
		select {
		case <-p.exited:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
