package lambda

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

const role = "arn:aws:iam::123456789012:role/lambda"

// The test programs: the function's executable, and a bootstrap that starts it (so that the zips are small).
var (
	functionBinary, extensionBinary []byte
	functionScript                  []byte
)

func TestMain(m *testing.M) {
	if program := os.Getenv(victimVariable); program != "" {
		beVictim(program)
	}
	folder, err := os.MkdirTemp("", "lambda-test")
	if err == nil {
		err = buildAll(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(folder)
		os.Exit(code)
	}))
}

func buildAll(folder string) (err error) {
	function := filepath.Join(folder, "function")
	functionScript = []byte("#!/bin/sh\nexec " + function + "\n")
	if functionBinary, err = build("./testdata/function", function); err != nil {
		return err
	}
	extensionBinary, err = build("./testdata/extension", filepath.Join(folder, "extension"))
	return err
}

func build(program, binary string) ([]byte, error) {
	cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, program)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s: %w: %s", program, err, out)
	}
	return os.ReadFile(binary)
}

// sandbox is a service with an unmodified SDK client of it.
type sandbox struct {
	*Service
	client *sdk.Client
	url    string
}

func start(t *testing.T, change func(*Config)) *sandbox {
	t.Helper()
	b := &sandbox{}
	cfg := Config{
		Dir: t.TempDir(), Region: "eu-west-1", AccountID: "123456789012",
		EndpointURL: func() string { return b.url },
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	b.Service, err = New(cfg)
	require.NoError(t, err)
	server := httptest.NewServer(b.Service)
	b.url = server.URL
	client := server.Client()
	b.client = sdk.New(sdk.Options{
		Region: cfg.Region, BaseEndpoint: aws.String(server.URL), HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), RetryMaxAttempts: 1,
	})
	t.Cleanup(func() {
		client.CloseIdleConnections()
		require.NoError(t, b.Close(context.Background()))
		server.Close()
	})
	return b
}

// create makes a function of the test program; files are added to its zip.
func (b *sandbox) create(t *testing.T, name string, variables map[string]string, files map[string][]byte) {
	t.Helper()
	_, err := b.client.CreateFunction(t.Context(), createInput(t, name, variables, files))
	require.NoError(t, err)
}

func createInput(t *testing.T, name string, variables map[string]string, files map[string][]byte) *sdk.CreateFunctionInput {
	return &sdk.CreateFunctionInput{
		FunctionName: aws.String(name), Runtime: types.RuntimeProvidedal2023, Role: aws.String(role),
		Handler: aws.String("bootstrap"), Timeout: aws.Int32(30),
		Code:        &types.FunctionCode{ZipFile: zipped(t, files)},
		Environment: &types.Environment{Variables: variables},
	}
}

// zipped is a zip of the test program and files, all executable.
func zipped(t *testing.T, files map[string][]byte) []byte {
	all := map[string][]byte{"bootstrap": functionScript}
	for name, data := range files {
		all[name] = data
	}
	return zipOf(t, all)
}

func zipOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for name, data := range files {
		header := &zip.FileHeader{Name: name}
		header.SetMode(0o755)
		out, err := w.CreateHeader(header)
		require.NoError(t, err)
		_, err = out.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return buf.Bytes()
}

type action struct {
	Do   string `json:"do"`
	Text string `json:"text,omitempty"`
	Size int    `json:"size,omitempty"`
}

func (a action) json() []byte {
	body, _ := json.Marshal(a)
	return body
}

// call invokes through the SDK with the log's tail, so it returns when the environment is free again.
func (b *sandbox) call(t *testing.T, name string, a action) *sdk.InvokeOutput {
	t.Helper()
	out, err := b.client.Invoke(t.Context(), &sdk.InvokeInput{
		FunctionName: aws.String(name), Payload: a.json(), LogType: types.LogTypeTail,
	})
	require.NoError(t, err)
	return out
}

type about struct {
	PID           int
	RequestID     string
	ARN           string
	TraceID       string
	Variables     []string
	Invocations   int
	ClientContext struct{ Custom map[string]string }
}

// about is what the function f knows of itself.
func (b *sandbox) about(t *testing.T) about {
	t.Helper()
	out := b.call(t, "f", action{Do: "about"})
	require.Empty(t, aws.ToString(out.FunctionError), string(out.Payload))
	var a about
	require.NoError(t, json.Unmarshal(out.Payload, &a))
	return a
}
