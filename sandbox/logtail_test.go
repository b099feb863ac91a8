package sandbox_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox"
)

// LogType Tail on lambda:invoke gives the end of the function's log.
func TestStepFunctionsReturnsTheLogTail(t *testing.T) {
	_, cfg := start(t, sandbox.Config{})
	binary, err := os.ReadFile(build(t, "../sandbox/lambda/testdata/function"))
	require.NoError(t, err)
	_, err = lambda.NewFromConfig(cfg).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("f"), Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Role: aws.String("arn:aws:iam::123456789012:role/r"), Code: &types.FunctionCode{ZipFile: zipped(t, binary)},
	})
	require.NoError(t, err)
	c := sfn.NewFromConfig(cfg)
	machine, err := c.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("m"), RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
		Definition: aws.String(`{"StartAt":"Call","States":{"Call":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
			"Parameters":{"FunctionName":"f","LogType":"Tail","Payload.$":"$"},"End":true,
			"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Failed"}]},"Failed":{"Type":"Fail"}}}`),
	})
	require.NoError(t, err)
	execution, err := c.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: machine.StateMachineArn, Input: aws.String(`{}`),
	})
	require.NoError(t, err)
	var out *sfn.DescribeExecutionOutput
	require.Eventually(t, func() bool {
		out, err = c.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: execution.ExecutionArn})
		return err == nil && out.Status != sfntypes.ExecutionStatusRunning
	}, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, sfntypes.ExecutionStatusSucceeded, out.Status)
	var result struct{ LogResult string }
	require.NoError(t, json.Unmarshal([]byte(*out.Output), &result))
	tail, err := base64.StdEncoding.DecodeString(result.LogResult)
	require.NoError(t, err)
	require.Contains(t, string(tail), "REPORT RequestId: ")
}

func zipped(t *testing.T, binary []byte) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Store}
	header.SetMode(0o755)
	f, err := w.CreateHeader(header)
	require.NoError(t, err)
	_, err = f.Write(binary)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return archive.Bytes()
}
