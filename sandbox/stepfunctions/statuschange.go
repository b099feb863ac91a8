package stepfunctions

import (
	"encoding/json"
	"time"

	"github.com/steptrace/steptrace/sandbox/eventbridge"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// maxEventData is what an event may have of an input or output, escaped, before it is left out.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
const maxEventData = 248 << 10

// statusOf is the status that an execution has from an event of its history on.
var statusOf = map[string]string{
	"ExecutionStarted":   interpreter.StatusRunning,
	"ExecutionRedriven":  interpreter.StatusRunning,
	"ExecutionSucceeded": interpreter.StatusSucceeded,
	"ExecutionFailed":    interpreter.StatusFailed,
	"ExecutionTimedOut":  interpreter.StatusTimedOut,
	"ExecutionAborted":   interpreter.StatusAborted,
}

// statusChange is the detail of an event "Step Functions Execution Status Change". What is not known is null. Dates are
// milliseconds.
type statusChange struct {
	ExecutionARN           string    `json:"executionArn"`
	StateMachineARN        string    `json:"stateMachineArn"`
	Name                   string    `json:"name"`
	Status                 string    `json:"status"`
	StartDate              int64     `json:"startDate"`
	StopDate               *int64    `json:"stopDate"`
	Input                  *string   `json:"input"`
	Output                 *string   `json:"output"`
	StateMachineVersionARN *string   `json:"stateMachineVersionArn"`
	StateMachineAliasARN   *string   `json:"stateMachineAliasArn"`
	RedriveCount           int       `json:"redriveCount"`
	RedriveDate            *int64    `json:"redriveDate"`
	RedriveStatus          string    `json:"redriveStatus"`
	RedriveStatusReason    *string   `json:"redriveStatusReason"`
	InputDetails           *included `json:"inputDetails"`
	OutputDetails          *included `json:"outputDetails"`
	Error                  *string   `json:"error"`
	Cause                  *string   `json:"cause"`
}

// statusChanges publishes the changes of one execution's status.
type statusChanges struct {
	service   *Service
	execution *execution
	started   time.Time
	redrives  int
	redriven  *int64
}

// see publishes what an event of the history changes.
func (c *statusChanges) see(event interpreter.Event) {
	switch event.Type {
	case "ExecutionStarted":
		c.started = event.Time
	case "ExecutionRedriven":
		c.redrives++
		c.redriven = millis(event.Time)
	}
	if status, ok := statusOf[event.Type]; ok {
		c.publish(status, event)
	}
}

// publish puts a change on the bus, as of the event that made it.
func (c *statusChanges) publish(status string, event interpreter.Event) {
	if c.service.config.Publish == nil {
		return
	}
	detail, err := json.Marshal(c.change(status, event))
	if err != nil {
		c.service.config.Logger.Error("Step Functions: a status change is not JSON", "error", err)
		return
	}
	c.service.config.Publish(c.service.lifetime, eventbridge.Event{
		DetailType: "Step Functions Execution Status Change", Source: "aws.states",
		Time: eventbridge.FormatTime(event.Time), Resources: []string{c.execution.ARN}, Detail: detail,
	})
}

func (c *statusChanges) change(status string, event interpreter.Event) statusChange {
	x := c.execution
	out := statusChange{
		ExecutionARN: x.ARN, StateMachineARN: x.StateMachineARN, Name: x.Name, Status: status,
		StartDate: c.started.UnixMilli(), StateMachineVersionARN: optional(x.StateMachineVersionARN),
		RedriveCount: c.redrives, RedriveDate: c.redriven,
	}
	var reason string
	out.RedriveStatus, reason = redrivable(status)
	out.RedriveStatusReason = optional(reason)
	out.Input, out.InputDetails = eventData(&x.InputText)
	if status == interpreter.StatusRunning || event.Details == nil {
		return out
	}
	out.StopDate, out.Error, out.Cause = millis(event.Time), event.Details.Error, event.Details.Cause
	out.Output, out.OutputDetails = eventData(event.Details.Output)
	return out
}

// eventData is an input or output as an event has it: left out when it is too large.
func eventData(text *string) (*string, *included) {
	if text == nil {
		return nil, nil
	}
	if escaped, err := json.Marshal(*text); err != nil || len(escaped) > maxEventData {
		return nil, &included{false}
	}
	return text, &included{true}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func millis(t time.Time) *int64 {
	ms := t.UnixMilli()
	return &ms
}
