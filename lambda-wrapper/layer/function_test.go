package main

import (
	"archive/zip"
	"bytes"
	"context"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/lambda"
)

// patience bounds the waits of these tests; nothing takes that long unless something is broken.
const patience = 30 * time.Second

const functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:images"

// runtime takes the place of one of AWS's managed runtimes.
type runtime struct {
	name       types.Runtime
	executable string
	code       []byte // the zip of its function
}

// pythonRuntime runs the functions of testdata/python.
func pythonRuntime(t *testing.T) runtime {
	t.Helper()
	python, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		t.Skip("there is no python3 here: ", err)
	}
	executable := starter(t, strings.TrimSpace(string(python)), "testdata/python/bootstrap.py")
	return runtime{types.RuntimePython313, executable, zipOf(t, "testdata/python")}
}

// function is a function under the layer, in the sandbox's Lambda, which freezes it between invocations.
type function struct {
	t       *testing.T
	service *lambda.Service
	client  *sdk.Client
}

// deployPython deploys one of testdata/python.
func deployPython(t *testing.T, handler string, variables map[string]string) *function {
	t.Helper()
	return deploy(t, pythonRuntime(t), handler, variables)
}

// deploy makes a function with a long timeout; the variables win over the layer's.
func deploy(t *testing.T, r runtime, handler string, variables map[string]string) *function {
	t.Helper()
	service, err := lambda.New(lambda.Config{
		Dir: t.TempDir(), Region: "eu-west-1", AccountID: "123456789012",
		Runtimes: map[string]string{string(r.name): r.executable},
	})
	require.NoError(t, err)
	server := httptest.NewServer(service)
	client := sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	f := &function{t: t, service: service, client: client}
	t.Cleanup(func() {
		if t.Failed() {
			for _, event := range service.Logs("images") {
				t.Log(event.Message)
			}
		}
		require.NoError(t, service.Close(context.Background()))
		server.Close()
	})
	all := map[string]string{"AWS_LAMBDA_EXEC_WRAPPER": "/opt/steptrace/exec-wrapper"}
	maps.Copy(all, variables)
	_, err = client.CreateFunction(t.Context(), &sdk.CreateFunctionInput{
		FunctionName: aws.String("images"), Runtime: r.name, Handler: &handler,
		Role: aws.String("arn:aws:iam::123456789012:role/test"), Timeout: aws.Int32(60), MemorySize: aws.Int32(256),
		Code:   &types.FunctionCode{ZipFile: r.code},
		Layers: []string{publishLayer(t, client)}, Environment: &types.Environment{Variables: all},
	})
	require.NoError(t, err)
	return f
}

func publishLayer(t *testing.T, client *sdk.Client) string {
	t.Helper()
	out, err := client.PublishLayerVersion(t.Context(), &sdk.PublishLayerVersionInput{
		LayerName: aws.String("steptrace"), Content: &types.LayerVersionContentInput{ZipFile: layerArchive},
	})
	require.NoError(t, err)
	return *out.LayerVersionArn
}

// zipOf has the files of a folder.
func zipOf(t *testing.T, folder string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	require.NoError(t, w.AddFS(os.DirFS(folder)))
	require.NoError(t, w.Close())
	return archive.Bytes()
}

// limit sets the function's timeout in seconds.
func (f *function) limit(seconds int32) {
	f.t.Helper()
	_, err := f.client.UpdateFunctionConfiguration(f.t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("images"), Timeout: &seconds,
	})
	require.NoError(f.t, err)
}

// result is what the caller got.
type result struct {
	requestID, payload string
	failed             bool
}

// call returns as soon as the function has answered.
func (f *function) call(event string) result {
	f.t.Helper()
	out, err := f.service.Invoke(f.t.Context(), lambda.InvokeInput{FunctionARN: "images", Payload: []byte(event)})
	require.NoError(f.t, err)
	return result{out.RequestID, string(out.Payload), out.FunctionError != ""}
}

// invoke returns when the environment is at rest: frozen, or gone.
func (f *function) invoke(event string) result {
	f.t.Helper()
	out, err := f.service.Invoke(f.t.Context(), lambda.InvokeInput{FunctionARN: "images", Payload: []byte(event), LogTail: true})
	require.NoError(f.t, err)
	return result{out.RequestID, string(out.Payload), out.FunctionError != ""}
}

// log is what the function and the layer have written.
func (f *function) log() string {
	var b strings.Builder
	for _, event := range f.service.Logs("images") {
		b.WriteString(event.Message + "\n")
	}
	return b.String()
}
