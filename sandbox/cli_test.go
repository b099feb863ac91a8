package sandbox_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/sandbox"
)

// cli runs the AWS CLI against the sandbox and reads the JSON that it prints.
type cli struct {
	path     string
	endpoint string
}

func (c cli) run(t *testing.T, arguments ...string) (out map[string]any) {
	t.Helper()
	command := exec.CommandContext(t.Context(), c.path, append([]string{
		"--endpoint-url", c.endpoint, "--region", "eu-west-1", "--output", "json",
	}, arguments...)...)
	command.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "NO_PROXY=127.0.0.1")
	text, err := command.CombinedOutput()
	require.NoError(t, err, "aws %v: %s", arguments, text)
	if err := json.Unmarshal(text, &out); err != nil {
		return nil // s3 commands print text
	}
	return out
}

func TestAWSCLI(t *testing.T) {
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no aws CLI on PATH")
	}
	s, _ := start(t, sandbox.Config{})
	aws := cli{path, s.URL()}
	portrait := samples.All()[0]
	local := filepath.Join(t.TempDir(), "portrait.jpeg")
	require.NoError(t, os.WriteFile(local, portrait.Data, 0o600))

	aws.run(t, "s3", "mb", "s3://uploads")
	aws.run(t, "s3", "cp", local, "s3://uploads/in/portrait.jpeg")
	aws.run(t, "s3", "cp", "s3://uploads/in/portrait.jpeg", local+".back")
	back, err := os.ReadFile(local + ".back")
	require.NoError(t, err)
	require.Equal(t, portrait.Data, back)
	list := aws.run(t, "s3api", "list-objects-v2", "--bucket", "uploads", "--prefix", "in/")
	require.Equal(t, float64(len(portrait.Data)), list["Contents"].([]any)[0].(map[string]any)["Size"])

	faces := aws.run(t, "rekognition", "detect-faces", "--image", `{"S3Object":{"Bucket":"uploads","Name":"in/portrait.jpeg"}}`)
	require.Len(t, faces["FaceDetails"], 1)

	aws.run(t, "dynamodb", "create-table", "--table-name", "images", "--billing-mode", "PAY_PER_REQUEST",
		"--attribute-definitions", "AttributeName=filename,AttributeType=S", "--key-schema", "AttributeName=filename,KeyType=HASH")
	aws.run(t, "dynamodb", "put-item", "--table-name", "images", "--item", `{"filename":{"S":"a"},"list":{"L":[]}}`)
	item := aws.run(t, "dynamodb", "get-item", "--table-name", "images", "--key", `{"filename":{"S":"a"}}`)
	require.Equal(t, map[string]any{"filename": map[string]any{"S": "a"}, "list": map[string]any{"L": []any{}}}, item["Item"])

	machine := aws.run(t, "stepfunctions", "create-state-machine", "--name", "m", "--role-arn", "arn:aws:iam::123456789012:role/r",
		"--definition", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`)
	aws.run(t, "events", "put-rule", "--name", "r", "--event-pattern", `{"source":["mine"]}`)
	aws.run(t, "events", "put-targets", "--rule", "r", "--targets", "Id=1,Arn="+machine["stateMachineArn"].(string))
	sent := aws.run(t, "events", "put-events", "--entries", `[{"Source":"mine","DetailType":"d","Detail":"{}"}]`)
	require.Equal(t, float64(0), sent["FailedEntryCount"])
}

// TestAWSCLIQueuesAndLogs lets another SDK than the others compare checksums and read errors.
func TestAWSCLIQueuesAndLogs(t *testing.T) {
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no aws CLI on PATH")
	}
	s, _ := start(t, sandbox.Config{})
	aws := cli{path, s.URL()}
	url := aws.run(t, "sqs", "create-queue", "--queue-name", "jobs")["QueueUrl"].(string)
	aws.run(t, "sqs", "send-message", "--queue-url", url, "--message-body", "hello",
		"--message-attributes", `{"kind":{"DataType":"String","StringValue":"order"}}`)
	got := aws.run(t, "sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "1",
		"--message-attribute-names", "All", "--attribute-names", "All")["Messages"].([]any)[0].(map[string]any)
	require.Equal(t, "hello", got["Body"])
	require.Equal(t, "1", got["Attributes"].(map[string]any)["ApproximateReceiveCount"])
	aws.run(t, "sqs", "delete-message", "--queue-url", url, "--receipt-handle", got["ReceiptHandle"].(string))

	aws.run(t, "logs", "create-log-group", "--log-group-name", "g")
	aws.run(t, "logs", "create-log-stream", "--log-group-name", "g", "--log-stream-name", "s")
	aws.run(t, "logs", "put-log-events", "--log-group-name", "g", "--log-stream-name", "s",
		"--log-events", fmt.Sprintf("timestamp=%d,message=hello", time.Now().UnixMilli()))
	events := aws.run(t, "logs", "filter-log-events", "--log-group-name", "g", "--filter-pattern", "hello")["events"]
	require.Len(t, events, 1)
}
