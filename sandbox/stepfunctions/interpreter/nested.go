package interpreter

import (
	"context"
	"fmt"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// AwaitExecution waits until an execution has ended and describes it, as DescribeExecution does.
type AwaitExecution func(ctx context.Context, arn string) ([]byte, error)

// errTaskFailed is the error of a task whose execution has not succeeded.
const errTaskFailed = "States.TaskFailed"

// awaitExecution waits until the execution that a task has started ends, or the owner of the task's token says how the
// task ends. When the task is aborted, so is the execution.
func (f *flow) awaitExecution(
	ctx context.Context, limits limits, target integration, p plan, started dataflow.Value,
) (reply, error) {
	object, _ := started.(*jsonvalue.Object)
	arn := stringMember(object, "ExecutionArn")
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan reply, 1)
	f.calls.Go(func() { ended <- f.nestedReply(waiting, arn, target.pattern) })
	r, err := limits.wait(ctx, ended, p.callback.replies)
	if ctx.Err() == nil {
		return r, err
	}
	if f.background.Err() == nil { // otherwise everything ends
		f.calls.Go(func() { f.stopExecution(arn) })
	}
	return reply{}, context.Cause(ctx)
}

// stopExecution aborts an execution as far as that is possible.
func (r *run) stopExecution(arn string) {
	body := jsonvalue.Encode(jsonvalue.NewObject().Set("executionArn", arn))
	_, _ = r.post(r.background, statesOptimized, "StopExecution", body) // best effort, as at AWS
}

// nestedReply is how a task ends with its execution.
func (r *run) nestedReply(ctx context.Context, arn string, p pattern) reply {
	text, err := r.AwaitExecution(ctx, arn)
	if err != nil {
		return failedReply(fmt.Errorf("wait for %s: %w", arn, err))
	}
	value, err := jsonvalue.Decode(text)
	if err != nil {
		return failedReply(fmt.Errorf("read the description of %s: %w", arn, err))
	}
	description, _ := withMilliseconds(capitalized(value)).(*jsonvalue.Object)
	if stringMember(description, "Status") != StatusSucceeded {
		failure := failuref(errTaskFailed, "%s", jsonvalue.Text(description))
		return reply{failure: &failure}
	}
	if p == runJobJSON {
		description = withJSON(description, "Input", "Output")
	}
	return reply{value: description}
}

func failedReply(err error) reply {
	failure := failuref(errTaskFailed, "%v", err)
	return reply{failure: &failure}
}

// withJSON replaces members that are JSON texts by what they say.
func withJSON(o *jsonvalue.Object, names ...string) *jsonvalue.Object {
	o = o.Clone()
	for _, name := range names {
		if value, err := jsonvalue.Decode([]byte(stringMember(o, name))); err == nil {
			o.Set(name, value)
		}
	}
	return o
}
