package convert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// called is a call as its events have it, and what its span must say.
type called struct {
	resourceType, resource string
	parameters             string
	submitted, output      string
	failed                 string // the error instead of an output
	want                   map[string]any
}

func TestCallsSayWhatTheyCalled(t *testing.T) {
	for _, group := range []map[string]called{
		storageCalls, messagingCalls, computeCalls, analyticsCalls, modelCalls, requestCalls, oddCalls,
	} {
		for name, c := range group {
			t.Run(name, func(t *testing.T) {
				for key, want := range c.want {
					require.Equal(t, want, attr(c.attempt(t).Attributes, key), key)
				}
			})
		}
	}
}

func (c called) attempt(t *testing.T) convert.Span {
	t.Helper()
	of := " resourceType=" + c.resourceType + " resource=" + c.resource
	text := `
1 <- 0 +0 ExecutionStarted
2 <- 0 +1 TaskStateEntered name=Call
3 <- 2 +1 TaskScheduled` + of + " region=eu-west-1 parameters=`" + c.parameters + "`\n"
	if c.submitted != "" {
		text += "4 <- 3 +2 TaskSubmitted" + of + " output=`" + c.submitted + "`\n"
	}
	if c.failed != "" {
		text += "5 <- 3 +3 TaskFailed" + of + " error=" + c.failed
	} else {
		text += "5 <- 3 +3 TaskSucceeded" + of + " output=`" + c.output + "`"
	}
	out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(historytest.Parse(t, text)...)
	require.Len(t, out.Spans, 1)
	return out.Spans[0]
}

var storageCalls = map[string]called{
	"dynamodb item": {
		resourceType: "dynamodb", resource: "putItem",
		parameters: `{"TableName":"images","Item":{"id":{"S":"hunter2"}}}`,
		output:     `{"SdkResponseMetadata":{"RequestId":"R1"}}`,
		want: map[string]any{
			semconv.DBSystem: "aws.dynamodb", semconv.DynamoDBTables: []string{"images"}, semconv.AWSRequestID: "R1",
			semconv.RPCSystem: "aws-api", semconv.RPCService: "DynamoDB", semconv.RPCMethod: "PutItem",
			semconv.IntegrationPattern: "request_response",
		},
	},
	"dynamodb query": {
		resourceType: "aws-sdk:dynamodb", resource: "query", parameters: `{"TableName":"images"}`,
		output: `{"Count":3,"ScannedCount":9,"Items":[]}`,
		want:   map[string]any{semconv.DynamoDBCount: int64(3), semconv.DynamoDBScanned: int64(9)},
	},
	"dynamodb batch": {
		resourceType: "aws-sdk:dynamodb", resource: "batchGetItem", parameters: `{"RequestItems":{"a":{},"b":{}}}`,
		want: map[string]any{semconv.DynamoDBTables: []string{"a", "b"}},
	},
	"dynamodb transaction": {
		resourceType: "aws-sdk:dynamodb", resource: "transactWriteItems",
		parameters: `{"TransactItems":[{"Put":{"TableName":"a"}},{"Delete":{"TableName":"b"}},{"Put":{"TableName":"a"}}]}`,
		want:       map[string]any{semconv.DynamoDBTables: []string{"a", "b"}},
	},
	"s3": {
		resourceType: "aws-sdk:s3", resource: "putObject", parameters: `{"Bucket":"b","Key":"k/é.png","Body":"hunter2"}`,
		output: `{"ETag":"\"cfcd\"","VersionId":"v1"}`,
		want: map[string]any{
			semconv.S3Bucket: "b", semconv.S3Key: "k/é.png", semconv.S3ETag: "cfcd", semconv.S3VersionID: "v1",
			semconv.RPCService: "S3", semconv.RPCMethod: "PutObject",
		},
	},
	"s3 copy": {
		resourceType: "aws-sdk:s3", resource: "copyObject", parameters: `{"Bucket":"b","Key":"k","CopySource":"a/k"}`,
		want: map[string]any{semconv.S3Copied: "a/k"},
	},
	"secret by ARN": {
		resourceType: "aws-sdk:secretsmanager", resource: "getSecretValue",
		parameters: `{"SecretId":"arn:aws:secretsmanager:eu-west-1:1:secret:s"}`,
		output:     `{"SecretString":"hunter2"}`,
		want:       map[string]any{semconv.SecretARN: "arn:aws:secretsmanager:eu-west-1:1:secret:s"},
	},
}

var messagingCalls = map[string]called{
	"sqs": {
		resourceType: "sqs", resource: "sendMessage",
		parameters: `{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/111111111111/orders","MessageBody":"hunter2"}`,
		output:     `{"MessageId":"M1"}`,
		want: map[string]any{
			semconv.SQSQueueURL:     "https://sqs.us-east-1.amazonaws.com/111111111111/orders",
			semconv.MessagingSystem: "aws_sqs", semconv.MessagingDestination: "orders", semconv.MessagingMessageID: "M1",
		},
	},
	"sqs for a token": {
		resourceType: "sqs", resource: "sendMessage.waitForTaskToken",
		submitted: `{"MessageId":"M1","SdkResponseMetadata":{"RequestId":"R1"}}`,
		output:    `{"MessageId":"theirs","SdkResponseMetadata":{"RequestId":"theirs"}}`,
		want: map[string]any{
			semconv.IntegrationPattern: "wait_for_task_token", semconv.RPCMethod: "SendMessage",
			semconv.MessagingMessageID: "M1", semconv.AWSRequestID: "R1",
		},
	},
	"sqs batch": {
		resourceType: "aws-sdk:sqs", resource: "sendMessageBatch", parameters: `{"Entries":[{},{},{}]}`,
		want: map[string]any{semconv.MessagingBatchCount: int64(3)},
	},
	"sns": {
		resourceType: "sns", resource: "publish",
		parameters: `{"TopicArn":"arn:aws:sns:us-east-1:1:news","Message":"hunter2"}`, output: `{"MessageId":"M1"}`,
		want: map[string]any{
			semconv.SNSTopicARN: "arn:aws:sns:us-east-1:1:news", semconv.MessagingSystem: "aws.sns",
			semconv.MessagingDestination: "news", semconv.MessagingMessageID: "M1",
		},
	},
	"sns to a telephone": {
		resourceType: "sns", resource: "publish", parameters: `{"PhoneNumber":"+491234"}`,
		want: map[string]any{semconv.MessagingDestination: nil},
	},
	"eventbridge": {
		resourceType: "events", resource: "putEvents",
		parameters: `{"Entries":[{"Detail":{"a":1},"DetailType":"Failed","Source":"my.app","EventBusName":"arn:aws:events:eu-west-1:1:event-bus/bus"},{"DetailType":"Failed","Source":"my.app"}]}`,
		output:     `{"Entries":[{"EventId":"E1"},{"EventId":"E2"}],"FailedEntryCount":0}`,
		want: map[string]any{
			semconv.MessagingDestination: "bus", semconv.MessagingBatchCount: int64(2),
			semconv.EventSources: []string{"my.app"}, semconv.EventDetailTypes: []string{"Failed"},
			semconv.EventIDs: []string{"E1", "E2"}, semconv.RPCMethod: "PutEvents",
		},
	},
	"kinesis": {
		resourceType: "aws-sdk:kinesis", resource: "putRecord", parameters: `{"StreamName":"clicks","Data":"x"}`,
		want: map[string]any{semconv.KinesisStream: "clicks", semconv.MessagingDestination: "clicks"},
	},
}

var computeCalls = map[string]called{
	"lambda": {
		resourceType: "lambda", resource: "invoke", parameters: `{"FunctionName":"f:live","Payload":{}}`,
		output: `{"ExecutedVersion":"7","Payload":{"ExecutedVersion":"8"},"SdkResponseMetadata":{"RequestId":"R1"},"StatusCode":200}`,
		want: map[string]any{
			semconv.FaaSVersion: "7", semconv.FaaSInvokedName: "f", semconv.AWSRequestID: "R1",
			semconv.RPCService: "Lambda", semconv.RPCMethod: "Invoke",
		},
	},
	"nested execution": {
		resourceType: "states", resource: "startExecution.sync:2",
		parameters: `{"StateMachineArn":"arn:aws:states:eu-west-1:1:stateMachine:child","Input":{}}`,
		submitted:  `{"ExecutionArn":"arn:aws:states:eu-west-1:1:execution:child:x","SdkResponseMetadata":{"RequestId":"R1"}}`,
		output:     `{"ExecutionArn":"arn:aws:states:eu-west-1:1:execution:child:x","Status":"SUCCEEDED"}`,
		want: map[string]any{
			semconv.ChildExecutionARN:  "arn:aws:states:eu-west-1:1:execution:child:x",
			semconv.CalledMachineARN:   "arn:aws:states:eu-west-1:1:stateMachine:child",
			semconv.IntegrationPattern: "sync", semconv.AWSRequestID: "R1", semconv.RPCService: "SFN",
			semconv.RPCMethod: "StartExecution",
		},
	},
	"ecs": {
		resourceType: "ecs", resource: "runTask.sync",
		parameters: `{"Cluster":"main","TaskDefinition":"resize:3","LaunchType":"FARGATE"}`,
		submitted:  `{"Tasks":[{"TaskArn":"arn:aws:ecs:eu-west-1:1:task/main/t1"}]}`,
		output:     `{"TaskArn":"arn:aws:ecs:eu-west-1:1:task/main/t1","TaskDefinitionArn":"arn:aws:ecs:eu-west-1:1:task-definition/resize:4"}`,
		want: map[string]any{
			semconv.ECSClusterARN: "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
			semconv.ECSTaskARN:    "arn:aws:ecs:eu-west-1:1:task/main/t1", semconv.ECSTaskFamily: "resize",
			semconv.ECSTaskRevision: "4", semconv.ECSLaunchType: "fargate",
		},
	},
	"eks job": {
		resourceType: "eks", resource: "runJob.sync",
		parameters: `{"ClusterName":"main","CertificateAuthority":"hunter2","Endpoint":"https://e","Job":{"metadata":{"name":"sum"}}}`,
		output:     `{"StatusCode":200,"ResponseBody":{"metadata":{"uid":"U1"}}}`,
		want: map[string]any{
			semconv.EKSClusterARN: "arn:aws:eks:eu-west-1:123456789012:cluster/main", semconv.JobName: "sum",
			semconv.JobID: "U1",
		},
	},
	"eks call": {
		resourceType: "eks", resource: "call", parameters: `{"ClusterName":"main","Method":"GET","Path":"/api/v1/pods?token=hunter2"}`,
		want: map[string]any{semconv.HTTPMethod: "GET", semconv.URLPath: "/api/v1/pods"},
	},
	"batch": {
		resourceType: "batch", resource: "submitJob.sync",
		parameters: `{"JobName":"j","JobQueue":"q","JobDefinition":"d:1","Parameters":{"a":"hunter2"}}`,
		submitted:  `{"JobArn":"arn:x","JobId":"J1","JobName":"j"}`,
		want: map[string]any{
			semconv.JobName: "j", semconv.JobQueue: "q", semconv.JobDefinition: "d:1", semconv.JobID: "J1",
		},
	},
	"codebuild": {
		resourceType: "codebuild", resource: "startBuild.sync", parameters: `{"ProjectName":"p"}`,
		output: `{"Build":{"Id":"p:1"}}`, want: map[string]any{semconv.JobName: "p", semconv.JobID: "p:1"},
	},
}

var analyticsCalls = map[string]called{
	"glue": {
		resourceType: "glue", resource: "startJobRun.sync", parameters: `{"JobName":"j","Arguments":{"--k":"hunter2"}}`,
		submitted: `{"JobRunId":"jr_1"}`, want: map[string]any{semconv.JobName: "j", semconv.JobID: "jr_1"},
	},
	"athena": {
		resourceType: "athena", resource: "startQueryExecution.sync",
		parameters: `{"QueryString":"select hunter2","WorkGroup":"primary","QueryExecutionContext":{"Database":"db"}}`,
		output:     `{"QueryExecution":{"QueryExecutionId":"Q1"}}`,
		want: map[string]any{
			semconv.JobID: "Q1", semconv.WorkGroup: "primary", semconv.DBNamespace: "db",
		},
	},
	"emr step": {
		resourceType: "elasticmapreduce", resource: "addStep.sync", parameters: `{"ClusterId":"j-1","Step":{"Name":"count"}}`,
		output: `{"StepId":"s-1"}`,
		want:   map[string]any{semconv.ClusterID: "j-1", semconv.JobName: "count", semconv.JobID: "s-1"},
	},
	"emr cluster": {
		resourceType: "elasticmapreduce", resource: "createCluster.sync", parameters: `{"Name":"nightly"}`,
		output: `{"ClusterId":"j-1"}`, want: map[string]any{semconv.ClusterID: "j-1", semconv.JobName: "nightly"},
	},
	"emr serverless": {
		resourceType: "emr-serverless", resource: "startJobRun.sync", parameters: `{"ApplicationId":"a","Name":"n"}`,
		submitted: `{"JobRunId":"r"}`,
		want:      map[string]any{semconv.ClusterID: "a", semconv.JobName: "n", semconv.JobID: "r"},
	},
}

var modelCalls = map[string]called{
	"sagemaker": {
		resourceType: "sagemaker", resource: "createTrainingJob.sync", parameters: `{"TrainingJobName":"t"}`,
		submitted: `{"TrainingJobArn":"arn:aws:sagemaker:eu-west-1:1:training-job/t"}`,
		want: map[string]any{
			semconv.JobName: "t", semconv.JobID: "arn:aws:sagemaker:eu-west-1:1:training-job/t", semconv.RPCService: "SageMaker",
		},
	},
	"bedrock": {
		resourceType: "bedrock", resource: "invokeModel",
		parameters: `{"ModelId":"anthropic.claude-v2","Body":{"prompt":"hunter2"}}`, output: `{"Body":{"completion":"hunter2"}}`,
		want: map[string]any{semconv.GenAIModel: "anthropic.claude-v2", semconv.GenAIProvider: "aws.bedrock"},
	},
	"rekognition": {
		resourceType: "aws-sdk:rekognition", resource: "detectFaces",
		parameters: `{"Image":{"S3Object":{"Bucket":"b","Name":"k.png"}}}`,
		want:       map[string]any{semconv.S3Bucket: "b", semconv.S3Key: "k.png", semconv.RPCMethod: "DetectFaces"},
	},
}

var requestCalls = map[string]called{
	"http": {
		resourceType: "http", resource: "invoke",
		parameters: `{"ApiEndpoint":"https://user:hunter2@api.example.com/v1/pay%2Fme?token=hunter2#x","Method":"POST",` +
			`"Authentication":{"ConnectionArn":"arn:aws:events:eu-west-1:1:connection/pay/2"},"RequestBody":{"a":"hunter2"}}`,
		output: `{"Headers":{"set-cookie":["hunter2"]},"StatusCode":201,"ResponseBody":"hunter2"}`,
		want: map[string]any{
			semconv.URLFull: "https://api.example.com/v1/pay%2Fme", semconv.ServerAddress: "api.example.com",
			semconv.HTTPMethod: "POST", semconv.HTTPStatus: int64(201), semconv.RPCSystem: nil,
			semconv.HTTPConnection: "arn:aws:events:eu-west-1:1:connection/pay/2",
		},
	},
	"http failed": {
		resourceType: "http", resource: "invoke", failed: "States.Http.StatusCode.404",
		want: map[string]any{semconv.HTTPStatus: int64(404)},
	},
	"http without answer": {
		resourceType: "http", resource: "invoke", failed: "States.Http.Socket", want: map[string]any{semconv.HTTPStatus: nil},
	},
	"api gateway": {
		resourceType: "apigateway", resource: "invoke",
		parameters: `{"ApiEndpoint":"x.execute-api.eu-west-1.amazonaws.com","Method":"GET","Stage":"prod","Path":"/orders/7","QueryParameters":{"q":["hunter2"]}}`,
		output:     `{"Headers":{"x-amzn-RequestId":"R1"},"StatusCode":200}`,
		want: map[string]any{
			semconv.ServerAddress: "x.execute-api.eu-west-1.amazonaws.com", semconv.HTTPMethod: "GET",
			semconv.URLPath: "/prod/orders/7", semconv.HTTPStatus: int64(200), semconv.AWSRequestID: "R1",
		},
	},
}

var oddCalls = map[string]called{
	"service that is not in the tables": {
		resourceType: "aws-sdk:polly", resource: "synthesizeSpeech", parameters: `{"Text":"hunter2"}`,
		want: map[string]any{
			semconv.RPCSystem: "aws-api", semconv.RPCService: "polly", semconv.RPCMethod: "SynthesizeSpeech",
		},
	},
	"emulator's way": {
		resourceType: "aws-sdk", resource: "comprehend:detectSentiment",
		want: map[string]any{
			semconv.ResourceType: "aws-sdk:comprehend", semconv.Resource: "detectSentiment", semconv.RPCService: "comprehend",
		},
	},
	"members of other kinds": {
		resourceType: "ecs", resource: "runTask", parameters: `{"Cluster":7,"TaskDefinition":[],"LaunchType":{}}`,
		output: `{"Tasks":"none"}`,
		want: map[string]any{
			semconv.ECSClusterARN: nil, semconv.ECSTaskFamily: nil, semconv.ECSLaunchType: nil, semconv.ECSTaskARN: nil,
		},
	},
	"parameters that are a list": {
		resourceType: "sqs", resource: "sendMessage", parameters: `[{"QueueUrl":"x"}]`,
		want: map[string]any{semconv.SQSQueueURL: nil},
	},
}

// TestNoPayloadInCalls looks for the word that stands for a payload above.
func TestNoPayloadInCalls(t *testing.T) {
	for _, group := range []map[string]called{
		storageCalls, messagingCalls, computeCalls, analyticsCalls, modelCalls, requestCalls, oddCalls,
	} {
		for name, c := range group {
			for _, a := range c.attempt(t).Attributes {
				require.NotContains(t, a.Value.String(), "hunter2", "%s: %s", name, a.Key)
				require.NotContains(t, a.Value.String(), "+49", "%s: %s", name, a.Key)
			}
		}
	}
}

func TestAttemptsSayTheirLimits(t *testing.T) {
	out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
2 <- 0 +1 TaskStateEntered name=Call
3 <- 2 +1 ActivityScheduled resource=arn:aws:states:eu-west-1:123456789012:activity:weigh timeoutInSeconds=300 heartbeatInSeconds=20
4 <- 3 +2 ActivityStarted workerName=scale-7
5 <- 4 +3 ActivitySucceeded output="1"`)...)
	for key, want := range map[string]any{
		semconv.Timeout: int64(300), semconv.Heartbeat: int64(20), semconv.ActivityWorker: "scale-7",
		semconv.ActivityARN: "arn:aws:states:eu-west-1:123456789012:activity:weigh", semconv.IntegrationPattern: nil,
		semconv.RPCSystem: nil,
	} {
		require.Equal(t, want, attr(out.Spans[0].Attributes, key), key)
	}
}
