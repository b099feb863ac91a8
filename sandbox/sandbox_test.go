package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	rekognitiontypes "github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/sandbox"
	"github.com/steptrace/steptrace/sandbox/awswire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waitFor and tick are those of waits for what happens in the background.
const (
	waitFor = 20 * time.Second
	tick    = 20 * time.Millisecond
)

// start runs a sandbox and gives the configuration that a program has with AWS_ENDPOINT_URL and credentials set.
func start(t *testing.T, in sandbox.Config) (*sandbox.Sandbox, aws.Config) {
	t.Helper()
	in.Dir = t.TempDir()
	s, err := sandbox.Start(t.Context(), in)
	require.NoError(t, err)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, s.Close(ctx))
	})
	t.Setenv("AWS_ENDPOINT_URL", s.URL())
	t.Setenv("AWS_CA_BUNDLE", "") // would want another kind of HTTP client
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"), config.WithRetryMaxAttempts(1),
		config.WithHTTPClient(&http.Client{Transport: transport}),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")))
	require.NoError(t, err)
	return s, cfg
}

func code(t *testing.T, err error) string {
	t.Helper()
	var e smithy.APIError
	require.ErrorAs(t, err, &e)
	return e.ErrorCode()
}

func createTable(t *testing.T, cfg aws.Config) *dynamodb.Client {
	t.Helper()
	c := dynamodb.NewFromConfig(cfg)
	_, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("images"), BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{
			{AttributeName: aws.String("filename"), AttributeType: dynamodbtypes.ScalarAttributeTypeS},
		},
		KeySchema: []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("filename"), KeyType: dynamodbtypes.KeyTypeHash}},
	})
	require.NoError(t, err)
	return c
}

func createBucket(t *testing.T, cfg aws.Config) *s3.Client {
	t.Helper()
	c := s3.NewFromConfig(cfg)
	_, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("uploads")})
	require.NoError(t, err)
	_, err = c.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String("uploads"), NotificationConfiguration: &s3types.NotificationConfiguration{
			EventBridgeConfiguration: &s3types.EventBridgeConfiguration{},
		},
	})
	require.NoError(t, err)
	return c
}

// storeKey puts what $key selects into the table.
func storeKey(key string) string {
	return `{"StartAt":"Store","States":{"Store":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:putItem",
		"Parameters":{"TableName":"images","Item":{"filename":{"S.$":"` + key + `"}}},"End":true}}}`
}

func createRule(t *testing.T, cfg aws.Config, name, pattern, definition string) string {
	t.Helper()
	machine, err := sfn.NewFromConfig(cfg).CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
	})
	require.NoError(t, err)
	events := eventbridge.NewFromConfig(cfg)
	_, err = events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: &pattern})
	require.NoError(t, err)
	_, err = events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: []eventbridgetypes.Target{
		{Id: aws.String("1"), Arn: machine.StateMachineArn, RoleArn: aws.String("arn:aws:iam::123456789012:role/r")},
	}})
	require.NoError(t, err)
	return *machine.StateMachineArn
}

func upload(t *testing.T, c *s3.Client, key string, data []byte) {
	t.Helper()
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("uploads"), Key: &key, Body: strings.NewReader(string(data)),
	})
	require.NoError(t, err)
}

func hasItem(ctx context.Context, c *dynamodb.Client, name string) bool {
	out, err := c.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("images"),
		Key:       map[string]dynamodbtypes.AttributeValue{"filename": &dynamodbtypes.AttributeValueMemberS{Value: name}},
	})
	return err == nil && len(out.Item) > 0
}

// TestUploadStartsExecution goes from S3 by either event to EventBridge, Step Functions and DynamoDB.
func TestUploadStartsExecution(t *testing.T) {
	shapes := map[string]struct{ pattern, key string }{
		"native": {
			`{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["uploads"]}}}`,
			"$.detail.object.key",
		},
		"CloudTrail": {
			`{"source":["aws.s3"],"detail-type":["AWS API Call via CloudTrail"],
			"detail":{"eventName":["PutObject"],"requestParameters":{"bucketName":["uploads"]}}}`,
			"$.detail.requestParameters.key",
		},
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			_, cfg := start(t, sandbox.Config{})
			tables, objects := createTable(t, cfg), createBucket(t, cfg)
			createRule(t, cfg, "upload", shape.pattern, storeKey(shape.key))
			upload(t, objects, "cat.png", []byte("cat"))
			require.Eventually(t, func() bool { return hasItem(t.Context(), tables, "cat.png") }, 10*time.Second, 20*time.Millisecond)
		})
	}
}

// TestEachUploadStartsOneExecution uploads many objects at once while Step Functions is throttled now and then.
func TestEachUploadStartsOneExecution(t *testing.T) {
	const uploads = 120
	s, cfg := start(t, sandbox.Config{Seed: 3})
	objects := createBucket(t, cfg)
	machine := createRule(t, cfg, "upload", `{"detail-type":["Object Created"]}`,
		`{"StartAt":"P","States":{"P":{"Type":"Pass","OutputPath":"$.detail.object.key","End":true}}}`)
	s.Inject(sandbox.Fault{
		Service: sandbox.StepFunctions, Operation: "StartExecution", Probability: 0.3, Count: 40,
		Error: &awswire.Error{Code: "ThrottlingException", Message: "Rate exceeded"},
	})
	var all errgroup.Group
	all.SetLimit(8)
	for i := range uploads {
		all.Go(func() error {
			key := fmt.Sprintf("%03d", i)
			_, err := objects.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String("uploads"), Key: &key, Body: strings.NewReader(key),
			})
			return err
		})
	}
	require.NoError(t, all.Wait())
	c := sfn.NewFromConfig(cfg)
	var done []sfntypes.ExecutionListItem
	require.Eventually(t, func() bool {
		out, err := c.ListExecutions(t.Context(), &sfn.ListExecutionsInput{
			StateMachineArn: &machine, StatusFilter: "SUCCEEDED", MaxResults: 1000,
		})
		if err != nil {
			return false
		}
		done = out.Executions
		return len(done) >= uploads
	}, 30*time.Second, 50*time.Millisecond)
	keys := map[string]bool{}
	for _, execution := range done {
		out, err := c.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: execution.ExecutionArn})
		require.NoError(t, err)
		keys[*out.Output] = true
	}
	require.Len(t, done, uploads, "none twice")
	require.Len(t, keys, uploads, "none missing")
}

func TestRekognitionReadsTheSandboxesS3(t *testing.T) {
	_, cfg := start(t, sandbox.Config{})
	objects := createBucket(t, cfg)
	portrait := samples.All()[0]
	upload(t, objects, portrait.Name, portrait.Data)
	image := func(key string) *rekognitiontypes.Image {
		return &rekognitiontypes.Image{S3Object: &rekognitiontypes.S3Object{Bucket: aws.String("uploads"), Name: &key}}
	}
	c := rekognition.NewFromConfig(cfg)
	out, err := c.DetectFaces(t.Context(), &rekognition.DetectFacesInput{Image: image(portrait.Name)})
	require.NoError(t, err)
	require.Len(t, out.FaceDetails, portrait.Faces)
	_, err = c.DetectFaces(t.Context(), &rekognition.DetectFacesInput{Image: image("missing")})
	require.Equal(t, "InvalidS3ObjectException", code(t, err))
}

// TestUnknown asks for what is not there, in each protocol.
func TestUnknown(t *testing.T) {
	s, cfg := start(t, sandbox.Config{})
	ctx := t.Context()
	errs := map[string]error{}
	_, errs["S3"] = s3.NewFromConfig(cfg).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String("b")})
	_, errs["DynamoDB"] = dynamodb.NewFromConfig(cfg).ListBackups(ctx, &dynamodb.ListBackupsInput{})
	_, errs["Rekognition"] = rekognition.NewFromConfig(cfg).ListCollections(ctx, &rekognition.ListCollectionsInput{})
	_, errs["EventBridge"] = eventbridge.NewFromConfig(cfg).ListArchives(ctx, &eventbridge.ListArchivesInput{})
	_, errs["Step Functions"] = sfn.NewFromConfig(cfg).ListStateMachineAliases(ctx,
		&sfn.ListStateMachineAliasesInput{StateMachineArn: aws.String("arn:aws:states:eu-west-1:123456789012:stateMachine:m")})
	_, errs["Lambda"] = lambda.NewFromConfig(cfg).ListLayers(ctx, &lambda.ListLayersInput{})
	_, errs["SQS"] = sqs.NewFromConfig(cfg).ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: aws.String("q")})
	_, errs["Query of another service"] = sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	for service, err := range errs {
		require.Equal(t, "UnknownOperationException", code(t, err), service)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/TraceSummaries", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/xray/aws4_request, SignedHeaders=host")
	answer := do(t, request)
	require.Equal(t, "UnknownOperationException", answer.header.Get("X-Amzn-Errortype"), answer.body)
	request, err = http.NewRequestWithContext(ctx, http.MethodPost, s.URL(), strings.NewReader("{}"))
	require.NoError(t, err)
	request.Header.Set("X-Amz-Target", "secretsmanager.ListSecrets")
	answer = do(t, request)
	require.Equal(t, "UnknownOperationException", answer.header.Get("X-Amzn-Errortype"), answer.body)
}

type answer struct {
	status int
	header http.Header
	body   string
}

func do(t *testing.T, request *http.Request) answer {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return answer{response.StatusCode, response.Header, string(body)}
}

// TestWebPagesAreKeptOut sends what a page in a browser could.
func TestWebPagesAreKeptOut(t *testing.T) {
	s, _ := start(t, sandbox.Config{})
	create, err := http.NewRequest(http.MethodPost, s.URL()+"/2015-03-31/functions", strings.NewReader(`{}`))
	require.NoError(t, err)
	create.Header.Set("Content-Type", "text/plain")
	require.Equal(t, http.StatusForbidden, do(t, create).status)

	rebound, err := http.NewRequest(http.MethodGet, s.URL()+"/", nil)
	require.NoError(t, err)
	rebound.Host = "evil.example:4566"
	require.Equal(t, http.StatusForbidden, do(t, rebound).status)

	preflight, err := http.NewRequest(http.MethodOptions, s.URL()+"/", nil)
	require.NoError(t, err)
	preflight.Header.Set("Origin", "https://evil.example")
	preflight.Header.Set("Access-Control-Request-Method", "PUT")
	require.Empty(t, do(t, preflight).header.Get("Access-Control-Allow-Origin"))
}

func TestFaults(t *testing.T) {
	s, cfg := start(t, sandbox.Config{Seed: 1, Faults: []sandbox.Fault{{
		Service: sandbox.DynamoDB, Operation: "ListTables", Count: 1,
		Error: &awswire.Error{Code: "ProvisionedThroughputExceededException", Message: "slow down"},
	}}})
	ctx := t.Context()
	tables, objects := dynamodb.NewFromConfig(cfg), s3.NewFromConfig(cfg)
	_, err := tables.ListTables(ctx, &dynamodb.ListTablesInput{})
	require.Equal(t, "ProvisionedThroughputExceededException", code(t, err))
	_, err = tables.ListTables(ctx, &dynamodb.ListTablesInput{})
	require.NoError(t, err, "the fault is spent")

	remove := s.Inject(sandbox.Fault{Service: sandbox.S3, Error: &awswire.Error{Code: "SlowDown", Message: "Please reduce your request rate.", Status: 503}})
	_, err = objects.ListBuckets(ctx, &s3.ListBucketsInput{})
	require.Equal(t, "SlowDown", code(t, err))
	_, err = tables.ListTables(ctx, &dynamodb.ListTablesInput{})
	require.NoError(t, err, "of S3 only")
	remove()
	_, err = objects.ListBuckets(ctx, &s3.ListBucketsInput{})
	require.NoError(t, err)

	failed := 0
	defer s.Inject(sandbox.Fault{Probability: 0.5, Error: &awswire.Error{Code: "ThrottlingException"}})()
	for range 40 {
		if _, err := tables.ListTables(ctx, &dynamodb.ListTablesInput{}); err != nil {
			failed++
		}
	}
	require.InDelta(t, 20, failed, 10)
}

func TestFaultsReachCallsBetweenServices(t *testing.T) {
	s, cfg := start(t, sandbox.Config{})
	s.Inject(sandbox.Fault{
		Service: sandbox.StepFunctions, Operation: "StartExecution", Count: 1,
		Error: &awswire.Error{Code: "ThrottlingException"},
	})
	s.Inject(sandbox.Fault{
		Service: sandbox.Lambda, Operation: "Invoke", Count: 1,
		Error: &awswire.Error{Code: "TooManyRequestsException", Message: "Rate Exceeded.", Status: 429},
	})
	objects := createBucket(t, cfg)
	machine := createRule(t, cfg, "upload", `{"detail-type":["Object Created"]}`, `{"StartAt":"Call","States":{"Call":{
		"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:none","End":true,
		"Retry":[{"ErrorEquals":["Lambda.TooManyRequestsException"],"IntervalSeconds":1,"MaxAttempts":1}]}}}`)
	upload(t, objects, "k", []byte("v"))
	c := sfn.NewFromConfig(cfg)
	require.Eventually(t, func() bool {
		out, err := c.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &machine, StatusFilter: "FAILED"})
		return err == nil && len(out.Executions) == 1
	}, 20*time.Second, 50*time.Millisecond, "throttled once, then started; throttled once, then Lambda says that there is no such function")
}

func TestRefusesToListenBeyondLoopback(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:4566", "example.com:80", "nonsense"} {
		_, err := sandbox.Start(t.Context(), sandbox.Config{Listen: address})
		require.ErrorContains(t, err, "127.0.0.1:4566", address)
	}
}

func TestBusyPort(t *testing.T) {
	s, _ := start(t, sandbox.Config{})
	_, err := sandbox.Start(t.Context(), sandbox.Config{Listen: strings.TrimPrefix(s.URL(), "http://")})
	require.ErrorContains(t, err, "address already in use")
}

func TestTemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := sandbox.Start(t.Context(), sandbox.Config{})
	require.NoError(t, err)
	require.NoError(t, s.Close(t.Context()))
}
