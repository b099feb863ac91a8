package sandbox_test

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/deploy"
	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/sandbox"
)

// TestReferenceWorkflow uploads every sample to the deployed workflow, with its real functions and its real wait of 10 s.
func TestReferenceWorkflow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 15 seconds")
	}
	_, cfg := start(t, sandbox.Config{})
	out, err := deploy.Deploy(t.Context(), cfg, deploy.Input{
		MetadataBootstrap: build(t, "metadata"), RekognitionBootstrap: build(t, "rekognition"),
		RoleARN: "arn:aws:iam::123456789012:role/image-workflow",
	})
	require.NoError(t, err)
	objects := s3.NewFromConfig(cfg)
	for _, sample := range samples.All() {
		putSample(t, objects, out.Bucket, sample)
	}
	require.Eventually(t, func() bool {
		return count(t.Context(), cfg, out.StateMachineARN, "SUCCEEDED") == 5 &&
			count(t.Context(), cfg, out.StateMachineARN, "FAILED") == 1
	}, 40*time.Second, 200*time.Millisecond)

	tables := dynamodb.NewFromConfig(cfg)
	for _, sample := range samples.All() {
		item, err := tables.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: &out.Table,
			Key:       map[string]dynamodbtypes.AttributeValue{"filename": &dynamodbtypes.AttributeValueMemberS{Value: sample.Name}},
		})
		require.NoError(t, err)
		require.Equal(t, &dynamodbtypes.AttributeValueMemberS{Value: sample.ContentType}, item.Item["contentType"])
		faces, seen := item.Item["faceData"].(*dynamodbtypes.AttributeValueMemberL)
		require.Equal(t, sample.IsImage, seen, sample.Name)
		if seen {
			require.Len(t, faces.Value, sample.Faces, sample.Name)
		}
	}
}

func build(t *testing.T, function string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	command := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "../image-workflow/"+function)
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	return binary
}

func putSample(t *testing.T, c *s3.Client, bucket string, sample samples.Sample) {
	t.Helper()
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &sample.Name, ContentType: &sample.ContentType, Body: bytes.NewReader(sample.Data),
	})
	require.NoError(t, err)
}

// count is -1 when it cannot be told.
func count(ctx context.Context, cfg aws.Config, machine string, status types.ExecutionStatus) int {
	out, err := sfn.NewFromConfig(cfg).ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &machine, StatusFilter: status,
	})
	if err != nil {
		return -1
	}
	return len(out.Executions)
}
