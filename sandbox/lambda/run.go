package lambda

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/lambda/environment"
)

// initLimit bounds the init phase before the first invocation.
const initLimit = 10 * time.Second

// run is one invocation on its way through an environment.
type run struct {
	service *Service
	pool    *pool
	config  configuration
	input   InvokeInput
	answer  chan answer   // gets one
	over    chan struct{} // closed when the environment is free or gone
	tail    string        // valid once over

	answered bool
	init     time.Duration
}

type answer struct {
	output InvokeOutput
	err    error
}

func newRun(s *Service, v *version, in InvokeInput) *run {
	return &run{
		service: s, pool: v.pool, config: v.config, input: in,
		answer: make(chan answer, 1), over: make(chan struct{}),
	}
}

// do runs the invocation to its end. The environment is kept for the next one unless it failed.
func (r *run) do(ctx context.Context) {
	defer close(r.over)
	i, failure, err := r.obtain(ctx)
	if err != nil {
		r.reply(answer{err: err})
		return
	}
	start := r.service.cfg.Clock.Now()
	timeout := time.Duration(r.config.Timeout) * time.Second
	limited, stop := r.service.within(ctx, timeout, timedOut(timeout))
	defer stop()
	i.stream.platform(fmt.Sprintf("START RequestId: %s Version: %s", r.input.requestID, r.config.Version))
	if failure != nil {
		// As on AWS, a failed init phase is tried again as part of the invocation.
		i.env, err = r.boot(limited, i.stream)
	}
	if err == nil {
		err = i.env.Invoke(limited, r.invocation(start.Add(timeout)), r.respond)
	}
	r.finish(i, start, err)
}

// obtain is a warm environment, or a new one after its init phase. A failed init phase leaves the instance without
// an environment and tells its failure.
func (r *run) obtain(ctx context.Context) (*instance, *environment.Failure, error) {
	if i := r.pool.take(ctx); i != nil {
		return i, nil, nil
	}
	clock := r.service.cfg.Clock
	start := clock.Now()
	i := &instance{stream: &logStream{name: streamName(start, r.config.Version), group: r.pool.log}}
	limited, stop := r.service.within(ctx, initLimit, timedOut(initLimit))
	defer stop()
	var err error
	i.env, err = r.boot(limited, i.stream)
	var failure *environment.Failure
	switch {
	case errors.As(err, &failure):
		i.stream.platform(initReport(clock.Since(start), failure))
		return i, failure, nil
	case err != nil:
		return nil, nil, closingOr(err)
	}
	r.init = clock.Since(start)
	return i, nil, nil
}

func (r *run) boot(ctx context.Context, stream *logStream) (*environment.Environment, error) {
	return environment.Start(ctx, r.service.hard, r.spec(stream.name), environment.Options{
		Clock: r.service.cfg.Clock, Logger: r.service.cfg.Logger, Output: stream,
	})
}

// respond is called as soon as the runtime has answered.
func (r *run) respond(response environment.Response) {
	out := r.output(response.Payload)
	if response.ErrorType != "" {
		out.FunctionError = unhandled
	}
	r.pool.settle(+1)
	r.reply(answer{output: out})
}

func (r *run) reply(a answer) {
	r.answered = true
	r.answer <- a
}

// finish logs the end, answers if the function has not, and keeps or discards the environment.
func (r *run) finish(i *instance, start time.Time, err error) {
	settling := r.answered
	var failure *environment.Failure
	if errors.As(err, &failure) {
		i.stream.platform(failureLines(r.input.requestID, failure, r.service.cfg.Clock.Now()))
	}
	i.stream.platform("END RequestId: " + r.input.requestID)
	i.stream.platform(r.report(i.env, start, failure).String())
	r.tail = i.stream.takeTail()
	if !r.answered {
		r.reply(r.failed(err, failure))
	}
	switch {
	case i.env == nil: // it never got through its init phase
	case err == nil:
		i.env.Freeze()
		r.pool.give(i)
	default:
		i.env.Shutdown(r.service.hard, shutdownReason(failure))
	}
	if settling {
		r.pool.settle(-1)
	}
}

// failed is the answer of an invocation that the function did not answer.
func (r *run) failed(err error, failure *environment.Failure) answer {
	if failure == nil {
		return answer{err: closingOr(err)}
	}
	out := r.output(failure.Body(r.input.requestID))
	out.FunctionError = unhandled
	return answer{output: out}
}

func (r *run) output(payload []byte) InvokeOutput {
	return InvokeOutput{
		Payload: payload, RequestID: r.input.requestID, ExecutedVersion: r.config.Version,
		TraceHeader: r.input.TraceHeader,
	}
}

func (r *run) report(env *environment.Environment, start time.Time, failure *environment.Failure) report {
	out := report{
		requestID: r.input.requestID, duration: r.service.cfg.Clock.Since(start), init: r.init,
		memoryMB: r.config.MemorySize, failure: failure,
	}
	if env != nil {
		out.maxMB, _ = env.MaxMemoryMB()
	}
	return out
}

func (r *run) invocation(deadline time.Time) environment.Invocation {
	return environment.Invocation{
		RequestID: r.input.requestID, FunctionARN: r.input.FunctionARN, Payload: r.input.Payload,
		Deadline: deadline, TraceHeader: r.input.TraceHeader, ClientContext: r.input.ClientContext,
	}
}

func (r *run) spec(stream string) environment.Spec {
	cfg, config, v := r.service.cfg, r.config, r.pool.version
	spec := environment.Spec{
		FunctionName: config.FunctionName, FunctionVersion: config.Version, Runtime: config.Runtime,
		Handler: config.Handler, MemoryMB: config.MemorySize, Region: cfg.Region, AccountID: cfg.AccountID,
		LogGroup: "/aws/lambda/" + config.FunctionName, LogStream: stream,
		TaskRoot: v.code.folder, Command: v.command(cfg.Runtimes), Extensions: v.extensions(),
		TempDir:     filepath.Join(v.code.tempFolder(), uuid.NewString()),
		EndpointURL: cfg.EndpointURL(), Defaults: cfg.Environment,
	}
	if config.Environment != nil {
		spec.Variables = config.Environment.Variables
	}
	return spec
}

// streamName is a log stream's name as Lambda makes them: "2026/11/23/[$LATEST]…".
func streamName(now time.Time, version string) string {
	return now.UTC().Format("2006/01/02/") + "[" + version + "]" + randomHex(16)
}

func timedOut(limit time.Duration) *environment.Failure {
	return &environment.Failure{
		Type: environment.TypeTimeout, Message: fmt.Sprintf("Task timed out after %.2f seconds", limit.Seconds()),
	}
}

func shutdownReason(f *environment.Failure) environment.Reason {
	switch {
	case f == nil:
		return environment.ReasonSpindown // the sandbox is closing
	case f.Type == environment.TypeTimeout:
		return environment.ReasonTimeout
	}
	return environment.ReasonFailure
}

// closingOr tells callers that the sandbox is closing; other errors stay as they are.
func closingOr(err error) error {
	if errors.Is(err, errClosing) {
		return unavailable()
	}
	return err
}
