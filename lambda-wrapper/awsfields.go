package wrapper

import (
	"reflect"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// Inputs and outputs are read by field name, because importing the service packages here would link them into every
// function. A field that a future SDK renames leaves its attribute out. Only these fields are read: no body, item,
// message, secret or token.

// field says which attribute a member becomes; path is dotted through structs and pointers. Of several fields with one
// key, the last that is there counts.
type field struct {
	path string
	key  string
	read func(key string, v reflect.Value) attribute.KeyValue
}

var requestFields = map[string][]field{
	"S3": {
		{"Bucket", semconv.S3Bucket, text},
		{"Key", semconv.S3Key, text},
		{"VersionId", semconv.S3VersionID, text},
		{"ContentLength", semconv.S3ObjectSize, number},
		{"UploadId", semconv.S3UploadID, text},
		{"PartNumber", semconv.S3PartNumber, number},
		{"CopySource", semconv.S3Copied, text},
	},
	"DynamoDB": {
		{"TableName", semconv.DynamoDBTables, listOfOne},
		{"RequestItems", semconv.DynamoDBTables, keys},
		{"IndexName", semconv.DynamoDBIndex, text},
		{"ConsistentRead", semconv.DynamoDBConsistentRead, boolean},
	},
	"Rekognition": {
		{"Image.S3Object.Bucket", semconv.S3Bucket, text},
		{"Image.S3Object.Name", semconv.S3Key, text},
		{"Image.S3Object.Version", semconv.S3VersionID, text},
		{"Image.Bytes", semconv.RekognitionImageSize, length},
		{"SourceImage.S3Object.Bucket", semconv.S3Bucket, text},
		{"SourceImage.S3Object.Name", semconv.S3Key, text},
		{"SourceImage.S3Object.Version", semconv.S3VersionID, text},
		{"SourceImage.Bytes", semconv.RekognitionImageSize, length},
		{"CollectionId", semconv.RekognitionCollection, text},
		{"MinConfidence", semconv.RekognitionMinConfidence, decimal},
		{"FaceMatchThreshold", semconv.RekognitionMinConfidence, decimal},
		{"SimilarityThreshold", semconv.RekognitionMinConfidence, decimal},
		{"ProjectVersionArn", semconv.RekognitionModel, text},
	},
	"SQS": {
		{"QueueUrl", semconv.SQSQueueURL, text},
		{"QueueUrl", semconv.MessagingDestination, lastPart},
		{"QueueName", semconv.MessagingDestination, text},
		{"Entries", semconv.MessagingBatchCount, length},
	},
	"SNS": {
		{"TopicArn", semconv.SNSTopicARN, text},
		{"TopicArn", semconv.MessagingDestination, lastPart},
		{"PublishBatchRequestEntries", semconv.MessagingBatchCount, length},
	},
	"EventBridge": {
		{"Entries", semconv.MessagingBatchCount, length},
		{"Entries", semconv.MessagingDestination, firstOf("EventBusName")},
		{"Entries", semconv.EventSources, eachOf("Source")},
		{"Entries", semconv.EventDetailTypes, eachOf("DetailType")},
	},
	"Lambda": {
		{"FunctionName", semconv.FaaSInvokedName, functionOf},
		{"FunctionName", semconv.LambdaInvokedARN, arn},
		{"InvocationType", semconv.LambdaInvocationType, text},
		{"Qualifier", semconv.FaaSVersion, text},
	},
	"SFN": {
		{"StateMachineArn", semconv.CalledMachineARN, text},
		{"TraceHeader", semconv.XRayTraceHeader, text},
	},
	"Secrets Manager": {{"SecretId", semconv.SecretARN, arn}},
}

var responseFields = map[string][]field{
	"S3": {
		{"ETag", semconv.S3ETag, unquoted},
		{"CopyObjectResult.ETag", semconv.S3ETag, unquoted},
		{"VersionId", semconv.S3VersionID, text},
		{"ContentLength", semconv.S3ObjectSize, number},
		{"UploadId", semconv.S3UploadID, text},
	},
	"DynamoDB": {
		{"Count", semconv.DynamoDBCount, number},
		{"ScannedCount", semconv.DynamoDBScanned, number},
		{"ConsumedCapacity", semconv.DynamoDBConsumed, capacities},
		{"ConsumedCapacity", semconv.DynamoDBCapacityUnits, capacityUnits},
		{"UnprocessedItems", semconv.FailedCount, length},
		{"UnprocessedKeys", semconv.FailedCount, length},
	},
	"Rekognition": {
		{"FaceDetails", semconv.RekognitionFaces, length},
		{"FaceRecords", semconv.RekognitionFaces, length},
		{"CelebrityFaces", semconv.RekognitionFaces, length},
		{"FaceMatches", semconv.RekognitionMatches, length},
		{"Labels", semconv.RekognitionLabels, length},
		{"CustomLabels", semconv.RekognitionLabels, length},
		{"ModerationLabels", semconv.RekognitionModeration, length},
		{"TextDetections", semconv.RekognitionTexts, length},
		{"LabelModelVersion", semconv.RekognitionModel, text},
		{"FaceModelVersion", semconv.RekognitionModel, text},
		{"TextModelVersion", semconv.RekognitionModel, text},
		{"ModerationModelVersion", semconv.RekognitionModel, text},
	},
	"SQS": {
		{"MessageId", semconv.MessagingMessageID, text},
		{"Messages", semconv.MessagingBatchCount, length},
		{"Failed", semconv.FailedCount, length},
	},
	"SNS": {{"MessageId", semconv.MessagingMessageID, text}, {"Failed", semconv.FailedCount, length}},
	"EventBridge": {
		{"Entries", semconv.EventIDs, eachOf("EventId")},
		{"FailedEntryCount", semconv.FailedCount, number},
	},
	"Lambda": {
		{"ExecutedVersion", semconv.FaaSVersion, text},
		{"FunctionError", semconv.LambdaFunctionError, text},
	},
	"SFN": {
		{"ExecutionArn", semconv.ChildExecutionARN, text},
		{"Status", semconv.ExecutionStatus, text},
		{"Error", semconv.Error, text},
	},
	"Secrets Manager": {{"ARN", semconv.SecretARN, text}},
}

// systems are attributes that follow from the service.
var systems = map[string]attribute.KeyValue{
	"DynamoDB":    attribute.String(semconv.DBSystem, "aws.dynamodb"),
	"SQS":         attribute.String(semconv.MessagingSystem, "aws_sqs"),
	"SNS":         attribute.String(semconv.MessagingSystem, "aws.sns"),
	"EventBridge": attribute.String(semconv.MessagingSystem, "aws.eventbridge"),
}

func requestAttributes(service string, input any) []attribute.KeyValue {
	attributes := readFields(requestFields[service], input)
	if system, ok := systems[service]; ok {
		attributes = append(attributes, system)
	}
	return attributes
}

func responseAttributes(service string, output any) []attribute.KeyValue {
	return readFields(responseFields[service], output)
}
