package semconv

// How Step Functions calls what a task names. Source: the Scheduled, Started and Submitted events.
const (
	// IntegrationPattern: string: request_response, sync (.sync, .sync:2), wait_for_task_token
	IntegrationPattern = "aws.step_functions.integration_pattern"
	// Timeout and Heartbeat: int, s: what the attempt was given
	Timeout   = "aws.step_functions.attempt.timeout"
	Heartbeat = "aws.step_functions.attempt.heartbeat"
	// TaskRole: string: the ARN of the role that the task's Credentials name
	TaskRole = "aws.step_functions.attempt.role_arn"
	// CalledMachineARN: string: the state machine that the task starts, or what it named of it
	CalledMachineARN = "aws.step_functions.child_execution.state_machine.arn"
	ActivityARN      = "aws.step_functions.activity.arn"         // string
	ActivityWorker   = "aws.step_functions.activity.worker_name" // string
)

// Jobs: what a task started that has a name, an id or both. Resource type says in which service.
const (
	JobName       = "aws.step_functions.job.name"       // string: a Glue job, a Batch job, a training job, …
	JobID         = "aws.step_functions.job.id"         // string: one run of it: JobRunId, JobId, QueryExecutionId, an ARN
	JobQueue      = "aws.step_functions.job.queue"      // string: Batch
	JobDefinition = "aws.step_functions.job.definition" // string: Batch
	ClusterID     = "aws.step_functions.cluster.id"     // string: EMR cluster, virtual cluster or application; Redshift
	WorkGroup     = "aws.step_functions.work_group"     // string: Athena, Redshift
	// ModelName and EndpointName: string: SageMaker
	ModelName    = "aws.step_functions.sagemaker.model_name"
	EndpointName = "aws.step_functions.sagemaker.endpoint_name"
)

// Messages and events.
const (
	MessagingSystem      = "messaging.system"              // string: aws_sqs, aws.sns, …
	MessagingDestination = "messaging.destination.name"    // string: the queue's, topic's, stream's or bus's name
	MessagingMessageID   = "messaging.message.id"          // string
	MessagingBatchCount  = "messaging.batch.message_count" // int
	SQSQueueURL          = "aws.sqs.queue.url"             // string
	SNSTopicARN          = "aws.sns.topic.arn"             // string
	KinesisStream        = "aws.kinesis.stream_name"       // string
	// EventIDs, EventSources and EventDetailTypes: string[]: of the entries that putEvents sent
	EventIDs         = "aws.step_functions.eventbridge.event_ids"
	EventSources     = "aws.step_functions.eventbridge.sources"
	EventDetailTypes = "aws.step_functions.eventbridge.detail_types"
)

// Containers. Source: parameters and output of ecs and eks tasks.
const (
	ECSClusterARN   = "aws.ecs.cluster.arn"   // string
	ECSTaskARN      = "aws.ecs.task.arn"      // string
	ECSTaskFamily   = "aws.ecs.task.family"   // string: the task definition's
	ECSTaskRevision = "aws.ecs.task.revision" // string: the task definition's
	ECSLaunchType   = "aws.ecs.launchtype"    // string: ec2, fargate
	EKSClusterARN   = "aws.eks.cluster.arn"   // string
)

// Requests over HTTP and to models.
const (
	HTTPMethod     = "http.request.method"                    // string
	URLFull        = "url.full"                               // string, without user, query and fragment
	URLPath        = "url.path"                               // string
	HTTPConnection = "aws.step_functions.http.connection.arn" // string: the EventBridge connection
	GenAIProvider  = "gen_ai.provider.name"                   // string: aws.bedrock
	GenAIModel     = "gen_ai.request.model"                   // string
	Guardrail      = "aws.bedrock.guardrail.id"               // string
	KnowledgeBase  = "aws.bedrock.knowledge_base.id"          // string
)

// Other stores.
const (
	DBNamespace = "db.namespace"                  // string: the database
	SecretARN   = "aws.secretsmanager.secret.arn" // string
	S3Copied    = "aws.s3.copy_source"            // string
	Parameter   = "aws.step_functions.ssm.name"   // string: a parameter or document of Systems Manager
	KMSKey      = "aws.step_functions.kms.key_id" // string
	StackName   = "aws.step_functions.stack.name" // string: CloudFormation
	LogGroups   = "aws.log.group.names"           // string[]
)
