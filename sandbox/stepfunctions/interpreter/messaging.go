package interpreter

import (
	"encoding/json"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

var (
	sqsOptimized = jsonService{
		target: "AmazonSQS", contentType: awswire.JSON10, signing: "sqs",
		prefix: "SQS", generic: "AmazonSQSException", causeName: "AmazonSQS", optimized: true,
		request: messageRequest, headers: answer.commonHeaders,
	}
	sqsSDK = jsonService{
		target: "AmazonSQS", contentType: awswire.JSON10, signing: "sqs",
		prefix: "Sqs", generic: "SqsException", causeName: "Sqs", request: messageRequest,
	}
	eventsOptimized = jsonService{
		target: "AWSEvents", contentType: awswire.JSON11, signing: "events",
		prefix: "EventBridge", generic: "AmazonEventBridgeException", causeName: "AmazonEventBridge", optimized: true,
		request: eventsRequest, check: failedEntries,
	}
	eventsSDK = jsonService{
		target: "AWSEvents", contentType: awswire.JSON11, signing: "events",
		prefix: "EventBridge", generic: "EventBridgeException", causeName: "EventBridge",
		request: func(_ *run, arguments dataflow.Value) dataflow.Value { return withDetailTexts(arguments, nil) },
	}
)

// logsSDK is CloudWatch Logs as tasks call it, whose own API names members otherwise.
var logsSDK = jsonService{
	target: "Logs_20140328", contentType: awswire.JSON11, signing: "logs",
	prefix: "CloudWatchLogs", generic: "CloudWatchLogsException", causeName: "CloudWatchLogs",
	request:  func(_ *run, arguments dataflow.Value) dataflow.Value { return uncapitalized(arguments) },
	response: capitalized,
}

// messageRequest sends a MessageBody that is not text as JSON.
func messageRequest(_ *run, arguments dataflow.Value) dataflow.Value {
	return withText(arguments, "MessageBody")
}

func withText(value dataflow.Value, name string) dataflow.Value {
	object, _ := value.(*jsonvalue.Object)
	member, ok := object.Get(name)
	if _, isText := member.(string); !ok || isText {
		return value
	}
	return object.With(name, jsonvalue.Text(member))
}

// eventsRequest adds to each entry's resources what the event came from.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
func eventsRequest(r *run, arguments dataflow.Value) dataflow.Value {
	return withDetailTexts(arguments, []dataflow.Value{r.StateMachineARN, r.ARN})
}

func withDetailTexts(arguments dataflow.Value, resources []dataflow.Value) dataflow.Value {
	object, _ := arguments.(*jsonvalue.Object)
	given, _ := object.Get("Entries")
	list, ok := given.([]dataflow.Value)
	if !ok {
		return arguments
	}
	entries := make([]dataflow.Value, len(list))
	for n, entry := range list {
		entries[n] = withResources(withText(entry, "Detail"), resources)
	}
	return object.With("Entries", entries)
}

func withResources(entry dataflow.Value, resources []dataflow.Value) dataflow.Value {
	object, ok := entry.(*jsonvalue.Object)
	if !ok || len(resources) == 0 {
		return entry
	}
	given, _ := object.Get("Resources")
	list, _ := given.([]dataflow.Value)
	return object.With("Resources", append(append([]dataflow.Value{}, list...), resources...))
}

// failedEntries makes an error of a result in which an entry has failed.
func failedEntries(result dataflow.Value) *Failure {
	object, _ := result.(*jsonvalue.Object)
	count, _ := object.Get("FailedEntryCount")
	if number, _ := count.(json.Number); number == "0" || number == "" {
		return nil
	}
	failure := failuref("EventBridge.FailedEntry", "%s", jsonvalue.Text(result))
	return &failure
}
