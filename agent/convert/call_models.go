package convert

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// models are training, inference and recognition.
var models = map[string]*service{
	"sagemaker": {
		rpc: "SageMaker",
		sent: []field{
			{"TrainingJobName", semconv.JobName, nil},
			{"TransformJobName", semconv.JobName, nil},
			{"ProcessingJobName", semconv.JobName, nil},
			{"HyperParameterTuningJobName", semconv.JobName, nil},
			{"LabelingJobName", semconv.JobName, nil},
			{"ModelName", semconv.ModelName, nil},
			{"EndpointName", semconv.EndpointName, nil},
			{"EndpointConfigName", semconv.JobName, nil},
		},
		received: []field{
			{"TrainingJobArn", semconv.JobID, nil},
			{"TransformJobArn", semconv.JobID, nil},
			{"ProcessingJobArn", semconv.JobID, nil},
			{"HyperParameterTuningJobArn", semconv.JobID, nil},
			{"LabelingJobArn", semconv.JobID, nil},
			{"EndpointArn", semconv.JobID, nil},
		},
	},
	"bedrock": {
		rpc: "Bedrock", constants: bedrock,
		sent: []field{
			{"ModelId", semconv.GenAIModel, nil},
			{"JobName", semconv.JobName, nil},
			{"GuardrailIdentifier", semconv.Guardrail, nil},
		},
		received: []field{{"JobArn", semconv.JobID, nil}},
	},
	"bedrockruntime": {
		rpc: "Bedrock Runtime", constants: bedrock,
		sent: []field{
			{"ModelId", semconv.GenAIModel, nil},
			{"GuardrailIdentifier", semconv.Guardrail, nil},
			{"GuardrailConfig.GuardrailIdentifier", semconv.Guardrail, nil},
		},
	},
	"bedrockagentruntime": {
		rpc: "Bedrock Agent Runtime", constants: bedrock,
		sent: []field{{"KnowledgeBaseId", semconv.KnowledgeBase, nil}},
	},
	"rekognition": {
		rpc: "Rekognition",
		sent: []field{
			{"Image.S3Object.Bucket", semconv.S3Bucket, nil},
			{"Image.S3Object.Name", semconv.S3Key, nil},
			{"Video.S3Object.Bucket", semconv.S3Bucket, nil},
			{"Video.S3Object.Name", semconv.S3Key, nil},
		},
		received: []field{{"JobId", semconv.JobID, nil}},
	},
	"textract": {
		rpc: "Textract",
		sent: []field{
			{"Document.S3Object.Bucket", semconv.S3Bucket, nil},
			{"Document.S3Object.Name", semconv.S3Key, nil},
			{"DocumentLocation.S3Object.Bucket", semconv.S3Bucket, nil},
			{"DocumentLocation.S3Object.Name", semconv.S3Key, nil},
			{"JobId", semconv.JobID, nil},
		},
		received: []field{{"JobId", semconv.JobID, nil}},
	},
	"transcribe": {
		rpc:  "Transcribe",
		sent: []field{{"TranscriptionJobName", semconv.JobName, nil}},
	},
	"mediaconvert": {rpc: "MediaConvert", received: []field{{"Job.Id", semconv.JobID, nil}}},
}

var bedrock = []attribute.KeyValue{attribute.String(semconv.GenAIProvider, "aws.bedrock")}
