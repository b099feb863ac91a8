package statusqueue

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// detailType is that of the events which Step Functions sends to EventBridge.
const detailType = "Step Functions Execution Status Change"

// event is an EventBridge event about an execution. Dates are epoch milliseconds, nulls are explicit.
type event struct {
	DetailType string `json:"detail-type"`
	Source     string `json:"source"`
	Detail     struct {
		ExecutionARN    string `json:"executionArn"`
		StateMachineARN string `json:"stateMachineArn"`
		VersionARN      string `json:"stateMachineVersionArn"`
		MapRunARN       string `json:"mapRunArn"`
		Status          string `json:"status"`
		StartDate       int64  `json:"startDate"`
		StopDate        int64  `json:"stopDate"`
		RedriveCount    int    `json:"redriveCount"`
	} `json:"detail"`
}

// Parse reads a message: the event itself, or as SNS wraps it. Errors say what is not as expected.
func Parse(body string) (stepfunctions.Execution, error) {
	var wrapped struct {
		Type    string
		Message string
	}
	if json.Unmarshal([]byte(body), &wrapped) == nil && wrapped.Type == "Notification" {
		body = wrapped.Message
	}
	var e event
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return stepfunctions.Execution{}, fmt.Errorf("is no EventBridge event: %w", err)
	}
	if e.Source != "aws.states" || e.DetailType != detailType {
		return stepfunctions.Execution{}, fmt.Errorf("is of source %.40q and detail-type %.60q, want \"aws.states\" and %q; "+
			"narrow the rule that fills the queue", e.Source, e.DetailType, detailType)
	}
	return e.execution()
}

func (e *event) execution() (stepfunctions.Execution, error) {
	d := &e.Detail
	for name, value := range map[string]string{"executionArn": d.ExecutionARN, "stateMachineArn": d.StateMachineARN} {
		if _, err := arn.Parse(value); err != nil {
			return stepfunctions.Execution{}, fmt.Errorf("detail.%s: %.80q is no ARN", name, value)
		}
	}
	if d.Status == "" {
		return stepfunctions.Execution{}, errors.New("detail.status: is missing")
	}
	return stepfunctions.Execution{
		ARN: d.ExecutionARN, StateMachine: d.StateMachineARN, Version: d.VersionARN, MapRun: d.MapRunARN,
		Started: date(d.StartDate), Stopped: date(d.StopDate), Status: d.Status, RedriveCount: max(0, d.RedriveCount),
	}, nil
}

func date(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
