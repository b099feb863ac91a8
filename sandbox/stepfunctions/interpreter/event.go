package interpreter

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Event is one entry of an execution's history, as GetExecutionHistory returns it.
type Event struct {
	ID         int64
	PreviousID int64 // 0 on the first state's event and on those that do not follow from another
	Type       string
	Time       time.Time // truncated to milliseconds
	Details    *Details  // nil on types that have no details, LambdaFunctionStarted among them
}

// Details are the members of every event type in one: those that a type does not have stay nil. Inputs, outputs and
// parameters are JSON texts.
type Details struct {
	Name                     string            `json:"name,omitempty"`
	Index                    *int              `json:"index,omitempty"`
	Length                   *int              `json:"length,omitempty"`
	Resource                 string            `json:"resource,omitempty"`
	ResourceType             string            `json:"resourceType,omitempty"`
	Region                   string            `json:"region,omitempty"`
	Parameters               *string           `json:"parameters,omitempty"`
	TimeoutInSeconds         *int64            `json:"timeoutInSeconds,omitempty"`
	HeartbeatInSeconds       *int64            `json:"heartbeatInSeconds,omitempty"`
	TaskCredentials          *TaskCredentials  `json:"taskCredentials,omitempty"`
	Input                    *string           `json:"input,omitempty"`
	InputDetails             *Truncation       `json:"inputDetails,omitempty"`
	Output                   *string           `json:"output,omitempty"`
	OutputDetails            *Truncation       `json:"outputDetails,omitempty"`
	AssignedVariables        map[string]string `json:"assignedVariables,omitempty"`
	AssignedVariablesDetails *Truncation       `json:"assignedVariablesDetails,omitempty"`
	RoleARN                  string            `json:"roleArn,omitempty"`
	StateMachineVersionARN   string            `json:"stateMachineVersionArn,omitempty"`
	RedriveCount             int               `json:"redriveCount,omitempty"`
	WorkerName               string            `json:"workerName,omitempty"`
	Error                    *string           `json:"error,omitempty"`
	Cause                    *string           `json:"cause,omitempty"`
	State                    string            `json:"state,omitempty"`
	Location                 string            `json:"location,omitempty"`
	MapRunARN                string            `json:"mapRunArn,omitempty"`
}

// TaskCredentials is the role that a task with Credentials assumes.
type TaskCredentials struct {
	RoleARN string `json:"roleArn"`
}

// Truncation says that a payload was cut, which the API (unlike CloudWatch Logs) never does.
type Truncation struct {
	Truncated bool `json:"truncated"`
}

// WithoutData is the event as GetExecutionHistory gives it for includeExecutionData=false.
func (e Event) WithoutData() Event {
	if e.Details == nil {
		return e
	}
	d := *e.Details
	d.Input, d.InputDetails = nil, nil
	d.Output, d.OutputDetails = nil, nil
	d.AssignedVariables, d.AssignedVariablesDetails = nil, nil
	e.Details = &d
	return e
}

// MarshalJSON writes the event in the AWS JSON 1.0 protocol: the details under the name of their type.
func (e Event) MarshalJSON() ([]byte, error) {
	members := map[string]any{
		"id":              e.ID,
		"previousEventId": e.PreviousID,
		"type":            e.Type,
		"timestamp":       Epoch(e.Time),
	}
	if e.Details != nil {
		members[detailsMember(e.Type)] = e.Details
	}
	return json.Marshal(members)
}

// detailsMember is the name under which an event of that type has its details.
func detailsMember(eventType string) string {
	switch {
	case strings.HasSuffix(eventType, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(eventType, "StateExited"):
		return "stateExitedEventDetails"
	}
	return strings.ToLower(eventType[:1]) + eventType[1:] + "EventDetails"
}

// Epoch is a time as the AWS JSON protocols write it: a number, seconds since 1970 with milliseconds.
type Epoch time.Time

// MarshalJSON writes seconds with three decimals.
func (e Epoch) MarshalJSON() ([]byte, error) {
	ms := time.Time(e).UnixMilli()
	return fmt.Appendf(nil, "%d.%03d", ms/1000, ms%1000), nil
}
