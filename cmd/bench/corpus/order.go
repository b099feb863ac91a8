package corpus

import (
	"fmt"
	"time"

	"github.com/steptrace/steptrace/agent/history"
)

var (
	declined = history.Details{Error: "PaymentDeclined", Cause: "the card was declined"}
	reserve  = function{name: "reserve-stock", calls: stockCalls, lasts: 40 * time.Millisecond}
)

// order is a workflow of optimized integrations: a function that is retried, a Choice, a Map over the order's lines,
// DynamoDB and SQS. Retries fail one order of a hundred.
func (e *execution) order() {
	lines := 1 + e.random.IntN(12)
	input := fmt.Sprintf(`{"order":{"id":"%s","customer":%d,"lines":%d,"total":%d.%02d},"source":"web"}`,
		e.uuid(), e.random.IntN(1_000_000), lines, e.random.IntN(500), e.random.IntN(100))
	e.add(0, 0, "ExecutionStarted", history.Details{Input: input})
	last := e.add(0, 25*time.Millisecond, "TaskStateEntered", history.Details{Name: "Check order", Input: input})
	last, ok := e.retried(last, input)
	if !ok {
		e.add(last, time.Millisecond, "ExecutionFailed", declined)
		return
	}
	last = e.add(last, 0, "TaskStateExited", history.Details{Name: "Check order", Output: input})
	last = e.add(last, 0, "ChoiceStateEntered", history.Details{Name: "Anything to ship?", Input: input})
	last = e.add(last, 0, "ChoiceStateExited", history.Details{Name: "Anything to ship?", Output: input})
	last = e.each(last, lines, input)
	last = e.integration(last, "Store order", "dynamodb", "putItem",
		fmt.Sprintf(`{"TableName":"orders","Item":{"id":{"S":"%s"}}}`, e.uuid()))
	last = e.integration(last, "Tell warehouse", "sqs", "sendMessage",
		`{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/warehouse","MessageBody":"{}"}`)
	e.add(last, time.Millisecond, "ExecutionSucceeded", history.Details{Output: input})
}

// retried invokes a function up to three times.
func (e *execution) retried(last int64, input string) (int64, bool) {
	check := function{name: "check-order", lasts: 120 * time.Millisecond, optimized: true}
	for range 3 {
		fails := e.chance(215)
		last = e.lambda(last, check, input, declined, fails)
		if !fails {
			return last, true
		}
		e.at = e.at.Add(time.Second)
	}
	return last, false
}

// each is a Map whose iterations invoke a function after one another.
func (e *execution) each(last int64, lines int, input string) int64 {
	last = e.add(last, 0, "MapStateEntered", history.Details{Name: "For each line", Input: input})
	length := int64(lines)
	started := e.add(last, 0, "MapStateStarted", history.Details{Length: &length})
	for n := range int64(lines) {
		index := history.Details{Name: "For each line", Index: &n}
		last = e.add(started, time.Millisecond, "MapIterationStarted", index)
		line := fmt.Sprintf(`{"sku":"%08X","quantity":%d}`, e.random.Uint32(), 1+e.random.IntN(5))
		last = e.add(last, 0, "TaskStateEntered", history.Details{Name: "Reserve stock", Input: line})
		last = e.lambda(last, reserve, line, history.Details{}, false)
		last = e.add(last, 0, "TaskStateExited", history.Details{Name: "Reserve stock", Output: line})
		last = e.add(last, 0, "MapIterationSucceeded", index)
	}
	last = e.add(last, 0, "MapStateSucceeded", history.Details{})
	return e.add(last, 0, "MapStateExited", history.Details{Name: "For each line", Output: input})
}

// integration is a Task of an optimized integration.
func (e *execution) integration(last int64, state, service, action, parameters string) int64 {
	last = e.add(last, 0, "TaskStateEntered", history.Details{Name: state, Input: parameters})
	resource := history.Details{ResourceType: service, Resource: action, Region: region, Parameters: parameters}
	last = e.add(last, 0, "TaskScheduled", resource)
	last = e.add(last, 10*time.Millisecond, "TaskStarted", history.Details{ResourceType: service, Resource: action})
	resource.Parameters = ""
	resource.Output = fmt.Sprintf(`{"SdkHttpMetadata":{"HttpStatusCode":200},`+
		`"SdkResponseMetadata":{"RequestId":"%s"}}`, e.uuid())
	last = e.add(last, e.around(15*time.Millisecond), "TaskSucceeded", resource)
	return e.add(last, 0, "TaskStateExited", history.Details{Name: state, Output: "{}"})
}
