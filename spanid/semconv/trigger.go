package semconv

// Triggers. Source: the execution's input. What they are about has the names of the other attributes: aws.s3.*,
// messaging.*, aws.dynamodb.*, http.*, cloud.*, aws.request_id.
const (
	TriggerSource    = "steptrace.trigger.source"     // string: aws.s3, aws.sqs, aws.scheduler, an application's own, …
	TriggerEventName = "steptrace.trigger.event_name" // string: PutObject, "Object Created", …
	TriggerEventID   = "steptrace.trigger.event_id"   // string: the EventBridge event's, the record's
	TriggerTime      = "steptrace.trigger.event_time" // string, RFC 3339; of a batch the earliest
	// TriggerResource: string: the ARN of the rule, schedule, queue, topic, stream or other source
	TriggerResource = "steptrace.trigger.resource"
	// TriggerPrincipalType: string: AssumedRole, IAMUser, AWSService, …
	TriggerPrincipalType = "steptrace.trigger.principal_type"
	TriggerAPI           = "steptrace.trigger.api_id" // string: of API Gateway
	TriggerStage         = "steptrace.trigger.stage"  // string: of API Gateway
	HTTPRoute            = "http.route"               // string
	// ParentExecutionARN: string: the execution that says in the input that it started this one; on the execution, too
	ParentExecutionARN = "aws.step_functions.parent_execution.arn"
)
