package interpreter

import (
	"context"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// integration is how a Task state reaches what its Resource names.
type integration struct {
	events eventTypes
	label  string  // what DataLimitExceeded calls it
	base   Details // members that every event of the attempt has

	pattern  pattern
	call     taskCall
	activity string // the ARN of the activity that does the work, instead of a call
}

// taskCall does the work of one attempt.
type taskCall = func(ctx context.Context, arguments dataflow.Value) (dataflow.Value, *Failure)

// eventTypes are the events of one attempt.
type eventTypes struct{ scheduled, started, succeeded, failed, timedOut string }

var (
	taskEvents = eventTypes{
		"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskFailed", "TaskTimedOut",
	}
	lambdaEvents = eventTypes{
		"LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded", "LambdaFunctionFailed",
		"LambdaFunctionTimedOut",
	}
	activityEvents = eventTypes{
		"ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "ActivityFailed", "ActivityTimedOut",
	}
)

// task makes one attempt of a Task state.
func (f *flow) task(ctx context.Context, v *visit) (dataflow.Choice, error) {
	target, ok := f.integration(v.state.Task.Resource)
	if !ok {
		return dataflow.Choice{}, f.unsupported(v, "the resource "+v.state.Task.Resource)
	}
	waiting, done := f.callback(v, target)
	defer done()
	scope := f.scope(v)
	plan, err := planTask(scope, v)
	if err != nil {
		return dataflow.Choice{}, f.evaluated(ctx, v, err)
	}
	plan.callback = waiting
	result, err := f.perform(ctx, v, target, plan)
	if err != nil {
		return dataflow.Choice{}, err
	}
	return f.complete(ctx, v, scope, result)
}

// plan is what a Task state's fields say about an attempt. Times are in seconds.
type plan struct {
	arguments          dataflow.Value
	timeout, heartbeat *int64
	credentials        *TaskCredentials
	callback           *callback // nil unless somebody else may end the attempt
}

func planTask(scope *dataflow.Scope, v *visit) (p plan, err error) {
	if p.arguments, err = scope.Arguments(v.state); err != nil {
		return p, err
	}
	if p.timeout, err = optionalInt(scope, v, v.state.Task.TimeoutSeconds); err != nil {
		return p, err
	}
	if p.heartbeat, err = optionalInt(scope, v, v.state.Task.HeartbeatSeconds); err != nil {
		return p, err
	}
	p.credentials, err = credentials(scope, v)
	return p, err
}

func optionalInt(scope *dataflow.Scope, v *visit, field *asl.Int) (*int64, error) {
	if field == nil {
		return nil, nil
	}
	n, err := scope.Int(v.state, field)
	return &n, err
}

func credentials(scope *dataflow.Scope, v *visit) (*TaskCredentials, error) {
	if v.state.Task.Credentials == nil {
		return nil, nil
	}
	value, err := scope.Payload(v.state, "Credentials", v.state.Task.Credentials)
	if err != nil {
		return nil, err
	}
	object, _ := value.(*jsonvalue.Object)
	arn, _ := object.Get("RoleArn")
	text, _ := arn.(string)
	return &TaskCredentials{RoleARN: text}, nil
}

// callback is what somebody else ends an attempt of that task with, where that can be; done is to be called when the
// attempt has ended.
func (f *flow) callback(v *visit, target integration) (c *callback, done func()) {
	v.token = ""
	if target.pattern == requestResponse && target.activity == "" {
		return nil, func() {}
	}
	c = f.expect(target.activity)
	if target.activity == "" {
		v.token = c.token
	}
	return c, func() { f.callbacks.close(c.token) }
}

// perform schedules, starts and awaits one attempt, each with its event.
func (f *flow) perform(ctx context.Context, v *visit, target integration, p plan) (dataflow.Value, error) {
	if target.activity != "" {
		return f.performActivity(ctx, v, target, p)
	}
	if err := f.emit(ctx, target.events.scheduled, target.scheduled(p)); err != nil {
		return nil, err
	}
	if err := f.emit(ctx, target.events.started, target.details(nil)); err != nil {
		return nil, err
	}
	reply, err := f.await(ctx, target, p)
	if err != nil {
		return nil, err
	}
	return f.report(ctx, target, reply)
}

// report writes the event that ends an attempt.
func (f *flow) report(ctx context.Context, target integration, r reply) (dataflow.Value, error) {
	if r.failure == nil {
		r.failure = tooLarge(dataflow.CheckSize(target.label, r.value))
	}
	if r.failure == nil {
		details := target.details(outputDetails(jsonvalue.Text(r.value)))
		return r.value, f.emit(ctx, target.events.succeeded, details)
	}
	eventType := target.events.failed
	if r.timedOut {
		eventType = target.events.timedOut
	}
	if err := f.emit(ctx, eventType, target.details(failureDetails(*r.failure))); err != nil {
		return nil, err
	}
	return nil, &stateError{failure: *r.failure, event: f.last, silent: r.silent}
}

// tooLarge is the failure of a result that is over the quota; nil for one that is not.
func tooLarge(err error) *Failure {
	if err == nil {
		return nil
	}
	e := asDataError(err)
	return &Failure{Error: &e.Name, Cause: &e.Message}
}

// scheduled are the details of the first event of an attempt. Those of a direct Lambda task have the function and its
// input, those of a service integration the region and the parameters.
func (t integration) scheduled(p plan) *Details {
	text := jsonvalue.Text(p.arguments)
	details := t.base
	if t.direct() {
		details.Input, details.InputDetails = &text, &Truncation{}
	} else {
		details.Parameters = &text
	}
	details.TimeoutInSeconds, details.HeartbeatInSeconds = p.timeout, p.heartbeat
	details.TaskCredentials = p.credentials
	return &details
}

// details adds to an event's own details what every event of a service integration says. Events of a direct Lambda
// task say no such thing.
func (t integration) details(own *Details) *Details {
	if t.direct() {
		return own
	}
	if own == nil {
		own = &Details{}
	}
	own.Resource, own.ResourceType = t.base.Resource, t.base.ResourceType
	return own
}

func (t integration) direct() bool { return t.base.ResourceType == "" }

// unsupported is the runtime error about what the sandbox cannot do.
func (f *flow) unsupported(v *visit, what string) error {
	return f.runtimeError(v, "The sandbox does not support "+what+".")
}

func (f *flow) runtimeError(v *visit, message string) error {
	failure := failuref(dataflow.ErrRuntime,
		"An error occurred while executing the state '%s' (entered at the event id #%d). %s",
		v.state.Name, v.entered, message)
	return &stateError{failure: failure, event: f.last}
}
