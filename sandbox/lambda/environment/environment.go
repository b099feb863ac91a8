// Package environment runs one Lambda execution environment: the runtime process of a function and its external
// extensions, served by the Runtime API (2018-06-01) and the Extensions API (2020-01-01) on a loopback listener of
// their own, frozen between invocations.
//
// Sources: "Using the Lambda runtime API for custom runtimes", "Using the Lambda Extensions API" and
// "Understanding the Lambda execution environment lifecycle" in the AWS Lambda Developer Guide.
package environment

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/coder/quartz"
)

// Spec says what an environment runs.
type Spec struct {
	FunctionName    string
	FunctionVersion string // "$LATEST" or a number
	Runtime         string // e.g. "provided.al2023"
	Handler         string
	MemoryMB        int
	Region          string
	AccountID       string
	LogGroup        string
	LogStream       string
	TaskRoot        string            // folder of the unzipped code, absolute
	Command         []string          // executable of the runtime, absolute, and its arguments
	Extensions      []string          // executables of external extensions, absolute
	TempDir         string            // made at the start, removed at the shutdown
	EndpointURL     string            // AWS_ENDPOINT_URL
	Defaults        map[string]string // variables of every function of the sandbox
	Variables       map[string]string // the function's own variables
}

// Options are what an environment needs of its host. Output gets what the processes write to stdout and stderr.
type Options struct {
	Clock  quartz.Clock
	Logger *slog.Logger
	Output io.Writer
}

// Environment is one execution environment. Invoke, Freeze and Shutdown are called one at a time.
type Environment struct {
	spec    Spec
	clock   quartz.Clock
	logger  *slog.Logger
	api     *apiServer
	output  *capture
	changed chan struct{} // a state below has changed; only await reads it
	closing chan struct{} // closed by Shutdown: no poll is answered any more

	mu         sync.Mutex
	processes  []*process
	runtime    mailbox[delivery]
	extensions []*extension
	registrar  registrar
	current    *exchange
	failure    *Failure // the first thing that makes this environment unusable
	ending     bool     // exits are expected
}

// Start brings an environment up: external extensions first, then the runtime, until all have asked for their first
// event. It fails with a *Failure when the function is to blame; the cause of ctx is returned when ctx ends before.
// What was started is shut down then, and killed at once when the context kill ends.
func Start(ctx, kill context.Context, spec Spec, opts Options) (*Environment, error) {
	e := &Environment{
		spec: spec, clock: opts.Clock, logger: opts.Logger,
		changed: make(chan struct{}, 1), closing: make(chan struct{}),
		registrar: registrar{open: true},
	}
	if err := e.open(ctx, opts.Output); err != nil {
		return nil, err
	}
	if err := e.initialize(ctx); err != nil {
		e.Shutdown(kill, reasonOf(err))
		return nil, err
	}
	return e, nil
}

func (e *Environment) open(ctx context.Context, output io.Writer) (err error) {
	if err := os.MkdirAll(e.spec.TempDir, 0o700); err != nil {
		return fmt.Errorf("make the environment's temporary folder: %w", err)
	}
	if e.output, err = newCapture(output); err != nil {
		return err
	}
	if e.api, err = serve(ctx, e.routes()); err != nil {
		e.output.close()
		return err
	}
	return nil
}

func (e *Environment) initialize(ctx context.Context) error {
	defer e.output.flush()
	if err := e.launchExtensions(); err != nil {
		return err
	}
	if err := e.await(ctx, e.externalRegistered); err != nil {
		return err
	}
	if err := e.launchRuntime(); err != nil {
		return err
	}
	return e.await(ctx, e.ready)
}

// await blocks until done says so, done fails, or ctx ends; done is called with the state locked.
func (e *Environment) await(ctx context.Context, done func() (bool, error)) error {
	for {
		e.mu.Lock()
		ok, err := done()
		e.mu.Unlock()
		if ok || err != nil {
			return err
		}
		select {
		case <-e.changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (e *Environment) notify() {
	select {
	case e.changed <- struct{}{}:
	default: // await will look anyway
	}
}

// externalRegistered holds when every external extension has registered.
func (e *Environment) externalRegistered() (bool, error) {
	if e.failure != nil {
		return false, e.failure
	}
	for _, x := range e.extensions {
		if x.external && !x.registered {
			return false, nil
		}
	}
	return true, nil
}

// ready holds when the runtime and all extensions wait for an event: the end of the init phase.
func (e *Environment) ready() (bool, error) {
	if e.failure != nil {
		return false, e.failure
	}
	for _, x := range e.extensions {
		if !x.mailbox.waiting() {
			return false, nil
		}
	}
	return e.runtime.waiting(), nil
}

// fail records the first failure.
func (e *Environment) fail(f *Failure) {
	e.mu.Lock()
	e.failLocked(f)
	e.mu.Unlock()
	e.notify()
}

func (e *Environment) failLocked(f *Failure) {
	if e.failure == nil && !e.ending {
		e.failure = f
	}
}

// Usable says whether the environment can take another invocation.
func (e *Environment) Usable() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failure == nil && !e.ending
}
