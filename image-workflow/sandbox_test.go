package imageworkflow_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/steptrace/steptrace/image-workflow/deploy"
	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/sandbox"
)

// The functions as they are deployed: processes of their own, frozen between invocations, in a whole local AWS.
func TestFunctionsInTheSandbox(t *testing.T) {
	if testing.Short() {
		t.Skip("builds both functions")
	}
	spans := startSink(t)
	cfg := startSandbox(t, sandbox.Config{Environment: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": spans.url}})
	deployInto(t, cfg)
	t.Run("they do and trace their work", func(t *testing.T) { testWork(t, cfg, spans) })
	spans.forget()
	t.Run("no span is lost in the freeze", func(t *testing.T) { testFreeze(t, cfg, spans) })
}

func testWork(t *testing.T, cfg aws.Config, spans *sink) {
	image := samples.All()[0]
	upload(t, cfg, image)
	event := fmt.Sprintf(`{"detail-type":"Object Created","detail":{"bucket":{"name":%q},"object":{"key":%q}}}`,
		deploy.Bucket, image.Name)

	stored := invoke(t, cfg, deploy.MetadataFunction, event)
	require.Contains(t, stored, fmt.Sprintf(`"s3_bucket":%q`, deploy.Bucket))
	require.Contains(t, stored, fmt.Sprintf(`"filesize":%d`, len(image.Data)))
	faces := invoke(t, cfg, deploy.RekognitionFunction, event)
	require.Contains(t, faces, `"BoundingBox"`)

	item := getItem(t, cfg, image.Name)
	require.Equal(t, &dynamotypes.AttributeValueMemberS{Value: deploy.Bucket}, item["s3_bucket"])
	require.IsType(t, &dynamotypes.AttributeValueMemberL{}, item["faceData"])
	require.IsType(t, &dynamotypes.AttributeValueMemberL{}, item["labelData"])

	require.Equal(t, []string{"S3.GetObject", "DynamoDB.PutItem"}, spans.callsOf(t, deploy.MetadataFunction))
	require.Equal(t, []string{"Rekognition.DetectFaces", "Rekognition.DetectLabels", "DynamoDB.UpdateItem"},
		spans.callsOf(t, deploy.RekognitionFunction))
}

// testFreeze: each invocation arrives exactly once although the environment is frozen after each.
func testFreeze(t *testing.T, cfg aws.Config, spans *sink) {
	const invocations = 40
	for range invocations {
		invoke(t, cfg, deploy.MetadataFunction, `{"detail":{}}`) // an event about nothing: an error each time
	}
	require.Eventually(t, func() bool { return len(spans.named(deploy.MetadataFunction)) >= invocations },
		10*time.Second, 10*time.Millisecond)
	seen := map[string]bool{}
	for _, s := range spans.named(deploy.MetadataFunction) {
		require.Equal(t, tracepb.Status_STATUS_CODE_ERROR, s.Status.Code)
		require.False(t, seen[string(s.SpanId)], "a span came twice")
		seen[string(s.SpanId)] = true
	}
	require.Len(t, seen, invocations)
}

// startSandbox returns the configuration of clients that talk to a new sandbox.
func startSandbox(t *testing.T, config sandbox.Config) aws.Config {
	t.Helper()
	config.Dir = t.TempDir()
	s, err := sandbox.Start(t.Context(), config)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, s.Close(ctx))
	})
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(s.URL()), HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}
}

func deployInto(t *testing.T, cfg aws.Config) {
	t.Helper()
	_, err := deploy.Deploy(t.Context(), cfg, deploy.Input{
		MetadataBootstrap: build(t, "metadata"), RekognitionBootstrap: build(t, "rekognition"),
		RoleARN: "arn:aws:iam::123456789012:role/any",
	})
	require.NoError(t, err)
}

func build(t *testing.T, function string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	command := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w",
		"-o", binary, "./"+function)
	command.Env = append(os.Environ(), "CGO_ENABLED=0") // as make functions, whose compiled packages are used again
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// upload puts an image into the bucket, without starting the state machine.
func upload(t *testing.T, cfg aws.Config, image samples.Sample) {
	t.Helper()
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := client.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String(deploy.Bucket), NotificationConfiguration: &s3types.NotificationConfiguration{},
	})
	require.NoError(t, err)
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(deploy.Bucket), Key: &image.Name, Body: bytes.NewReader(image.Data),
		ContentType: &image.ContentType,
	})
	require.NoError(t, err)
}

func invoke(t *testing.T, cfg aws.Config, function, event string) string {
	t.Helper()
	out, err := lambda.NewFromConfig(cfg).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: &function, Payload: []byte(event), LogType: lambdatypes.LogTypeTail,
	})
	require.NoError(t, err)
	log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	require.NoError(t, err)
	require.Contains(t, string(log), "END RequestId")
	require.NotContains(t, string(log), "steptrace:", "the wrapper has nothing to complain of")
	return string(out.Payload)
}

func getItem(t *testing.T, cfg aws.Config, filename string) map[string]dynamotypes.AttributeValue {
	t.Helper()
	out, err := dynamodb.NewFromConfig(cfg).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(deploy.Table),
		Key:       map[string]dynamotypes.AttributeValue{"filename": &dynamotypes.AttributeValueMemberS{Value: filename}},
	})
	require.NoError(t, err)
	return out.Item
}

// sink is an OTLP/HTTP collector in memory.
type sink struct {
	url   string
	mu    sync.Mutex
	spans []*tracepb.Span
}

func startSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.receive(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *sink) receive(r *http.Request) error {
	zipped, err := gzip.NewReader(r.Body)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(zipped)
	if err != nil {
		return err
	}
	var data tracepb.TracesData
	if err := proto.Unmarshal(body, &data); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rs := range data.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			s.spans = append(s.spans, ss.Spans...)
		}
	}
	return nil
}

func (s *sink) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans = nil
}

func (s *sink) named(name string) []*tracepb.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	var spans []*tracepb.Span
	for _, span := range s.spans {
		if span.Name == name {
			spans = append(spans, span)
		}
	}
	return spans
}

// callsOf names the AWS calls of a function's only invocation, in the order in which they began.
func (s *sink) callsOf(t *testing.T, function string) []string {
	t.Helper()
	require.Eventually(t, func() bool { return len(s.named(function)) == 1 }, 10*time.Second, 10*time.Millisecond)
	invocation := s.named(function)[0]
	require.Equal(t, tracepb.Span_SPAN_KIND_SERVER, invocation.Kind)
	require.Equal(t, tracepb.Status_STATUS_CODE_UNSET, invocation.GetStatus().GetCode())
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []string
	for _, span := range s.spans {
		if bytes.Equal(span.ParentSpanId, invocation.SpanId) {
			calls = append(calls, span.Name)
		}
	}
	return calls
}
