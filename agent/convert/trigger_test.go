package convert_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// triggered is what the trigger's span must say; a time that is empty is the execution's start.
type triggered struct {
	name, service, at string
	want              map[string]any
}

// recordedTriggers are all files of the recorded events; those without a name are no trigger.
var recordedTriggers = map[string]triggered{
	"s3_put_object_via_cloudtrail_docs": {"S3 PutObject", "s3", "2018-09-12T00:25:10Z", map[string]any{
		semconv.S3Bucket: "username-sfn-tutorial", semconv.S3Key: "test.png", semconv.AWSRequestID: "79104EXAMPLEB723",
		semconv.TriggerSource: "aws.s3", semconv.TriggerEventName: "PutObject", semconv.S3ETag: nil,
		semconv.TriggerEventID: "8d6f9246-b781-44f8-a026-f1c1ab2c61f0", semconv.TriggerPrincipalType: "IAMUser",
		semconv.TriggerTime: "2018-09-12T00:25:10Z",
	}},
	"s3_eventbridge_object_created_putobject_docs": {"S3 PutObject", "s3", "2021-11-12T00:00:00Z", map[string]any{
		semconv.S3Bucket: "DOC-EXAMPLE-BUCKET1", semconv.S3Key: "example-key", semconv.S3ObjectSize: int64(5),
		semconv.S3ETag: "b1946ac92492d2347c6235b4d2611184", semconv.S3VersionID: "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
		semconv.TriggerEventName: "Object Created", semconv.AWSRequestID: "N4N7GDK58NMKJ12R",
		semconv.CloudRegion: "ca-central-1", semconv.CloudAccountID: "111122223333",
	}},
	"s3_eventbridge_object_deleted_deleteobject_docs":         {"S3 DeleteObject", "s3", "2021-11-12T00:00:00Z", nil},
	"s3_eventbridge_object_deleted_lifecycle_expiration_docs": {"S3 Lifecycle Expiration", "s3", "2021-11-12T00:00:00Z", nil},
	"s3_eventbridge_object_restore_completed_docs":            {"S3 Object Restore Completed", "s3", "2021-11-12T00:00:00Z", nil},
	"s3EventBridgeNotificationObjectCreatedEvent_powertools":  {"S3 PutObject", "s3", "2023-03-08T17:50:14Z", nil},
	"s3EventBridgeNotificationObjectDeletedEvent_powertools":  {"S3 DeleteObject", "s3", "2021-11-12T00:00:00Z", nil},
	"s3EventBridgeNotificationObjectExpiredEvent_powertools":  {"S3 Lifecycle Expiration", "s3", "2021-11-12T00:00:00Z", nil},
	"s3EventBridgeNotificationObjectRestoreCompletedEvent_powertools": {
		"S3 Object Restore Completed", "s3", "2021-11-12T00:00:00Z", map[string]any{semconv.S3Bucket: "example-bucket"},
	},
	"s3Event_powertools": {"S3 ObjectCreated:Put", "s3", "2019-09-03T19:37:27Z", map[string]any{
		semconv.S3Bucket: "lambda-artifacts-deafc19498e3f2df", semconv.S3ETag: "b21b84d653bb07b05b1e6b33684dc11b",
		semconv.S3Key: "b21b84d653bb07b05b1e6b33684dc11b", semconv.S3ObjectSize: int64(1305107),
		semconv.AWSRequestID: "D82B88E5F771F645", semconv.TriggerSource: "aws.s3", semconv.MessagingBatchCount: int64(1),
	}},
	"s3EventDecodedKey_powertools": {"S3 ObjectCreated:Put", "s3", "", map[string]any{semconv.S3Key: "Happy Face.jpg"}},
	"s3EventDeleteObject_powertools": {
		"S3 ObjectRemoved:Delete", "s3", "2019-09-03T19:37:27Z", map[string]any{semconv.S3ETag: nil},
	},
	"s3EventGlacier_powertools":      {"S3 ObjectCreated:Put", "s3", "2019-09-03T19:37:27Z", nil},
	"s3_event_lambdago":              {"S3 ObjectCreated:Put", "s3", "", map[string]any{semconv.S3Key: "Happy Face.jpg"}},
	"s3_event_with_decoded_lambdago": {"S3 ObjectCreated:Put", "s3", "", nil},
	"s3_replication_event_lambdago":  {"S3 Replication:OperationFailedReplication", "s3", "2024-09-05T21:04:32Z", nil},
	"s3_restore_event_lambdago":      {"S3 ObjectRestore:Completed", "s3", "2023-05-10T15:00:00Z", nil},
	"s3SqsEvent_powertools": {"SQS SQS", "sqs", "2023-04-12T20:43:38Z", map[string]any{
		semconv.S3Bucket: "xxx", semconv.S3Key: "test.pdf", semconv.S3VersionID: "yd3d4HaWOT2zguDLvIQLU6ptDTwKBnQV",
		semconv.TriggerSource: "aws.sqs", semconv.MessagingMessageID: "ca3e7a89-c358-40e5-8aa0-5da01403c267",
	}},
	"sqs_event_lambdago": {"SQS SQSQueue", "sqs", "2018-03-09T18:53:45Z", map[string]any{
		semconv.MessagingSystem: "aws_sqs", semconv.MessagingDestination: "SQSQueue",
		semconv.MessagingMessageID: "MessageID_1", semconv.MessagingBatchCount: int64(1),
		semconv.TriggerResource: "arn:aws:sqs:us-west-2:123456789012:SQSQueue", semconv.CloudRegion: "us-west-2",
	}},
	"sns_event_lambdago": {"SNS EXAMPLE", "sns", "2015-06-03T17:43:27Z", map[string]any{
		semconv.MessagingSystem: "aws.sns", semconv.TriggerResource: "arn:aws:sns:EXAMPLE",
		semconv.MessagingMessageID: "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
	}},
	"dynamodb_event_lambdago": {"DynamoDB Example-Table", "dynamodb", "2016-12-02T01:27:00Z", map[string]any{
		semconv.DynamoDBTables: []string{"Example-Table"}, semconv.TriggerEventName: "INSERT",
		semconv.MessagingBatchCount: int64(2),
	}},
	"kinesis_event_lambdago": {"Kinesis simple-stream", "kinesis", "2016-12-02T01:18:43Z", map[string]any{
		semconv.KinesisStream: "simple-stream", semconv.MessagingBatchCount: int64(2),
	}},
	"apigw_request_lambdago": {"POST /{proxy+}", "apigateway", "2020-05-15T06:01:09Z", map[string]any{
		semconv.TriggerAPI: "gy415nuibc", semconv.TriggerStage: "testStage", semconv.HTTPRoute: "/{proxy+}",
		semconv.HTTPMethod: "POST", semconv.AWSRequestID: "deef4878-7910-11e6-8f14-25afc3e9ae33",
	}},
	"eventBridgeEvent_powertools": {
		"ec2 EC2 Instance State-change Notification", "ec2", "2017-12-22T18:43:48Z", map[string]any{
			semconv.TriggerSource:   "aws.ec2",
			semconv.TriggerResource: "arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0",
		},
	},
	"ecr_image_push_event_lambdago":                    {"ecr ECR Image Action", "ecr", "2019-11-16T01:54:34Z", nil},
	"sfn_status_change_running_docs":                   statusChange("2019-02-26T19:42:21Z"),
	"sfn_status_change_succeeded_docs":                 statusChange("2019-02-26T19:42:21Z"),
	"sfn_status_change_failed_docs":                    statusChange("2019-02-26T19:42:21Z"),
	"sfn_status_change_timed_out_docs":                 statusChange("2019-02-26T19:42:21Z"),
	"sfn_status_change_aborted_docs":                   statusChange("2019-02-26T19:42:21Z"),
	"sfn_status_change_running_recorded_1":             statusChange("2024-02-07T13:56:54Z"),
	"sfn_status_change_succeeded_recorded_2":           statusChange("2024-02-07T13:56:54Z"),
	"cloudtrail_record_states_createactivity_docs":     {"states CreateActivity", "states", "2016-10-28T01:17:56Z", nil},
	"cloudtrail_record_states_createstatemachine_docs": {"states CreateStateMachine", "states", "2016-10-28T01:18:07Z", nil},
	"cloudtrail_record_states_deleteactivity_docs":     {"states DeleteActivity", "states", "2016-10-28T01:18:27Z", nil},
	"cloudtrail_record_states_deletestatemachine_docs": {"states DeleteStateMachine", "states", "2016-10-28T01:17:37Z", nil},
	"cloudtrail_record_states_stopexecution_docs":      {"states StopExecution", "states", "2016-10-28T01:18:20Z", nil},
	"cloudtrail_record_states_startexecution_docs": {"states StartExecution", "states", "2016-10-28T01:17:25Z", map[string]any{
		semconv.TriggerSource: "aws.states", semconv.TriggerEventID: "30a20c8e-a3a1-4b07-9139-cd9cd73b5eb8",
		semconv.TriggerPrincipalType: "IAMUser", semconv.AWSRequestID: "264c6f08-9cac-11e6-aed5-5b57d226e9ef",
	}},
	"cloudwatch_logs_event_lambdago": {},
}

func statusChange(at string) triggered {
	return triggered{"states Step Functions Execution Status Change", "states", at, map[string]any{
		semconv.TriggerSource: "aws.states", semconv.TriggerEventName: "Step Functions Execution Status Change",
	}}
}

func TestRecordedTriggers(t *testing.T) {
	files := historytest.Recorded(t, "events/*.json", 1)
	require.Len(t, files, len(recordedTriggers))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			want, ok := recordedTriggers[name]
			require.True(t, ok)
			want.require(t, string(historytest.Read(t, file)))
		})
	}
}

func (w triggered) require(t *testing.T, input string) {
	t.Helper()
	spans := started(t, input)
	if w.name == "" {
		require.Len(t, spans, 1)
		require.Equal(t, spanid.SpanID{}, spans[0].Parent, "the execution is the root")
		return
	}
	require.Len(t, spans, 2)
	trigger, execution := spans[0], spans[1]
	require.Equal(t, w.name, trigger.Name)
	require.Equal(t, w.service, trigger.Service)
	require.Equal(t, trace.SpanKindProducer, trigger.SpanKind)
	if w.at == "" {
		w.at = historytest.Epoch.Format(time.RFC3339)
	}
	require.Equal(t, w.at, trigger.Start.Format(time.RFC3339))
	require.Equal(t, execution.Start, trigger.End)
	require.Equal(t, trigger.ID, execution.Parent)
	require.Equal(t, spanid.Span(semconv.KindTrigger, workflow, 0, 0), trigger.ID)
	for key, want := range w.want {
		require.Equal(t, want, attr(trigger.Attributes, key), key)
	}
}

// started are the spans of an execution that has just begun with the input.
func started(t testing.TB, input string) []convert.Span {
	t.Helper()
	events := historytest.Parse(t, "1 <- 0 +0 ExecutionStarted")
	events[0].Details.Input = input
	c := convert.New(convert.Execution{ARN: workflow}, nil)
	return append(c.Feed(events...).Spans, c.Open(historytest.Epoch)...)
}

const parentARN = "arn:aws:states:eu-west-1:123456789012:execution:parent:p1"

// TestTriggers has what nobody recorded, as AWS documents it.
func TestTriggers(t *testing.T) {
	sqs := func(body string) string {
		quoted := strings.ReplaceAll(strings.ReplaceAll(body, `\`, `\\`), `"`, `\"`)
		return `{"messageId":"M1","body":"` + quoted + `","attributes":{"SentTimestamp":"1700000000000"},` +
			`"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:1:orders","awsRegion":"eu-west-1"}`
	}
	s3 := `{"Records":[{"eventSource":"aws:s3","eventTime":"2023-11-14T22:13:10.5Z","eventName":"ObjectCreated:Put",` +
		`"s3":{"bucket":{"name":"b"},"object":{"key":"a%2Fb+c.png"}}}]}`
	cases := map[string]struct {
		input string
		triggered
	}{
		"rule with a schedule": {
			`{"version":"0","id":"E1","detail-type":"Scheduled Event","source":"aws.events","account":"1",` +
				`"time":"2023-11-14T22:13:20Z","region":"eu-west-1","resources":["arn:aws:events:eu-west-1:1:rule/nightly"],"detail":{}}`,
			triggered{"schedule nightly", "events", "2023-11-14T22:13:20Z", map[string]any{
				semconv.TriggerSource: "aws.events", semconv.TriggerEventID: "E1", semconv.TriggerEventName: "Scheduled Event",
				semconv.TriggerResource: "arn:aws:events:eu-west-1:1:rule/nightly",
			}},
		},
		"EventBridge Scheduler": {
			`{"version":"0","id":"E1","detail-type":"Scheduled Event","source":"aws.scheduler","time":"2023-11-14T22:13:20Z",` +
				`"resources":["arn:aws:scheduler:eu-west-1:1:schedule/default/hourly"],"detail":"{}"}`,
			triggered{"schedule hourly", "scheduler", "2023-11-14T22:13:20Z", map[string]any{
				semconv.TriggerResource: "arn:aws:scheduler:eu-west-1:1:schedule/default/hourly",
			}},
		},
		"custom event": {
			`{"id":"E1","detail-type":"OrderPlaced","source":"my.shop","time":"2023-11-14T22:13:20Z","detail":{"card":"hunter2"}}`,
			triggered{"EventBridge OrderPlaced", "my.shop", "2023-11-14T22:13:20Z", map[string]any{
				semconv.TriggerSource: "my.shop", semconv.TriggerEventName: "OrderPlaced",
			}},
		},
		"CloudTrail of another service": {
			`{"id":"E1","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","time":"2023-11-14T22:13:30Z",` +
				`"detail":{"eventTime":"2023-11-14T22:13:20Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances",` +
				`"userIdentity":{"type":"AssumedRole","userName":"hunter2"}}}`,
			triggered{"ec2 RunInstances", "ec2", "2023-11-14T22:13:20Z", map[string]any{
				semconv.TriggerPrincipalType: "AssumedRole", semconv.TriggerEventName: "RunInstances",
			}},
		},
		"Pipes from SQS": {
			"[" + sqs("hunter2") + "," + sqs("hunter2") + "]",
			triggered{"SQS orders", "sqs", "2023-11-14T22:13:20Z", map[string]any{
				semconv.MessagingBatchCount: int64(2), semconv.MessagingMessageID: "M1",
				semconv.TriggerResource: "arn:aws:sqs:eu-west-1:1:orders",
			}},
		},
		"Pipes from Kinesis": {
			`[{"kinesisSchemaVersion":"1.0","partitionKey":"p","sequenceNumber":"1","data":"aHVudGVyMg==",` +
				`"approximateArrivalTimestamp":1700000000.5,"eventSource":"aws:kinesis","eventID":"shardId-0:1",` +
				`"eventSourceARN":"arn:aws:kinesis:eu-west-1:1:stream/clicks"}]`,
			triggered{"Kinesis clicks", "kinesis", "2023-11-14T22:13:20Z", map[string]any{semconv.KinesisStream: "clicks"}},
		},
		"S3 notification through SQS": {
			`{"Records":[` + sqs(s3) + `]}`,
			triggered{"SQS orders", "sqs", "2023-11-14T22:13:10Z", map[string]any{
				semconv.S3Bucket: "b", semconv.S3Key: "a/b c.png", semconv.TriggerSource: "aws.sqs",
			}},
		},
		"S3 notification through SNS and SQS": {
			"[" + sqs(`{"Type":"Notification","MessageId":"N","Message":"`+strings.ReplaceAll(s3, `"`, `\"`)+`"}`) + "]",
			triggered{"SQS orders", "sqs", "2023-11-14T22:13:10Z", map[string]any{semconv.S3Bucket: "b"}},
		},
		"HTTP API": {
			`{"version":"2.0","routeKey":"POST /orders/{id}","rawPath":"/prod/orders/7","rawQueryString":"token=hunter2",` +
				`"requestContext":{"accountId":"1","apiId":"a1","domainName":"a1.execute-api.eu-west-1.amazonaws.com",` +
				`"http":{"method":"POST","path":"/prod/orders/7","sourceIp":"1.2.3.4"},"requestId":"R1",` +
				`"routeKey":"POST /orders/{id}","stage":"prod","timeEpoch":1700000000000},"body":"hunter2"}`,
			triggered{"POST /orders/{id}", "apigateway", "2023-11-14T22:13:20Z", map[string]any{
				semconv.TriggerAPI: "a1", semconv.TriggerStage: "prod", semconv.HTTPRoute: "/orders/{id}",
				semconv.HTTPMethod: "POST", semconv.AWSRequestID: "R1",
				semconv.ServerAddress: "a1.execute-api.eu-west-1.amazonaws.com",
			}},
		},
		"nested start": {
			`{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"` + parentARN + `","card":"hunter2"}`,
			triggered{"execution parent", "parent", "", map[string]any{semconv.ParentExecutionARN: parentARN}},
		},
		"trace contexts of others": {
			`{"_datadog":{"x-datadog-trace-id":"1"},"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}`,
			triggered{},
		},
		"an application's Records":  {`{"Records":[{"eventSource":"my:app"}]}`, triggered{}},
		"an empty batch":            {`{"Records":[]}`, triggered{}},
		"an application's source":   {`{"source":"x","detail-type":7}`, triggered{}},
		"no execution's ARN":        {`{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"me"}`, triggered{}},
		"a request without its API": {`{"requestContext":{"http":{"method":"GET"}}}`, triggered{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.require(t, c.input)
			for _, s := range started(t, c.input) {
				for _, a := range s.Attributes {
					require.NotContains(t, a.Value.String(), "hunter2", a.Key)
				}
			}
		})
	}
}

func TestANestedExecutionNamesItsParent(t *testing.T) {
	spans := started(t, `{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"`+parentARN+`"}`)
	require.Equal(t, parentARN, attr(spans[1].Attributes, semconv.ParentExecutionARN))
}

func TestHostileTriggers(t *testing.T) {
	for _, input := range []string{
		`{"source":"aws.s3"}`, `{"source":"aws.s3","detail-type":5}`, `"aws.s3"`, `["aws.s3"]`, `{"source":"aws.s3`,
		`{"source":"aws.s3","detail-type":"x","detail":`, `"detail-type"`, `[[{"eventSource":"aws:sqs"}]]`,
		`{"Records":{"0":{"eventSource":"aws:s3"}}}`, `{"requestContext":[],"httpMethod":"GET"}`,
		strings.Repeat(`{"Records":[`, 20_000),
	} {
		require.Len(t, started(t, input), 1, input)
	}
	for _, at := range []string{"2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday"} {
		spans := started(t, `{"source":"aws.s3","detail-type":"Object Created","time":"`+at+`","detail":null}`)
		require.Len(t, spans, 2)
		require.Equal(t, historytest.Epoch, spans[0].Start, "an upload is not after what it started, nor before 1970")
	}
}

func FuzzTrigger(f *testing.F) {
	f.Add([]byte(`{"source":"aws.s3","detail-type":"Object Created","time":"2023-11-14T22:13:20Z","detail":{"object":{"key":"\ud800"}}}`))
	f.Add([]byte(`{"Records":[{"eventSource":"aws:sqs","body":"{\"Type\":\"Notification\",\"Message\":\"[]\"}","attributes":{"SentTimestamp":"1e99"}}]}`))
	f.Add([]byte(`[{"EventSource":"aws:sns","Sns":{"TopicArn":":"}}]`))
	f.Add([]byte(`{"requestContext":{"apiId":"a","http":{"method":"GET"},"timeEpoch":-1}}`))
	f.Add([]byte(`{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"` + parentARN + `"}`))
	historytest.Seeds(f, "events/*.json")
	f.Fuzz(func(t *testing.T, input []byte) {
		spans := started(t, string(input))
		execution := spans[len(spans)-1]
		if len(spans) == 1 {
			require.Equal(t, spanid.SpanID{}, execution.Parent)
			return
		}
		trigger := spans[0]
		require.Len(t, spans, 2)
		require.Equal(t, trigger.ID, execution.Parent)
		require.False(t, trigger.Start.After(execution.Start))
		require.GreaterOrEqual(t, trigger.Start.UnixNano(), int64(0))
		require.NotEmpty(t, trigger.Name)
		require.LessOrEqual(t, len(trigger.Name), 300)
		seen := make(map[string]bool)
		for _, a := range trigger.Attributes {
			require.False(t, seen[string(a.Key)], "%s twice", a.Key)
			seen[string(a.Key)] = true
			require.True(t, utf8.ValidString(a.Value.AsString()))
			require.LessOrEqual(t, len(a.Value.AsString()), 4<<10)
		}
	})
}
