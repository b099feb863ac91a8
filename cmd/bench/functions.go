package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/steptrace/steptrace/image-workflow/deploy"
	"github.com/steptrace/steptrace/sandbox"
)

const (
	coldStarts      = 15
	warmInvocations = 300
	rest            = 10 * time.Millisecond
	megabyte        = 1e6
)

// functionFigures compares a wrapped Lambda function with the same one unwrapped: size, init, and the response as the
// caller sees it, in real processes under the sandbox's Runtime API.
func functionFigures(ctx context.Context) (_ []figure, err error) {
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a broken upload shows in the wrapper's log, not here
	}))
	defer collector.Close()
	box, err := sandbox.Start(ctx, sandbox.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, box.Close(context.WithoutCancel(ctx))) }()
	client := lambda.New(lambda.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(box.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("sandbox", "sandbox", ""),
	})
	wrapped, err := create(ctx, client, "wrapped", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL})
	if err != nil {
		return nil, err
	}
	bare, err := create(ctx, client, "bare", map[string]string{})
	if err != nil {
		return nil, err
	}
	if err := measureFunctions(ctx, wrapped, bare); err != nil {
		return nil, err
	}
	return []figure{
		{"wrapper.binary_size", wrapped.bytes / megabyte, bare.bytes / megabyte, "MB"},
		{"wrapper.init", median(wrapped.inits), median(bare.inits), "ms"},
		{"wrapper.response_p50", median(wrapped.responses), median(bare.responses), "ms"},
		{"wrapper.response_back_to_back_p50", median(wrapped.followers), median(bare.followers), "ms"},
	}, nil
}

// function is a deployed Lambda function and what was measured of it; times are in milliseconds.
type function struct {
	client      *lambda.Client
	name        string
	environment map[string]string
	bytes       float64
	inits       []float64
	responses   []float64 // of an environment at rest
	followers   []float64 // of calls right behind another's response
}

// measureFunctions alternates between the two, so that what else the machine does strikes both.
func measureFunctions(ctx context.Context, functions ...*function) error {
	for i := range coldStarts {
		for _, f := range functions {
			if err := f.coldStart(ctx, i); err != nil {
				return err
			}
		}
	}
	for range warmInvocations {
		for _, f := range functions {
			// Each call finds its environment at rest; what follows a response is another figure.
			time.Sleep(rest)
			if err := f.timed(ctx, &f.responses); err != nil {
				return err
			}
			if err := f.timed(ctx, &f.followers); err != nil {
				return err
			}
		}
	}
	return nil
}

// timed notes how long the caller waits for one response.
func (f *function) timed(ctx context.Context, into *[]float64) error {
	start := time.Now()
	if _, err := f.invoke(ctx, types.LogTypeNone); err != nil {
		return err
	}
	*into = append(*into, float64(time.Since(start))/float64(time.Millisecond))
	return nil
}

func create(ctx context.Context, client *lambda.Client, name string, environment map[string]string) (*function, error) {
	size, code, err := build(ctx, "./cmd/bench/function/"+name)
	if err != nil {
		return nil, err
	}
	_, err = client.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Role: aws.String("arn:aws:iam::123456789012:role/bench"), MemorySize: aws.Int32(256), Timeout: aws.Int32(30),
		Code: &types.FunctionCode{ZipFile: code}, Environment: &types.Environment{Variables: environment},
	})
	if err != nil {
		return nil, fmt.Errorf("create function %s: %w", name, err)
	}
	return &function{client: client, name: name, environment: environment, bytes: size}, nil
}

var initDuration = regexp.MustCompile(`Init Duration: ([0-9.]+) ms`)

// coldStart gives the function a new environment by changing its configuration, and notes the init's duration.
func (f *function) coldStart(ctx context.Context, round int) error {
	f.environment["ROUND"] = strconv.Itoa(round)
	_, err := f.client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
		FunctionName: &f.name, Environment: &types.Environment{Variables: f.environment},
	})
	if err != nil {
		return fmt.Errorf("update function %s: %w", f.name, err)
	}
	log, err := f.invoke(ctx, types.LogTypeTail)
	if err != nil {
		return err
	}
	found := initDuration.FindSubmatch(log)
	if found == nil {
		return fmt.Errorf("function %s: no Init Duration in its REPORT line: %s", f.name, log)
	}
	milliseconds, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		return fmt.Errorf("function %s: %w", f.name, err)
	}
	f.inits = append(f.inits, milliseconds)
	return nil
}

func (f *function) invoke(ctx context.Context, logs types.LogType) (log []byte, err error) {
	out, err := f.client.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &f.name, LogType: logs, Payload: []byte(`{"detail":{"bucket":{"name":"b"},"object":{"key":"k"}}}`),
	})
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", f.name, err)
	}
	if out.FunctionError != nil {
		return nil, fmt.Errorf("invoke %s: %s: %s", f.name, *out.FunctionError, out.Payload)
	}
	return base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
}

// build compiles a function as `make functions` does and returns its size in bytes and its deployment package.
func build(ctx context.Context, pkg string) (size float64, code []byte, err error) {
	dir, err := os.MkdirTemp("", "steptrace-bench-")
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	out := filepath.Join(dir, "bootstrap")
	args := []string{"build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, nil, fmt.Errorf("go build %s (run bench at the repository's root): %w\n%s", pkg, err, text)
	}
	info, err := os.Stat(out)
	if err != nil {
		return 0, nil, err
	}
	code, err = deploy.ZipBootstrap(out)
	return float64(info.Size()), code, err
}
