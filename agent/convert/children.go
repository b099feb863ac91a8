package convert

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// reveal notes the execution that the attempt started, once its response has named it: TaskSubmitted of the patterns
// that wait, TaskSucceeded of the others. A child that failed is also described in the cause of .sync tasks. n is nil
// when the attempt's Scheduled event is missing.
func (c *Converter) reveal(n *node, e *history.Event) {
	if !startsExecution(e.Details.ResourceType, e.Details.Resource) || n != nil && n.child {
		return
	}
	if strings.HasSuffix(e.Details.Resource, ".waitForTaskToken") && e.Type != "TaskSubmitted" {
		return // what somebody sent with the token
	}
	text := e.Details.Output
	if e.Failed() {
		text = e.Details.Cause
	}
	child := strings.Clone(gjson.Get(text, "ExecutionArn").String())
	if !isExecution(child) {
		return
	}
	if n != nil {
		n.child = true
		n.set(attribute.String(semconv.ChildExecutionARN, child))
	}
	c.out.Children = append(c.out.Children, child)
}

// startsExecution is true for the optimized integration, states:startExecution…, and that of the SDK.
func startsExecution(resourceType, resource string) bool {
	return (resourceType == "states" || resourceType == "aws-sdk:sfn") &&
		(strings.HasPrefix(resource, "startExecution") || strings.HasPrefix(resource, "startSyncExecution"))
}

// longestARN is more than AWS allows.
const longestARN = 2048

// isExecution is true for the ARNs of Standard and Express executions. What a task's response says is not trusted.
func isExecution(text string) bool {
	parsed, err := arn.Parse(text)
	return err == nil && len(text) <= longestARN && parsed.Service == "states" &&
		(strings.HasPrefix(parsed.Resource, "execution:") || strings.HasPrefix(parsed.Resource, "express:"))
}

// revealMapRun notes a Map Run that has started or was redriven, whose child executions are worth looking for.
func (c *Converter) revealMapRun(e *history.Event) {
	if len(e.Details.MapRunARN) <= longestARN && arn.IsARN(e.Details.MapRunARN) {
		c.out.MapRuns = append(c.out.MapRuns, e.Details.MapRunARN)
	}
}
