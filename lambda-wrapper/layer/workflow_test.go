package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	imageworkflow "github.com/steptrace/steptrace/image-workflow"
	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/sandbox"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/store/join"
)

const (
	testRole = "arn:aws:iam::123456789012:role/test"
	bucket   = "uploads"
	table    = "images"
)

// workflow is the reference workflow with functions in Python, and a wait of one second.
type workflow struct {
	cfg     aws.Config
	machine string
	sample  samples.Sample
}

func deployWorkflow(t *testing.T, endpoint string) *workflow {
	t.Helper()
	python := pythonRuntime(t)
	box, err := sandbox.Start(t.Context(), sandbox.Config{
		Runtimes: map[string]string{string(python.name): python.executable}, Dir: t.TempDir(),
	})
	require.NoError(t, err)
	client := aws.NewConfig()
	client.Region, client.BaseEndpoint = "eu-west-1", aws.String(box.URL())
	client.Credentials = credentials.NewStaticCredentialsProvider("id", "secret", "")
	w := &workflow{cfg: *client, sample: samples.All()[0]}
	t.Cleanup(func() { require.NoError(t, box.Close(context.Background())) })
	w.createStores(t)
	layer := publishLayer(t, sdk.NewFromConfig(w.cfg))
	metadata := w.createFunction(t, "metadata", python, layer, endpoint)
	rekognition := w.createFunction(t, "rekognition", python, layer, endpoint)
	definition, err := imageworkflow.Definition(metadata, rekognition)
	require.NoError(t, err)
	definition = strings.Replace(definition, `"Seconds": 10`, `"Seconds": 1`, 1)
	out, err := sfn.NewFromConfig(w.cfg).CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("images"), Definition: &definition, RoleArn: aws.String(testRole),
	})
	require.NoError(t, err)
	w.machine = *out.StateMachineArn
	return w
}

func (w *workflow) createStores(t *testing.T) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(w.cfg).CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(table), BillingMode: dynamotypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamotypes.AttributeDefinition{
			{AttributeName: aws.String("filename"), AttributeType: dynamotypes.ScalarAttributeTypeS},
		},
		KeySchema: []dynamotypes.KeySchemaElement{{AttributeName: aws.String("filename"), KeyType: dynamotypes.KeyTypeHash}},
	})
	require.NoError(t, err)
	objects := s3.NewFromConfig(w.cfg, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)})
	require.NoError(t, err)
	_, err = objects.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: &w.sample.Name, ContentType: &w.sample.ContentType, Body: bytes.NewReader(w.sample.Data),
	})
	require.NoError(t, err)
}

func (w *workflow) createFunction(t *testing.T, name string, python runtime, layer, endpoint string) string {
	t.Helper()
	out, err := sdk.NewFromConfig(w.cfg).CreateFunction(t.Context(), &sdk.CreateFunctionInput{
		FunctionName: &name, Runtime: python.name, Handler: aws.String(name + ".handler"), Role: aws.String(testRole),
		Timeout: aws.Int32(30), Code: &types.FunctionCode{ZipFile: python.code}, Layers: []string{layer},
		Environment: &types.Environment{Variables: map[string]string{
			"TABLE_NAME": table, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "AWS_LAMBDA_EXEC_WRAPPER": "/opt/steptrace/exec-wrapper",
		}},
	})
	require.NoError(t, err)
	return *out.FunctionArn
}

// run is an execution for an object, to its end.
func (w *workflow) run(t *testing.T, key string) (arn string, status sfntypes.ExecutionStatus) {
	t.Helper()
	input, err := json.Marshal(map[string]any{"detail": map[string]any{
		"requestParameters": map[string]string{"bucketName": bucket, "key": key},
	}})
	require.NoError(t, err)
	machines := sfn.NewFromConfig(w.cfg)
	started, err := machines.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &w.machine, Input: aws.String(string(input)),
	})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		out, err := machines.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
		if err == nil {
			status = out.Status
		}
		return status != "" && status != sfntypes.ExecutionStatusRunning
	}, patience, 50*time.Millisecond)
	return *started.ExecutionArn, status
}

// attempts are the execution's, as its history tells of them.
func (w *workflow) attempts(t *testing.T, executionARN string) []join.Attempt {
	t.Helper()
	out, err := sfn.NewFromConfig(w.cfg).GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &executionARN})
	require.NoError(t, err)
	var attempts []join.Attempt
	for _, e := range out.Events {
		if scheduled := e.LambdaFunctionScheduledEventDetails; scheduled != nil {
			fingerprint, err := spanid.Fingerprint([]byte(aws.ToString(scheduled.Input)))
			require.NoError(t, err)
			attempts = append(attempts, join.Attempt{
				Ref:        join.Ref{TraceID: spanid.Trace(executionARN).String(), SpanID: *scheduled.Resource},
				InvokedARN: *scheduled.Resource, Fingerprint: fingerprint,
				Start: e.Timestamp.UnixNano(), End: out.Events[len(out.Events)-1].Timestamp.Add(time.Second).UnixNano(),
			})
		}
	}
	return attempts
}

// invocations are what the collector knows.
func (c *collector) invocations() []join.Invocation {
	var found []join.Invocation
	for _, s := range c.received() {
		text := func(name string) string { v, _ := s.attributes[name].(string); return v }
		found = append(found, join.Invocation{
			Ref: join.Ref{TraceID: s.trace, SpanID: s.id}, InvokedARN: text("aws.lambda.invoked_arn"),
			RequestID: text("faas.invocation_id"), Fingerprint: text("steptrace.payload.fingerprint"),
			Start: int64(s.StartTimeUnixNano), End: int64(s.EndTimeUnixNano),
		})
	}
	return found
}

func TestTheReferenceWorkflowInPythonIsJoined(t *testing.T) {
	c := newCollector(t)
	w := deployWorkflow(t, c.URL)
	arn, status := w.run(t, w.sample.Name)
	require.Equal(t, sfntypes.ExecutionStatusSucceeded, status)
	require.Eventually(t, func() bool { return len(c.received()) == 2 }, patience, 10*time.Millisecond)
	w.requireJoined(t, c, arn, "metadata", "rekognition")

	item, err := dynamodb.NewFromConfig(w.cfg).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(table), Key: map[string]dynamotypes.AttributeValue{"filename": &dynamotypes.AttributeValueMemberS{Value: w.sample.Name}},
	})
	require.NoError(t, err)
	require.Len(t, item.Item["faceData"].(*dynamotypes.AttributeValueMemberL).Value, w.sample.Faces)
}

func TestAFailureInTheReferenceWorkflowIsJoined(t *testing.T) {
	c := newCollector(t)
	w := deployWorkflow(t, c.URL)
	arn, status := w.run(t, "none.png")
	require.Equal(t, sfntypes.ExecutionStatusFailed, status)
	require.Eventually(t, func() bool { return len(c.received()) == 1 }, patience, 10*time.Millisecond)
	w.requireJoined(t, c, arn, "metadata")
	require.Equal(t, "HTTPError", c.received()[0].attributes["error.type"])
}

// requireJoined wants each function's invocation to belong to its attempt.
func (w *workflow) requireJoined(t *testing.T, c *collector, executionARN string, functions ...string) {
	t.Helper()
	var joined []string
	for _, m := range join.Assign(w.attempts(t, executionARN), c.invocations()) {
		require.Equal(t, join.Fingerprint, m.Method)
		require.InDelta(t, 1, m.Confidence, 0.2)
		joined = append(joined, m.Attempt.SpanID[strings.LastIndex(m.Attempt.SpanID, ":")+1:])
	}
	require.ElementsMatch(t, functions, joined)
}
