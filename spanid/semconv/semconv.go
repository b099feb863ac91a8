// Package semconv names every attribute that Steptrace writes, with its type, unit and source.
//
// Names follow OpenTelemetry's semantic conventions where one exists (those are repeated here so that the agent and
// the Lambda wrapper share one spelling without sharing a dependency); aws.step_functions.* and steptrace.* are ours.
package semconv

// Kind says what a span stands for. Type string, one of the Kind… values; on every span.
const Kind = "steptrace.kind"

// The values of Kind.
const (
	KindTrigger   = "trigger"   // what started the execution: an S3 upload, …
	KindExecution = "execution" // one execution (one redrive of it)
	KindState     = "state"     // one visit of a state: one per StateEntered event
	// KindAttempt: one per TaskScheduled, LambdaFunctionScheduled or ActivityScheduled event
	KindAttempt    = "attempt"
	KindBranch     = "branch"     // one branch of a Parallel state
	KindIteration  = "iteration"  // one iteration of a Map state
	KindMapRun     = "map_run"    // one run of a distributed Map state
	KindInvocation = "invocation" // one Lambda invocation, written by the wrapper
	KindCall       = "call"       // one AWS SDK call, written by the wrapper
)

// Open is true on a span whose end has not been seen yet. Type bool.
const Open = "steptrace.open"

// Aborted is true on a span that ended because something else did: a sibling failed, or somebody stopped the execution.
// Type bool; such a span is not an error.
const Aborted = "steptrace.aborted"

// EventsMissing counts the history events that an execution's spans are made without: log lines that were lost, that
// the log level leaves out, or that came too late. Type int; on executions read from CloudWatch Logs, absent when it is
// 0.
const EventsMissing = "steptrace.events_missing"

// PayloadFingerprint is the hex SHA-256 of the canonical JSON payload (spanid.Fingerprint). Type string; on attempts
// (the task's input) and invocations (the event received). Evidence for join method 4.
const PayloadFingerprint = "steptrace.payload.fingerprint"

// A payload event on an invocation, if its function records payloads.
const (
	PayloadDirection = "steptrace.payload.direction" // string: request, response
	PayloadSize      = "steptrace.payload.size"      // int, bytes
	PayloadBody      = "steptrace.payload.body"      // string: JSON, redacted, then cut
	PayloadTruncated = "steptrace.payload.truncated" // bool; absent when it is whole
)

// Step Functions. Source: GetExecutionHistory, DescribeExecution and the state machine's definition.
const (
	ExecutionARN  = "aws.step_functions.execution.arn"  // string
	ExecutionName = "aws.step_functions.execution.name" // string
	// ExecutionStatus: string: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE
	ExecutionStatus = "aws.step_functions.execution.status"
	// ExecutionStartTime: int, Unix ms: when the execution was started first; on the log records of its start, its ends
	// and its redrives
	ExecutionStartTime = "aws.step_functions.execution.start_time"
	RedriveCount       = "aws.step_functions.execution.redrive_count" // int
	StateMachineARN    = "aws.step_functions.state_machine.arn"       // string
	StateMachineName   = "aws.step_functions.state_machine.name"      // string
	// StateMachineRevision: string; absent for the definition that the state machine was created with
	StateMachineRevision = "aws.step_functions.state_machine.revision_id"
	StateMachineType     = "aws.step_functions.state_machine.type" // string: STANDARD, EXPRESS
	// EventID: int: the history event that opened the span, or that the log record is
	EventID         = "aws.step_functions.event.id"
	EventType       = "aws.step_functions.event.type"        // string: TaskScheduled, …
	PreviousEventID = "aws.step_functions.event.previous_id" // int
	// StateName: string; on states, attempts, branches (the Parallel's), iterations (the Map's)
	StateName = "aws.step_functions.state.name"
	// StateType: string: Task, Parallel, Map, Choice, Wait, Pass, Succeed, Fail
	StateType = "aws.step_functions.state.type"
	// BranchIndex: int, from 0; absent when the definition is unknown and order does not tell
	BranchIndex    = "aws.step_functions.branch.index"
	IterationIndex = "aws.step_functions.iteration.index" // int, from 0
	// MapRunARN: string; on map runs, and on the execution and the start, end and redrive records of a run's children
	MapRunARN = "aws.step_functions.map_run.arn"
	// MapRunRedriveCount: int: how often the run was redriven; absent when it was not
	MapRunRedriveCount = "aws.step_functions.map_run.redrive_count"
	// ChildExecutionARN: string: the execution that the attempt started. Evidence for join method 5
	ChildExecutionARN = "aws.step_functions.child_execution.arn"
	RetryCount        = "aws.step_functions.attempt.retry_count" // int, 0 on the first attempt
	QueueSeconds      = "aws.step_functions.attempt.queue_time"  // double, s: scheduled → started
	// BackoffSeconds: double, s: previous attempt's end → this one's start
	BackoffSeconds = "aws.step_functions.attempt.backoff_time"
	// Resource: string: a Lambda ARN, or "invoke", "putItem", "startExecution.sync"
	Resource = "aws.step_functions.resource"
	// ResourceType: string: lambda, dynamodb, aws-sdk:s3, states, activity
	ResourceType = "aws.step_functions.resource_type"
	// Error: string: States.TaskFailed, Lambda.AWSLambdaException, …
	Error = "aws.step_functions.error"
	Cause = "aws.step_functions.cause" // string, capped
	// CaughtError: string: the error a Catch took, on the state span
	CaughtError = "aws.step_functions.caught_error"
)

// StateMachineDefined is the name of the log record that has a revision of a state machine's definition as its body.
const StateMachineDefined = "StateMachineDefined"

// Lambda. Source: the invocation's lambdacontext, or the task's parameters.
const (
	FaaSName         = "faas.name"          // string
	FaaSVersion      = "faas.version"       // string
	FaaSInvocationID = "faas.invocation_id" // string: the AwsRequestId
	FaaSColdStart    = "faas.coldstart"     // bool
	FaaSMaxMemory    = "faas.max_memory"    // int, bytes
	FaaSTrigger      = "faas.trigger"       // string: datasource, http, pubsub, timer, other
	FaaSInstance     = "faas.instance"      // string: the log stream
	// FaaSInvokedName: string; on attempts and calls that invoke a function
	FaaSInvokedName = "faas.invoked_name"
	CloudProvider   = "cloud.provider"    // string: aws
	CloudPlatform   = "cloud.platform"    // string: aws_lambda, aws_step_functions
	CloudRegion     = "cloud.region"      // string
	CloudAccountID  = "cloud.account.id"  // string
	CloudResourceID = "cloud.resource_id" // string: the function's ARN without a version
	// LambdaInvokedARN: string: the ARN as invoked; on invocations and on attempts that invoke a Lambda
	LambdaInvokedARN = "aws.lambda.invoked_arn"
	// LambdaTimeoutMargin: bool: sent before the deadline because the handler had not returned
	LambdaTimeoutMargin = "steptrace.timed_out"
)

// AWS calls. Source: the SDK's request and response, or a task's parameters and output.
const (
	AWSRequestID       = "aws.request_id"                 // string
	AWSExtendedRequest = "aws.extended_request_id"        // string, S3's second id
	XRayTraceHeader    = "aws.xray.trace_header"          // string: Root=…;Parent=…;Sampled=…
	RPCSystem          = "rpc.system"                     // string: aws-api
	RPCService         = "rpc.service"                    // string: S3, DynamoDB, Rekognition, …
	RPCMethod          = "rpc.method"                     // string: GetObject, …
	HTTPStatus         = "http.response.status_code"      // int
	HTTPResendCount    = "http.request.resend_count"      // int: retries; absent when there was none
	ServerAddress      = "server.address"                 // string
	S3Bucket           = "aws.s3.bucket"                  // string
	S3Key              = "aws.s3.key"                     // string
	S3ETag             = "aws.s3.etag"                    // string, without quotes
	S3VersionID        = "aws.s3.version_id"              // string
	S3ObjectSize       = "aws.s3.object.size"             // int, bytes
	S3UploadID         = "aws.s3.upload_id"               // string: of a multipart upload
	S3PartNumber       = "aws.s3.part_number"             // int
	DBSystem           = "db.system.name"                 // string: aws.dynamodb
	DynamoDBTables     = "aws.dynamodb.table_names"       // string[]
	DynamoDBCount      = "aws.dynamodb.count"             // int: items returned by Query or Scan
	DynamoDBScanned    = "aws.dynamodb.scanned_count"     // int: items looked at by Query or Scan
	DynamoDBIndex      = "aws.dynamodb.index_name"        // string
	DynamoDBConsumed   = "aws.dynamodb.consumed_capacity" // string[]: JSON, one for each table; if the call asked for it
	// DynamoDBCapacityUnits: double: the sum of what DynamoDBConsumed tells
	DynamoDBCapacityUnits  = "aws.dynamodb.capacity_units"
	DynamoDBConsistentRead = "aws.dynamodb.consistent_read" // bool
	// DynamoDBConditionFailed: bool: a write's condition did not hold, which is an answer and no error
	DynamoDBConditionFailed = "aws.dynamodb.condition_failed"
	RekognitionFaces        = "aws.rekognition.face_count"             // int
	RekognitionLabels       = "aws.rekognition.label_count"            // int
	RekognitionModel        = "aws.rekognition.model_version"          // string
	RekognitionMatches      = "aws.rekognition.face_match_count"       // int
	RekognitionModeration   = "aws.rekognition.moderation_label_count" // int
	RekognitionTexts        = "aws.rekognition.text_count"             // int
	RekognitionCollection   = "aws.rekognition.collection_id"          // string
	// RekognitionMinConfidence: double, percent: what labels, matches or similarities had to have
	RekognitionMinConfidence = "aws.rekognition.min_confidence"
	// RekognitionImageSize: int, bytes; when the image is in the request and not in S3
	RekognitionImageSize = "aws.rekognition.image.size"
	LambdaInvocationType = "aws.lambda.invocation_type" // string: Event, DryRun, RequestResponse
	LambdaFunctionError  = "aws.lambda.function_error"  // string: the invoked function failed: Unhandled
	// FailedCount: int: entries of a batch that the service refused or left; absent when there was none
	FailedCount = "steptrace.failed_count"
)

// ServiceName is the resource attribute that says who speaks: the state machine's name, the function's name, "s3".
// Type string.
const ServiceName = "service.name"

// Errors.
const (
	ErrorType        = "error.type"           // string; the error's name
	ExceptionType    = "exception.type"       // string
	ExceptionMessage = "exception.message"    // string
	ExceptionStack   = "exception.stacktrace" // string
)
