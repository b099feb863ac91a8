package wrapper

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	rekognitiontypes "github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
)

const (
	machineARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:images"
	secret     = "hunter2"
)

// TestWhatCallsTell looks at the attributes that depend on the service, and that what is secret is not among them.
func TestWhatCallsTell(t *testing.T) {
	image := &rekognitiontypes.Image{S3Object: &rekognitiontypes.S3Object{
		Bucket: aws.String("uploads"), Name: aws.String("a.png"),
	}}
	for _, tc := range []struct {
		name   string
		answer reply
		do     func(context.Context, aws.Config)
		want   map[string]any
	}{
		{
			"DynamoDB PutItem",
			reply{200, nil, `{"ConsumedCapacity":{"TableName":"images","CapacityUnits":1.5}}`},
			putItem,
			map[string]any{
				"aws.dynamodb.consumed_capacity": []any{`{"TableName":"images","CapacityUnits":1.5}`},
				"aws.dynamodb.capacity_units":    1.5, "aws.dynamodb.table_names": []any{"images"},
			},
		},
		{
			"DynamoDB BatchWriteItem",
			reply{200, nil, `{"ConsumedCapacity":[{"TableName":"a","CapacityUnits":1},
				{"TableName":"b","CapacityUnits":2}],"UnprocessedItems":{"a":[]}}`},
			func(ctx context.Context, cfg aws.Config) {
				_, _ = dynamodb.NewFromConfig(cfg).BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
					RequestItems: map[string][]dynamotypes.WriteRequest{"a": {}, "b": {}},
				})
			},
			map[string]any{"aws.dynamodb.capacity_units": 3.0, "steptrace.failed_count": int64(1)},
		},
		{
			"Rekognition DetectModerationLabels",
			reply{200, nil, `{"ModerationLabels":[{"Name":"x"},{"Name":"y"}],"ModerationModelVersion":"7.0"}`},
			func(ctx context.Context, cfg aws.Config) {
				_, _ = rekognition.NewFromConfig(cfg).DetectModerationLabels(ctx, &rekognition.DetectModerationLabelsInput{
					Image: image, MinConfidence: aws.Float32(60.1),
				})
			},
			map[string]any{
				"aws.rekognition.moderation_label_count": int64(2), "aws.rekognition.model_version": "7.0",
				"aws.rekognition.min_confidence": 60.1, "aws.s3.bucket": "uploads", "aws.s3.key": "a.png",
			},
		},
		{
			"Rekognition SearchFacesByImage",
			reply{200, nil, `{"FaceMatches":[{}],"FaceModelVersion":"7.0"}`},
			func(ctx context.Context, cfg aws.Config) {
				_, _ = rekognition.NewFromConfig(cfg).SearchFacesByImage(ctx, &rekognition.SearchFacesByImageInput{
					Image: image, CollectionId: aws.String("staff"), FaceMatchThreshold: aws.Float32(95),
				})
			},
			map[string]any{
				"aws.rekognition.collection_id": "staff", "aws.rekognition.min_confidence": 95.0,
				"aws.rekognition.face_match_count": int64(1),
			},
		},
		{
			"SQS SendMessage",
			reply{200, nil, `{"MessageId":"m1"}`},
			func(ctx context.Context, cfg aws.Config) {
				_, _ = sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true }).
					SendMessage(ctx, &sqs.SendMessageInput{
						QueueUrl: aws.String("https://sqs.eu-west-1.amazonaws.com/123456789012/orders"), MessageBody: aws.String(secret),
					})
			},
			map[string]any{
				"messaging.system": "aws_sqs", "messaging.destination.name": "orders", "messaging.message.id": "m1",
				"aws.sqs.queue.url": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
			},
		},
		{
			"SQS SendMessageBatch",
			reply{200, nil, `{"Successful":[],"Failed":[{"Id":"2"}]}`},
			func(ctx context.Context, cfg aws.Config) {
				entry := sqstypes.SendMessageBatchRequestEntry{Id: aws.String("1"), MessageBody: aws.String(secret)}
				_, _ = sqs.NewFromConfig(cfg).SendMessageBatch(ctx, &sqs.SendMessageBatchInput{
					QueueUrl: aws.String("https://sqs/1/orders"), Entries: []sqstypes.SendMessageBatchRequestEntry{entry, entry},
				})
			},
			map[string]any{"messaging.batch.message_count": int64(2), "steptrace.failed_count": int64(1)},
		},
		{
			"EventBridge PutEvents",
			reply{200, nil, `{"FailedEntryCount":0,"Entries":[{"EventId":"e1"},{"EventId":"e2"}]}`},
			func(ctx context.Context, cfg aws.Config) {
				entry := eventtypes.PutEventsRequestEntry{
					EventBusName: aws.String("arn:aws:events:eu-west-1:123456789012:event-bus/shop"),
					Source:       aws.String("orders"), DetailType: aws.String("Paid"), Detail: aws.String(`"` + secret + `"`),
				}
				_, _ = eventbridge.NewFromConfig(cfg).PutEvents(ctx, &eventbridge.PutEventsInput{
					Entries: []eventtypes.PutEventsRequestEntry{entry, entry},
				})
			},
			map[string]any{
				"messaging.destination.name": "shop", "messaging.batch.message_count": int64(2),
				"aws.step_functions.eventbridge.sources":      []any{"orders"},
				"aws.step_functions.eventbridge.detail_types": []any{"Paid"},
				"aws.step_functions.eventbridge.event_ids":    []any{"e1", "e2"},
			},
		},
		{
			"Lambda Invoke",
			reply{200, map[string]string{"X-Amz-Executed-Version": "7"}, `"` + secret + `"`},
			func(ctx context.Context, cfg aws.Config) {
				_, _ = awslambda.NewFromConfig(cfg).Invoke(ctx, &awslambda.InvokeInput{
					FunctionName: aws.String(functionARN), Payload: []byte(`"` + secret + `"`),
					InvocationType: lambdatypes.InvocationTypeRequestResponse,
				})
			},
			map[string]any{
				"faas.invoked_name": "thumbnails", "aws.lambda.invoked_arn": functionARN, "faas.version": "7",
				"aws.lambda.invocation_type": "RequestResponse",
			},
		},
		{
			"S3 PutObject",
			reply{200, map[string]string{"ETag": `"abc"`, "X-Amz-Version-Id": "v2"}, ``},
			func(ctx context.Context, cfg aws.Config) {
				client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
				_, _ = client.PutObject(ctx, &s3.PutObjectInput{
					Bucket: aws.String("thumbs"), Key: aws.String("a.png"), Body: strings.NewReader(secret),
				})
			},
			map[string]any{
				"aws.s3.bucket": "thumbs", "aws.s3.key": "a.png", "aws.s3.etag": "abc", "aws.s3.version_id": "v2",
				"aws.s3.object.size": int64(len(secret)),
			},
		},
		{
			"S3 UploadPart",
			reply{200, map[string]string{"ETag": `"p3"`}, ``},
			func(ctx context.Context, cfg aws.Config) {
				client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
				_, _ = client.UploadPart(ctx, &s3.UploadPartInput{
					Bucket: aws.String("thumbs"), Key: aws.String("a.png"), UploadId: aws.String("u1"),
					PartNumber: aws.Int32(3), Body: strings.NewReader(secret),
				})
			},
			map[string]any{"aws.s3.upload_id": "u1", "aws.s3.part_number": int64(3), "aws.s3.etag": "p3"},
		},
		{
			"SFN StartSyncExecution",
			reply{200, nil, `{"executionArn":"` + executionARN + `","status":"FAILED","error":"Oops","startDate":1,"stopDate":2}`},
			func(ctx context.Context, cfg aws.Config) {
				dial := func(ctx context.Context, network, _ string) (net.Conn, error) { // for sync-127.0.0.1
					return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(*cfg.BaseEndpoint, "http://"))
				}
				transport := &http.Transport{DialContext: dial}
				defer transport.CloseIdleConnections()
				cfg.HTTPClient = &http.Client{Transport: transport}
				_, _ = sfn.NewFromConfig(cfg).StartSyncExecution(ctx, &sfn.StartSyncExecutionInput{
					StateMachineArn: aws.String(machineARN), Input: aws.String(`"` + secret + `"`),
				})
			},
			map[string]any{
				"aws.step_functions.child_execution.arn":               executionARN,
				"aws.step_functions.child_execution.state_machine.arn": machineARN,
				"aws.step_functions.execution.status":                  "FAILED", "aws.step_functions.error": "Oops",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			call := callAWS(t, []reply{tc.answer}, tc.do)
			require.Equal(t, tc.name, strings.Replace(call.Name, ".", " ", 1))
			require.Empty(t, call.Status)
			for key, want := range tc.want {
				require.Equal(t, want, call.Attributes[key], key)
			}
			for key, value := range call.Attributes {
				require.NotContains(t, fmt.Sprint(value), secret, key)
			}
		})
	}
}

func TestAConditionThatDoesNotHoldIsAnAnswer(t *testing.T) {
	dynamo := func(code, more string) reply {
		return reply{400, nil, `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"no"` + more + `}`}
	}
	transact := func(ctx context.Context, cfg aws.Config) {
		_, _ = dynamodb.NewFromConfig(cfg).TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
			TransactItems: []dynamotypes.TransactWriteItem{},
		})
	}
	for _, tc := range []struct {
		name   string
		answer reply
		do     func(context.Context, aws.Config)
		failed bool
	}{
		{"write", dynamo("ConditionalCheckFailedException", ""), putItem, false},
		{"transaction", dynamo("TransactionCanceledException",
			`,"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"}]`), transact, false},
		{"transaction that failed otherwise, too", dynamo("TransactionCanceledException",
			`,"CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"ValidationError"}]`), transact, true},
		{"transaction without reasons", dynamo("TransactionCanceledException", ""), transact, true},
		{"another error", dynamo("ResourceNotFoundException", ""), putItem, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			call := callAWS(t, []reply{tc.answer}, tc.do)
			_, isError := call.Attributes["error.type"]
			require.Equal(t, tc.failed, isError)
			require.Equal(t, tc.failed, call.Status != "")
			require.Equal(t, !tc.failed, call.Attributes["aws.dynamodb.condition_failed"] == true)
		})
	}
}

func TestAFunctionThatFailsIsAnErrorOfItsCall(t *testing.T) {
	call := callAWS(t, []reply{{200, map[string]string{"X-Amz-Function-Error": "Unhandled"}, `{}`}},
		func(ctx context.Context, cfg aws.Config) {
			_, _ = awslambda.NewFromConfig(cfg).Invoke(ctx, &awslambda.InvokeInput{FunctionName: aws.String("thumbnails:live")})
		})
	require.Equal(t, "ERROR: the invoked function failed", call.Status)
	require.Equal(t, "Unhandled", call.Attributes["error.type"])
	require.Equal(t, "thumbnails", call.Attributes["faas.invoked_name"])
	require.NotContains(t, call.Attributes, "aws.lambda.invoked_arn")
}

func TestAReaderIsLinkedToWhoWroteTheObject(t *testing.T) {
	before := otel.GetTextMapPropagator()
	otel.SetTextMapPropagator(propagation.TraceContext{})
	defer otel.SetTextMapPropagator(before)
	call := callAWS(t, []reply{{200, map[string]string{"X-Amz-Meta-Traceparent": upstream}, ``}}, getObject)
	require.Equal(t, []gotLink{{upstreamTrace, upstreamSpan, map[string]any{}}}, call.Links)
}

// startedWith makes a client start an execution in an invocation and returns the trace header sent and the call's span.
func startedWith(t *testing.T, ctx context.Context, input *sfn.StartExecutionInput) (string, gotSpan) { //nolint:revive // t
	t.Helper()
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		body = string(sent)
		_, _ = io.WriteString(w, `{"executionArn":"`+executionARN+`","startDate":1}`)
	}))
	defer server.Close()
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}
	InstrumentAWS(&cfg)
	h, m, _ := traced(t, func(ctx context.Context) error { //nolint:contextcheck // the resource is not of this context
		_, err := sfn.NewFromConfig(cfg).StartExecution(ctx, input)
		return err
	})
	_, err := h.Invoke(ctx, []byte(`{}`))
	require.NoError(t, err)
	call := m.received()[0]
	require.Equal(t, executionARN, call.Attributes["aws.step_functions.child_execution.arn"])
	found := regexp.MustCompile(`"traceHeader":"([^"]*)"`).FindStringSubmatch(body)
	require.NotNil(t, found, body)
	require.Equal(t, found[1], call.Attributes["aws.xray.trace_header"])
	return found[1], call
}

func TestAnExecutionIsStartedWithTheCallAsItsParent(t *testing.T) {
	input := &sfn.StartExecutionInput{StateMachineArn: aws.String(machineARN)}
	header, call := startedWith(t, lambdaContext(), input)
	require.Equal(t, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent="+call.id, header)
	require.Nil(t, input.TraceHeader, "the caller's input is as it was")

	//nolint:staticcheck,revive // the key is aws-lambda-go's
	ctx := context.WithValue(lambdaContext(), "x-amzn-trace-id", "Root=1-a-b;Parent=c;Sampled=1;Lineage=d")
	header, call = startedWith(t, ctx, input)
	require.Equal(t, "Root=1-a-b;Parent="+call.id+";Sampled=1", header, "X-Ray's decision stands")

	header, call = startedWith(t, context.Background(), input)
	require.Equal(t, "Root=1-"+call.trace[:8]+"-"+call.trace[8:]+";Parent="+call.id, header)
}

func TestATraceHeaderOfTheCallersOwnStands(t *testing.T) {
	header, _ := startedWith(t, lambdaContext(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machineARN), TraceHeader: aws.String("Root=1-2-3"),
	})
	require.Equal(t, "Root=1-2-3", header)
}

// SNS and Secrets Manager are read by the same functions; their shapes are those of the SDK's v1 models.
func TestTopicsAndSecrets(t *testing.T) {
	text := aws.String
	set := func(kvs []attribute.KeyValue) map[string]any {
		m := map[string]any{}
		for _, kv := range kvs {
			m[string(kv.Key)] = kv.Value.AsInterface()
		}
		return m
	}
	require.Equal(t, map[string]any{
		"messaging.system": "aws.sns", "messaging.destination.name": "orders", "aws.sns.topic.arn": "arn:aws:sns:r:a:orders",
	}, set(requestAttributes("SNS", &struct{ TopicArn, Message, PhoneNumber *string }{
		text("arn:aws:sns:r:a:orders"), text(secret), text("+49 30"),
	})))
	require.Equal(t, map[string]any{"messaging.message.id": "m"},
		set(responseAttributes("SNS", &struct{ MessageId *string }{text("m")}))) //nolint:revive // the SDK's name
	require.Empty(t, requestAttributes("Secrets Manager",
		&struct{ SecretId *string }{text("db/password")})) //nolint:revive // the SDK's name
	require.Equal(t, map[string]any{"aws.secretsmanager.secret.arn": "arn:aws:secretsmanager:r:a:secret:db"},
		set(responseAttributes("Secrets Manager", &struct {
			ARN, Name, SecretString *string
			SecretBinary            []byte
		}{text("arn:aws:secretsmanager:r:a:secret:db"), text("db"), text(secret), []byte(secret)})))
}
