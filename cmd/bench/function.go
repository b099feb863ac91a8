package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/steptrace/steptrace/image-workflow/deploy"
)

// program is a function's code, built as `make functions` does.
type program struct {
	size float64 // of the executable, in bytes
	zip  []byte
}

func build(ctx context.Context, pkg string) (_ program, err error) {
	dir, err := os.MkdirTemp("", "steptrace-bench-")
	if err != nil {
		return program{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	out := filepath.Join(dir, "bootstrap")
	args := []string{"build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return program{}, fmt.Errorf("go build %s (run bench at the repository's root): %w\n%s", pkg, err, text)
	}
	info, err := os.Stat(out)
	if err != nil {
		return program{}, err
	}
	zip, err := deploy.ZipBootstrap(out)
	return program{float64(info.Size()), zip}, err
}

// function is a deployed Lambda function and what was measured of it, in milliseconds.
type function struct {
	client      *lambda.Client
	name        string
	environment map[string]string

	inits     []float64 // Init Duration
	responses []float64 // what the caller waits, the environment being at rest
	followers []float64 // what the caller waits right behind another's response
	durations []float64 // Duration: with what is done after the response, which is billed too
}

func create(
	ctx context.Context, client *lambda.Client, name string, p program, environment map[string]string,
) (*function, error) {
	_, err := client.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Role: aws.String("arn:aws:iam::123456789012:role/bench"), MemorySize: aws.Int32(256), Timeout: aws.Int32(30),
		Code: &types.FunctionCode{ZipFile: p.zip}, Environment: &types.Environment{Variables: environment},
	})
	if err != nil {
		return nil, fmt.Errorf("create function %s: %w", name, err)
	}
	return &function{client: client, name: name, environment: maps.Clone(environment)}, nil
}

var (
	initDuration = regexp.MustCompile(`Init Duration: ([0-9.]+) ms`)
	duration     = regexp.MustCompile(`\tDuration: ([0-9.]+) ms`)
)

// coldStart gives the function a new environment by changing its configuration, and notes the init's duration.
func (f *function) coldStart(ctx context.Context, round int) error {
	f.environment["ROUND"] = strconv.Itoa(round)
	_, err := f.client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
		FunctionName: &f.name, Environment: &types.Environment{Variables: f.environment},
	})
	if err != nil {
		return fmt.Errorf("update function %s: %w", f.name, err)
	}
	return f.reported(ctx, initDuration, &f.inits)
}

// bill notes the duration of an invocation of a warm environment.
func (f *function) bill(ctx context.Context) error { return f.reported(ctx, duration, &f.durations) }

// reported invokes the function and notes a figure of its REPORT line.
func (f *function) reported(ctx context.Context, figure *regexp.Regexp, into *[]float64) error {
	log, err := f.invoke(ctx, types.LogTypeTail)
	if err != nil {
		return err
	}
	found := figure.FindSubmatch(log)
	if found == nil {
		return fmt.Errorf("function %s: %s is not in its log: %s", f.name, figure, log)
	}
	milliseconds, err := strconv.ParseFloat(string(found[1]), 64)
	*into = append(*into, milliseconds)
	return err
}

// respond notes how long the caller waits for a response, and for another right behind it.
func (f *function) respond(ctx context.Context) error {
	for _, into := range []*[]float64{&f.responses, &f.followers} {
		start := time.Now()
		if _, err := f.invoke(ctx, types.LogTypeNone); err != nil {
			return err
		}
		*into = append(*into, float64(time.Since(start))/float64(time.Millisecond))
	}
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
