package interpreter

import (
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// results are the results of all children in the order of their items.
func (m *MapRun) results(transformation string) []dataflow.Value {
	m.mu.Lock()
	defer m.mu.Unlock()
	results := make([]dataflow.Value, 0, len(m.children))
	for _, c := range m.children {
		results = append(results, c.result(transformation)...)
	}
	return results
}

// result is what a child adds to the results. Of one that has not succeeded that is all that is known about it.
func (c *mapChild) result(transformation string) []dataflow.Value {
	if c.status() != StatusSucceeded || transformation == "NONE" {
		return []dataflow.Value{c.report()}
	}
	output, _ := jsonvalue.Decode(c.execution.History.Outcome().Output) // the interpreter has encoded it
	if array, ok := output.([]dataflow.Value); ok && transformation == "FLATTEN" {
		return array
	}
	return []dataflow.Value{output}
}

// report is a child as result files describe it.
func (c *mapChild) report() dataflow.Value {
	included := jsonvalue.NewObject().Set("Included", true)
	o := jsonvalue.NewObject()
	if c.execution == nil {
		return o.Set("Input", jsonvalue.Text(c.input)).Set("InputDetails", included).Set("Status", statusPending)
	}
	x := c.execution
	outcome := x.History.Outcome()
	if outcome == nil {
		outcome = &Outcome{Status: StatusRunning}
	}
	setText(o, "Cause", outcome.Cause)
	setText(o, "Error", outcome.Error)
	o.Set("ExecutionArn", x.ARN).Set("Input", x.InputText).Set("InputDetails", included).Set("Name", x.Name)
	if outcome.Status == StatusSucceeded {
		o.Set("Output", string(outcome.Output))
	}
	o.Set("OutputDetails", included)
	x.reportRedrives(o, outcome.Status)
	o.Set("StartDate", resultTime(x.StartTime)).
		Set("StateMachineArn", x.StateMachineARN).
		Set("Status", outcome.Status)
	if !outcome.StopTime.IsZero() {
		o.Set("StopDate", resultTime(outcome.StopTime))
	}
	return o
}

func setText(o *jsonvalue.Object, name string, text *string) {
	if text != nil {
		o.Set(name, *text)
	}
}

func (x *Execution) reportRedrives(o *jsonvalue.Object, status string) {
	standing := x.History.Current()
	o.Set("RedriveCount", number(standing.RedriveCount+x.Restarts))
	if standing.RedriveCount > 0 {
		o.Set("RedriveDate", resultTime(standing.RedriveDate))
	}
	switch {
	case x.Express():
	case status == StatusSucceeded:
		o.Set("RedriveStatus", "NOT_REDRIVABLE").
			Set("RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven")
	default:
		o.Set("RedriveStatus", "REDRIVABLE_BY_MAP_RUN")
	}
}

func resultTime(t time.Time) string { return t.UTC().Format(contextTime) }
