package lambda

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
)

func TestCreateGetDelete(t *testing.T) {
	b := start(t, nil)
	in := createInput(t, "f", map[string]string{"COLOUR": "red"}, nil)
	in.Description, in.MemorySize, in.Tags = aws.String("paints"), aws.Int32(256), map[string]string{"team": "art"}
	created, err := b.client.CreateFunction(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, "arn:aws:lambda:eu-west-1:123456789012:function:f", aws.ToString(created.FunctionArn))
	require.Equal(t, types.StateActive, created.State)
	require.Equal(t, int64(len(in.Code.ZipFile)), created.CodeSize)

	got, err := b.client.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: created.FunctionArn})
	require.NoError(t, err)
	require.Equal(t, "paints", aws.ToString(got.Configuration.Description))
	require.Equal(t, map[string]string{"team": "art"}, got.Tags)
	require.Equal(t, in.Code.ZipFile, download(t, aws.ToString(got.Code.Location)))

	config, err := b.client.GetFunctionConfiguration(t.Context(),
		&sdk.GetFunctionConfigurationInput{FunctionName: aws.String("123456789012:function:f")})
	require.NoError(t, err)
	require.Equal(t, int32(256), aws.ToInt32(config.MemorySize))
	require.Equal(t, int32(30), aws.ToInt32(config.Timeout))
	require.Equal(t, types.RuntimeProvidedal2023, config.Runtime)
	require.Equal(t, "red", config.Environment.Variables["COLOUR"])

	_, err = b.client.CreateFunction(t.Context(), in)
	var conflict *types.ResourceConflictException
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, "Function already exist: f", conflict.ErrorMessage())

	_, err = b.client.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: aws.String("f")})
	require.NoError(t, err)
	_, err = b.client.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("f")})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:f", missing.ErrorMessage())
	require.Equal(t, "User", aws.ToString(missing.Type))
}

func download(t *testing.T, url string) []byte {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	http.DefaultClient.CloseIdleConnections()
	return body
}

func TestListIsPaged(t *testing.T) {
	b := start(t, nil)
	for i := range 5 {
		in := createInput(t, fmt.Sprintf("f%d", i), nil, nil)
		in.Code.ZipFile = zipOf(t, map[string][]byte{"bootstrap": []byte("#!/bin/sh\n")})
		_, err := b.client.CreateFunction(t.Context(), in)
		require.NoError(t, err)
	}
	var names []string
	var sizes []int
	pages := sdk.NewListFunctionsPaginator(b.client, &sdk.ListFunctionsInput{MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		sizes = append(sizes, len(page.Functions))
		for _, f := range page.Functions {
			names = append(names, aws.ToString(f.FunctionName))
		}
	}
	require.Equal(t, []string{"f0", "f1", "f2", "f3", "f4"}, names)
	require.Equal(t, []int{2, 2, 1}, sizes)
}

func TestUpdateCodeAndPublish(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	first, err := b.client.PublishVersion(t.Context(), &sdk.PublishVersionInput{FunctionName: aws.String("f")})
	require.NoError(t, err)
	require.Equal(t, "1", aws.ToString(first.Version))
	again, err := b.client.PublishVersion(t.Context(), &sdk.PublishVersionInput{FunctionName: aws.String("f")})
	require.NoError(t, err)
	require.Equal(t, "1", aws.ToString(again.Version)) // nothing has changed

	dry, err := b.client.UpdateFunctionCode(t.Context(), &sdk.UpdateFunctionCodeInput{
		FunctionName: aws.String("f"), ZipFile: zipOf(t, map[string][]byte{"bootstrap": nil}), DryRun: true,
	})
	require.NoError(t, err)
	require.NotEqual(t, aws.ToString(first.CodeSha256), aws.ToString(dry.CodeSha256))

	shell := "#!/bin/sh\nexit 9\n"
	updated, err := b.client.UpdateFunctionCode(t.Context(), &sdk.UpdateFunctionCodeInput{
		FunctionName: aws.String("f"), ZipFile: zipOf(t, map[string][]byte{"bootstrap": []byte(shell)}), Publish: true,
		RevisionId: nil,
	})
	require.NoError(t, err)
	require.Equal(t, "2", aws.ToString(updated.Version))
	require.NotEqual(t, aws.ToString(first.CodeSha256), aws.ToString(updated.CodeSha256))

	old, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: "f:1", Payload: action{Do: "about"}.json()})
	require.NoError(t, err)
	require.Equal(t, "1", old.ExecutedVersion)
	require.Contains(t, string(old.Payload), `"AWS_LAMBDA_FUNCTION_VERSION=1"`)
	latest, err := b.Invoke(t.Context(), InvokeInput{FunctionARN: "f"})
	require.NoError(t, err)
	require.Contains(t, string(latest.Payload), "exit status 9")

	versions, err := b.client.ListVersionsByFunction(t.Context(),
		&sdk.ListVersionsByFunctionInput{FunctionName: aws.String("f")})
	require.NoError(t, err)
	names := make([]string, 0, 3)
	for _, v := range versions.Versions {
		names = append(names, aws.ToString(v.Version))
	}
	require.Equal(t, []string{"$LATEST", "1", "2"}, names)
}

func TestRevisionIsChecked(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)
	_, err := b.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("f"), Timeout: aws.Int32(4), RevisionId: aws.String("another"),
	})
	var failed *types.PreconditionFailedException
	require.ErrorAs(t, err, &failed)
}

func TestCreateRefusals(t *testing.T) {
	b := start(t, nil)
	cases := []struct {
		name   string
		change func(*sdk.CreateFunctionInput)
		code   string
		text   string
	}{
		{"python", func(in *sdk.CreateFunctionInput) { in.Runtime = types.RuntimePython312 }, "InvalidParameterValueException", "Runtime has to be one of provided.al2023"},
		{"layers", func(in *sdk.CreateFunctionInput) {
			in.Layers = []string{"arn:aws:lambda:eu-west-1:123456789012:layer:l:1"}
		}, "InvalidParameterValueException", "does not exist"},
		{"image", func(in *sdk.CreateFunctionInput) { in.PackageType = types.PackageTypeImage }, "InvalidParameterValueException", "Zip only"},
		{"S3", func(in *sdk.CreateFunctionInput) {
			in.Code = &types.FunctionCode{S3Bucket: aws.String("b"), S3Key: aws.String("k")}
		}, "InvalidParameterValueException", "ZipFile"},
		{"no zip", func(in *sdk.CreateFunctionInput) { in.Code.ZipFile = []byte("PK") }, "InvalidParameterValueException", "Could not unzip"},
		{"no code", func(in *sdk.CreateFunctionInput) { in.Code.ZipFile = nil }, "InvalidParameterValueException", "ZipFile"},
		{"timeout", func(in *sdk.CreateFunctionInput) { in.Timeout = aws.Int32(901) }, "InvalidParameterValueException", "between 1 and 900"},
		{"memory", func(in *sdk.CreateFunctionInput) { in.MemorySize = aws.Int32(64) }, "InvalidParameterValueException", "between 128 and 10240"},
		{"role", func(in *sdk.CreateFunctionInput) { in.Role = aws.String("me") }, "ValidationException", "'role'"},
		{"name", func(in *sdk.CreateFunctionInput) { in.FunctionName = aws.String("a b") }, "ValidationException", "'functionName'"},
		{"qualified", func(in *sdk.CreateFunctionInput) { in.FunctionName = aws.String("f:1") }, "ValidationException", "'functionName'"},
		{"reserved", func(in *sdk.CreateFunctionInput) { in.Environment.Variables = map[string]string{"AWS_REGION": "x"} }, "InvalidParameterValueException", "reserved keys"},
		{"variable", func(in *sdk.CreateFunctionInput) { in.Environment.Variables = map[string]string{"A=B": "x"} }, "ValidationException", "'environment.variables'"},
		{"variables", func(in *sdk.CreateFunctionInput) {
			in.Environment.Variables = map[string]string{"AB": strings.Repeat("x", 4095)}
		}, "InvalidParameterValueException", "4KB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := createInput(t, "f", nil, nil)
			in.Code.ZipFile = zipOf(t, map[string][]byte{"bootstrap": nil})
			c.change(in)
			_, err := b.client.CreateFunction(t.Context(), in)
			var api smithy.APIError
			require.ErrorAs(t, err, &api)
			require.Equal(t, c.code, api.ErrorCode())
			require.Contains(t, api.ErrorMessage(), c.text)
		})
	}
	list, err := b.client.ListFunctions(t.Context(), &sdk.ListFunctionsInput{})
	require.NoError(t, err)
	require.Empty(t, list.Functions)
}

func TestUnknownOperation(t *testing.T) {
	b := start(t, nil)
	_, err := b.client.ListLayers(t.Context(), &sdk.ListLayersInput{})
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, "UnknownOperationException", api.ErrorCode())
}
