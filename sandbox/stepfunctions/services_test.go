package stepfunctions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox"
)

// account is a whole sandbox with a bucket "images" and a table "items" whose key is "id".
type account struct {
	t      *testing.T
	ctx    context.Context
	states *sfn.Client
	events *eventbridge.Client
	queues *sqs.Client
	s3     *s3.Client
}

func newAccount(t *testing.T) *account {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	box, err := sandbox.Start(ctx, sandbox.Config{Dir: t.TempDir()})
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		require.NoError(t, box.Close(ctx))
		cancel()
	})
	config := aws.Config{
		BaseEndpoint: aws.String(box.URL()), Region: "eu-west-1", HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	a := &account{t: t, ctx: ctx, states: sfn.NewFromConfig(config), events: eventbridge.NewFromConfig(config), queues: sqs.NewFromConfig(config)}
	a.s3 = s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = a.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("images")})
	require.NoError(t, err)
	_, err = dynamodb.NewFromConfig(config).CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String("items"), BillingMode: ddbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: ddbtypes.ScalarAttributeTypeS}},
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: ddbtypes.KeyTypeHash}},
	})
	require.NoError(t, err)
	return a
}

func (a *account) put(key string, body []byte) {
	a.t.Helper()
	_, err := a.s3.PutObject(a.ctx, &s3.PutObjectInput{Bucket: aws.String("images"), Key: &key, Body: bytes.NewReader(body)})
	require.NoError(a.t, err)
}

// call runs a state machine of one Task state and returns its output, or its error and cause.
func (a *account) call(resource, parameters string) (output map[string]any, name, cause string) {
	a.t.Helper()
	definition := `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::` + resource +
		`","Parameters":` + parameters + `,"End":true}}}`
	machine, err := a.states.CreateStateMachine(a.ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("m"), Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
	})
	require.NoError(a.t, err)
	defer func() {
		_, err := a.states.DeleteStateMachine(a.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: machine.StateMachineArn})
		require.NoError(a.t, err)
	}()
	started, err := a.states.StartExecution(a.ctx, &sfn.StartExecutionInput{StateMachineArn: machine.StateMachineArn})
	require.NoError(a.t, err)
	out := a.ended(started.ExecutionArn)
	if out.Status != types.ExecutionStatusSucceeded {
		return nil, *out.Error, *out.Cause
	}
	require.NoError(a.t, json.Unmarshal([]byte(*out.Output), &output))
	return output, "", ""
}

func (a *account) ended(arn *string) (out *sfn.DescribeExecutionOutput) {
	a.t.Helper()
	require.Eventually(a.t, func() bool {
		var err error
		out, err = a.states.DescribeExecution(a.ctx, &sfn.DescribeExecutionInput{ExecutionArn: arn})
		require.NoError(a.t, err)
		return out.Status != types.ExecutionStatusRunning
	}, 10*time.Second, 5*time.Millisecond)
	return out
}

func TestDynamoDBTasks(t *testing.T) {
	a := newAccount(t)
	_, name, cause := a.call("aws-sdk:dynamodb:putItem", `{"TableName":"items","Item":{"id":{"S":"1"},"n":{"N":"7"}}}`)
	require.Empty(t, name+cause)
	out, _, _ := a.call("dynamodb:updateItem", `{"TableName":"items","Key":{"id":{"S":"1"}},"UpdateExpression":"SET n = :n",
		"ExpressionAttributeValues":{":n":{"N":"8"}},"ReturnValues":"UPDATED_NEW"}`)
	require.Equal(t, map[string]any{"n": map[string]any{"N": "8"}}, out["Attributes"])
	require.NotEmpty(t, out["SdkResponseMetadata"].(map[string]any)["RequestId"])
	require.EqualValues(t, 200, out["SdkHttpMetadata"].(map[string]any)["HttpStatusCode"])
	out, _, _ = a.call("aws-sdk:dynamodb:getItem", `{"TableName":"items","Key":{"id":{"S":"1"}}}`)
	require.Equal(t, map[string]any{"Item": map[string]any{"id": map[string]any{"S": "1"}, "n": map[string]any{"N": "8"}}}, out)

	_, name, cause = a.call("aws-sdk:dynamodb:putItem",
		`{"TableName":"items","Item":{"id":{"S":"1"}},"ConditionExpression":"attribute_not_exists(id)"}`)
	require.Equal(t, "DynamoDb.ConditionalCheckFailedException", name)
	require.Regexp(t, `\(Service: DynamoDb, Status Code: 400, Request ID: [^)]+\)$`, cause)
	_, name, cause = a.call("dynamodb:getItem", `{"TableName":"nowhere","Key":{"id":{"S":"1"}}}`)
	require.Equal(t, "DynamoDB.ResourceNotFoundException", name)
	require.Regexp(t, `\(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: [^;]+; Proxy: null\)$`, cause)
	_, name, _ = a.call("aws-sdk:dynamodb:getItem", `{"TableName":"items","Key":{"other":{"S":"1"}}}`)
	require.Equal(t, "DynamoDb.DynamoDbException", name, "a ValidationException has no exception of its own")
}

func TestS3Tasks(t *testing.T) {
	a := newAccount(t)
	out, _, _ := a.call("aws-sdk:s3:putObject", `{"Bucket":"images","Key":"a.json","Body":{"a":[1,2]},"ContentType":"application/json"}`)
	require.NotEmpty(t, out["ETag"])
	out, _, _ = a.call("aws-sdk:s3:getObject", `{"Bucket":"images","Key":"a.json"}`)
	require.Equal(t, `{"a":[1,2]}`, out["Body"])
	require.Equal(t, "application/json", out["ContentType"])
	require.EqualValues(t, 11, out["ContentLength"])
	_, _, _ = a.call("aws-sdk:s3:copyObject", `{"Bucket":"images","Key":"b.json","CopySource":"images/a.json"}`)
	out, _, _ = a.call("aws-sdk:s3:headObject", `{"Bucket":"images","Key":"b.json"}`)
	require.EqualValues(t, 11, out["ContentLength"])
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, out["LastModified"])
	_, _, _ = a.call("aws-sdk:s3:deleteObject", `{"Bucket":"images","Key":"a.json"}`)
	out, _, _ = a.call("aws-sdk:s3:listObjectsV2", `{"Bucket":"images"}`)
	contents := out["Contents"].([]any)
	require.Len(t, contents, 1)
	require.Equal(t, "b.json", contents[0].(map[string]any)["Key"])
	require.EqualValues(t, 1, out["KeyCount"])

	_, name, cause := a.call("aws-sdk:s3:getObject", `{"Bucket":"images","Key":"none"}`)
	require.Equal(t, "S3.NoSuchKeyException", name)
	require.Contains(t, cause, "(Service: S3, Status Code: 404, Request ID: ")
	_, name, _ = a.call("aws-sdk:s3:headObject", `{"Bucket":"images","Key":"none"}`)
	require.Equal(t, "S3.NoSuchKeyException", name)
	_, name, _ = a.call("aws-sdk:s3:getObject", `{"Bucket":"nowhere","Key":"none"}`)
	require.Equal(t, "S3.NoSuchBucketException", name)
	_, name, _ = a.call("aws-sdk:s3:getObject", `{"Bucket":7,"Key":"none"}`)
	require.Equal(t, "S3.SdkClientException", name)
}

func TestRekognitionTasks(t *testing.T) {
	a := newAccount(t)
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 200, 200))))
	a.put("grey.png", picture.Bytes())
	a.put("text.png", []byte("not an image"))
	out, _, _ := a.call("aws-sdk:rekognition:detectFaces", `{"Image":{"S3Object":{"Bucket":"images","Name":"grey.png"}}}`)
	require.Empty(t, out["FaceDetails"])
	_, name, _ := a.call("aws-sdk:rekognition:detectLabels", `{"Image":{"S3Object":{"Bucket":"images","Name":"text.png"}}}`)
	require.Equal(t, "Rekognition.InvalidImageFormatException", name)
	_, name, _ = a.call("aws-sdk:rekognition:detectFaces", `{"Image":{"S3Object":{"Bucket":"images","Name":"none"}}}`)
	require.Equal(t, "Rekognition.InvalidS3ObjectException", name)
}

// An event that a task puts on the bus starts the execution of a rule's target.
func TestEventsTask(t *testing.T) {
	a := newAccount(t)
	target, err := a.states.CreateStateMachine(a.ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("target"), RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
		Definition: aws.String(`{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`),
	})
	require.NoError(t, err)
	_, err = a.events.PutRule(a.ctx, &eventbridge.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"source":["orders"]}`)})
	require.NoError(t, err)
	_, err = a.events.PutTargets(a.ctx, &eventbridge.PutTargetsInput{Rule: aws.String("r"), Targets: []ebtypes.Target{{
		Id: aws.String("t"), Arn: target.StateMachineArn, RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
	}}})
	require.NoError(t, err)
	out, name, cause := a.call("events:putEvents", `{"Entries":[{"Source":"orders","DetailType":"placed","Detail":{"id":7}}]}`)
	require.Empty(t, name+cause)
	require.EqualValues(t, 0, out["FailedEntryCount"])
	var started []types.ExecutionListItem
	require.Eventually(t, func() bool {
		list, err := a.states.ListExecutions(a.ctx, &sfn.ListExecutionsInput{StateMachineArn: target.StateMachineArn})
		require.NoError(t, err)
		started = list.Executions
		return len(started) == 1
	}, 10*time.Second, 5*time.Millisecond)
	var event struct {
		Detail    map[string]any
		Resources []string
	}
	require.NoError(t, json.Unmarshal([]byte(*a.ended(started[0].ExecutionArn).Input), &event))
	require.EqualValues(t, 7, event.Detail["id"])
	require.Len(t, event.Resources, 2)
	require.Contains(t, event.Resources[1], ":execution:m:")

	_, name, _ = a.call("events:putEvents", `{"Entries":[{"Source":"orders","DetailType":"placed","Detail":"no JSON"}]}`)
	require.Equal(t, "EventBridge.FailedEntry", name)
}

// A worker that reads a queue ends the task that has sent the message.
func TestQueueOfTokens(t *testing.T) {
	a := newAccount(t)
	queue, err := a.queues.CreateQueue(a.ctx, &sqs.CreateQueueInput{QueueName: aws.String("work")})
	require.NoError(t, err)
	var worker sync.WaitGroup
	defer worker.Wait()
	worker.Go(func() {
		got, err := a.queues.ReceiveMessage(a.ctx, &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, WaitTimeSeconds: 10})
		if err != nil || len(got.Messages) != 1 {
			t.Errorf("receive: %v, %v", got, err)
			return
		}
		var message struct{ Token, Text string }
		if err := json.Unmarshal([]byte(*got.Messages[0].Body), &message); err != nil {
			t.Error(err)
		}
		_, err = a.states.SendTaskSuccess(a.ctx, &sfn.SendTaskSuccessInput{
			TaskToken: &message.Token, Output: aws.String(`{"read":"` + message.Text + `"}`),
		})
		if err != nil {
			t.Error(err)
		}
	})
	out, name, cause := a.call("sqs:sendMessage.waitForTaskToken",
		`{"QueueUrl":"`+*queue.QueueUrl+`","MessageBody":{"Token.$":"$$.Task.Token","Text":"hello"}}`)
	require.Empty(t, name+cause)
	require.Equal(t, map[string]any{"read": "hello"}, out)
}

func TestLogsTasks(t *testing.T) {
	a := newAccount(t)
	_, name, cause := a.call("aws-sdk:cloudwatchlogs:createLogGroup", `{"LogGroupName":"g"}`)
	require.Empty(t, name+cause)
	out, _, _ := a.call("aws-sdk:cloudwatchlogs:describeLogGroups", `{"LogGroupNamePrefix":"g"}`)
	require.Equal(t, "g", out["LogGroups"].([]any)[0].(map[string]any)["LogGroupName"])
	_, name, _ = a.call("aws-sdk:cloudwatchlogs:createLogGroup", `{"LogGroupName":"g"}`)
	require.Equal(t, "CloudWatchLogs.ResourceAlreadyExistsException", name)
}
