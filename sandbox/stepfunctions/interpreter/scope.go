package interpreter

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// contextTime is how the context object writes times.
const contextTime = "2006-01-02T15:04:05.000Z"

// scope is what the expressions of the visited state can see now.
func (f *flow) scope(v *visit) *dataflow.Scope {
	return &dataflow.Scope{
		Input:     v.input,
		Context:   f.contextObject(v),
		Variables: f.variables,
		Now:       func() time.Time { return f.Clock.Now() },
		Random:    f.Random,
		NewUUID:   f.NewUUID,
	}
}

// contextObject is $$ and $states.context.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
func (f *flow) contextObject(v *visit) *jsonvalue.Object {
	execution := jsonvalue.NewObject().
		Set("Id", f.ARN).
		Set("Input", f.Input).
		Set("StartTime", f.StartTime.UTC().Format(contextTime)).
		Set("Name", f.Name).
		Set("RoleArn", f.RoleARN).
		Set("RedriveCount", number(f.redrive.count+f.Restarts))
	if f.redrive.count > 0 {
		execution.Set("RedriveTime", f.redrive.event.Time.UTC().Format(contextTime))
	}
	o := jsonvalue.NewObject().
		Set("Execution", execution).
		Set("StateMachine", jsonvalue.NewObject().
			Set("Id", f.StateMachineARN).
			Set("Name", f.StateMachineName)).
		Set("State", f.stateContext(v))
	if v.token != "" {
		o.Set("Task", jsonvalue.NewObject().Set("Token", v.token))
	}
	if f.item != nil {
		o.Set("Map", f.item.context())
	}
	return o
}

func (f *flow) stateContext(v *visit) *jsonvalue.Object {
	state := jsonvalue.NewObject().
		Set("Name", v.state.Name).
		Set("EnteredTime", v.time.UTC().Format(contextTime))
	if v.state.Type == asl.TaskType || v.state.Type == asl.ParallelType || v.state.Type == asl.MapType {
		state.Set("RetryCount", json.Number(strconv.Itoa(v.retries)))
	}
	return state
}

func (i *item) context() *jsonvalue.Object {
	o := jsonvalue.NewObject().
		Set("Index", json.Number(strconv.Itoa(i.index))).
		Set("Value", i.value)
	if i.source != "" {
		o.Set("Source", i.source)
	}
	return jsonvalue.NewObject().Set("Item", o)
}
