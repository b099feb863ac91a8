package interpreter

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// attempt does the work of a Task, Parallel or Map state, again where a retrier says so, and catches its error.
func (f *flow) attempt(ctx context.Context, v *visit) (dataflow.Choice, error) {
	counts := make([]int64, len(v.state.Retry))
	for {
		next, err := f.work(ctx, v)
		e := asStateError(err)
		if e == nil {
			return next, err
		}
		f.last = e.event
		v.forget(e)
		delay, again := f.retry(v.state.Retry, counts, e)
		if !again {
			return f.catch(ctx, v, e)
		}
		if err := f.sleep(ctx, delay, RetryTimer); err != nil {
			return dataflow.Choice{}, err
		}
		v.retries++
	}
}

func (f *flow) work(ctx context.Context, v *visit) (dataflow.Choice, error) {
	switch v.state.Type {
	case asl.ParallelType:
		return f.parallel(ctx, v)
	case asl.MapType:
		return f.mapItems(ctx, v)
	default:
		return f.task(ctx, v)
	}
}

// retry is how long to wait before the next attempt, if there is one. counts are the attempts of each retrier.
func (f *flow) retry(retriers []asl.Retrier, counts []int64, e *stateError) (time.Duration, bool) {
	for n, retrier := range retriers {
		if !matches(retrier.ErrorEquals, e) {
			continue
		}
		if counts[n] >= retrier.MaxAttempts {
			return 0, false
		}
		counts[n]++
		return delay(retrier, counts[n], f.Random), true
	}
	return 0, false
}

// delay is the time before a retrier's attempt of that number, the first being 1.
func delay(r asl.Retrier, attempt int64, random func() float64) time.Duration {
	seconds := float64(r.IntervalSeconds) * math.Pow(r.BackoffRate, float64(attempt-1))
	if r.MaxDelaySeconds > 0 {
		seconds = min(seconds, float64(r.MaxDelaySeconds))
	}
	if r.JitterStrategy == "FULL" {
		seconds *= random()
	}
	seconds = min(seconds, math.MaxInt32) // beyond 68 years a Duration would soon overflow
	return time.Duration(seconds * float64(time.Second))
}

// catch goes where a catcher says, or passes the error on.
func (f *flow) catch(ctx context.Context, v *visit, e *stateError) (dataflow.Choice, error) {
	if err := f.stateFailed(ctx, v, e); err != nil {
		return dataflow.Choice{}, err
	}
	for n := range v.state.Catch {
		catcher := &v.state.Catch[n]
		if matches(catcher.ErrorEquals, e) {
			outcome, err := f.scope(v).Caught(v.state, n, caughtFailure(e))
			return dataflow.Choice{Outcome: outcome, Next: catcher.Next}, f.evaluated(ctx, v, err)
		}
	}
	return dataflow.Choice{}, e
}

// caughtFailure is what a catcher sees: of a timeout an empty cause.
func caughtFailure(e *stateError) Failure {
	failure := e.failure
	if e.name() == errTimeout && failure.Cause == nil {
		failure.Cause = new(string)
	}
	return failure
}

// stateFailed writes ParallelStateFailed or MapStateFailed. A runtime error of the state itself ends the execution at
// once, without one.
func (f *flow) stateFailed(ctx context.Context, v *visit, e *stateError) error {
	ownRuntimeError := e.name() == dataflow.ErrRuntime && !v.branchFailed
	if v.state.Type == asl.TaskType || ownRuntimeError {
		return nil
	}
	err := f.emit(ctx, string(v.state.Type)+"StateFailed", nil)
	v.closed = err == nil
	e.event = f.last
	return err
}

// matches tells whether the names of a retrier or catcher stand for an error.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
func matches(names []string, e *stateError) bool {
	if e.name() == dataflow.ErrRuntime { // not even by its name
		return false
	}
	return slices.ContainsFunc(names, func(name string) bool {
		switch name {
		case "States.ALL":
			return e.name() != dataflow.ErrDataLimitExceeded
		case "States.HeartbeatTimeout": // the event says States.Timeout
			return e.silent
		case "States.TaskFailed":
			return e.name() != errTimeout && e.name() != dataflow.ErrDataLimitExceeded
		}
		return e.failure.Error != nil && name == e.name()
	})
}
