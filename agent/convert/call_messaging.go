package convert

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// messaging are queues, topics, streams and buses.
var messaging = map[string]*service{
	"sqs": {
		rpc: "SQS", constants: system("aws_sqs"),
		sent: []field{
			{"QueueUrl", semconv.SQSQueueURL, asURL},
			{"QueueUrl", semconv.MessagingDestination, asLastPart},
			{"Entries", semconv.MessagingBatchCount, asCount},
		},
		received: []field{{"MessageId", semconv.MessagingMessageID, nil}},
	},
	"sns": {
		rpc: "SNS", constants: system("aws.sns"),
		sent: []field{
			{"TopicArn", semconv.SNSTopicARN, nil},
			{"TopicArn", semconv.MessagingDestination, asLastPart},
			{"PublishBatchRequestEntries", semconv.MessagingBatchCount, asCount},
		},
		received: []field{{"MessageId", semconv.MessagingMessageID, nil}},
	},
	"events": eventBridge, "eventbridge": eventBridge,
	"kinesis": {
		rpc: "Kinesis", constants: system("aws_kinesis"),
		sent: []field{
			{"StreamName", semconv.KinesisStream, nil},
			{"StreamName", semconv.MessagingDestination, nil},
			{"StreamARN", semconv.KinesisStream, asLastPart},
			{"StreamARN", semconv.MessagingDestination, asLastPart},
			{"Records", semconv.MessagingBatchCount, asCount},
		},
	},
	"firehose": {
		rpc: "Firehose", constants: system("aws_firehose"),
		sent: []field{
			{"DeliveryStreamName", semconv.MessagingDestination, nil}, {"Records", semconv.MessagingBatchCount, asCount},
		},
		received: []field{{"RecordId", semconv.MessagingMessageID, nil}},
	},
}

var eventBridge = &service{
	rpc: "EventBridge", constants: system("aws_eventbridge"),
	sent: []field{
		{"Entries.0.EventBusName", semconv.MessagingDestination, asLastPart},
		{"Entries", semconv.MessagingBatchCount, asCount},
		{"Entries.#.Source", semconv.EventSources, asTexts},
		{"Entries.#.DetailType", semconv.EventDetailTypes, asTexts},
	},
	received: []field{
		{"Entries.#.EventId", semconv.EventIDs, asTexts}, {"Payload.Entries.#.EventId", semconv.EventIDs, asTexts},
	},
}

func system(name string) []attribute.KeyValue {
	return []attribute.KeyValue{attribute.String(semconv.MessagingSystem, name)}
}
