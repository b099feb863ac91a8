package lambda

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"
)

// publish makes a version of a layer of executable files and returns its ARN.
func (b *sandbox) publish(t *testing.T, name string, files map[string][]byte) string {
	t.Helper()
	out, err := b.client.PublishLayerVersion(t.Context(), &sdk.PublishLayerVersionInput{
		LayerName: &name, Content: &types.LayerVersionContentInput{ZipFile: zipOf(t, files)},
		CompatibleRuntimes: []types.Runtime{types.RuntimePython313},
	})
	require.NoError(t, err)
	return *out.LayerVersionArn
}

// managed is a sandbox whose Python is the test program.
func managed(t *testing.T) *sandbox {
	t.Helper()
	python := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(python, functionScript, 0o700))
	return start(t, func(c *Config) { c.Runtimes = map[string]string{"python3.13": python} })
}

func (b *sandbox) createManaged(t *testing.T, variables map[string]string, layers ...string) error {
	t.Helper()
	in := createInput(t, "f", variables, nil)
	in.Runtime, in.Layers = types.RuntimePython313, layers
	_, err := b.client.CreateFunction(t.Context(), in)
	return err
}

func TestWrapperScriptOfALayerStartsAManagedRuntime(t *testing.T) {
	b := managed(t)
	old := b.publish(t, "tracing", map[string][]byte{"wrap": []byte("#!/bin/sh\nexit 1\n")})
	arn := b.publish(t, "tracing", map[string][]byte{"wrap": []byte("#!/bin/sh\nexport WRAPPED=\"$AWS_LAMBDA_RUNTIME_API $#\"\nexec \"$@\"\n")})
	require.Equal(t, "arn:aws:lambda:eu-west-1:123456789012:layer:tracing:2", arn)
	require.NoError(t, b.createManaged(t, map[string]string{"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap"}, old, arn))
	variables := b.about(t).Variables
	require.Contains(t, variables, "AWS_LAMBDA_EXEC_WRAPPER=/opt/wrap")
	require.Contains(t, variables, "AWS_EXECUTION_ENV=AWS_Lambda_python3.13")
	require.Condition(t, func() bool {
		for _, v := range variables {
			if match := len(v) > 10 && v[:8] == "WRAPPED=" && v[len(v)-2:] == " 1"; match {
				return true
			}
		}
		return false
	}, "%v", variables)
}

func TestExtensionsOfLayersRun(t *testing.T) {
	b := managed(t)
	events := filepath.Join(t.TempDir(), "events")
	arn := b.publish(t, "recorder", map[string][]byte{"extensions/recorder": extensionBinary})
	require.NoError(t, b.createManaged(t, map[string]string{"EVENTS": events}, arn))
	b.call(t, "f", action{Do: "about"})
	require.NotZero(t, pidOf(t, events+".pid"))
	data, err := os.ReadFile(events)
	require.NoError(t, err)
	require.Contains(t, string(data), `"eventType":"INVOKE"`)
}

func TestLayersAreListedKeptAndDeleted(t *testing.T) {
	b := managed(t)
	arn := b.publish(t, "tracing", map[string][]byte{"wrap": []byte("#!/bin/sh\nexec \"$@\"\n")})
	require.NoError(t, b.createManaged(t, map[string]string{"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap"}, arn))
	got, err := b.client.GetLayerVersion(t.Context(), &sdk.GetLayerVersionInput{LayerName: aws.String("tracing"), VersionNumber: aws.Int64(1)})
	require.NoError(t, err)
	require.Equal(t, []types.Runtime{types.RuntimePython313}, got.CompatibleRuntimes)
	list, err := b.client.ListLayerVersions(t.Context(), &sdk.ListLayerVersionsInput{LayerName: aws.String("tracing")})
	require.NoError(t, err)
	require.Len(t, list.LayerVersions, 1)

	_, err = b.client.DeleteLayerVersion(t.Context(), &sdk.DeleteLayerVersionInput{LayerName: aws.String("tracing"), VersionNumber: aws.Int64(1)})
	require.NoError(t, err)
	_, err = b.client.GetLayerVersion(t.Context(), &sdk.GetLayerVersionInput{LayerName: aws.String("tracing"), VersionNumber: aws.Int64(1)})
	require.ErrorContains(t, err, "ResourceNotFoundException")
	b.about(t) // the function has it still

	config, err := b.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("f"), Environment: &types.Environment{},
	})
	require.NoError(t, err)
	require.Equal(t, arn, *config.Layers[0].Arn)
	config, err = b.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("f"), Layers: []string{},
	})
	require.NoError(t, err)
	require.Empty(t, config.Layers)
}

func TestLayersThatThereAreNotAreRefused(t *testing.T) {
	b := managed(t)
	require.ErrorContains(t, b.createManaged(t, nil, "arn:aws:lambda:eu-west-1:123456789012:layer:none:1"), "does not exist")
	require.ErrorContains(t, b.createManaged(t, nil, "none"), "'layers'")
}
