package wrapper

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/deploy"
	"github.com/steptrace/steptrace/sandbox/lambda"
)

// deployed is a function of this test binary in the sandbox's Lambda, which freezes it between invocations.
type deployed struct {
	t      *testing.T
	name   string
	client *sdk.Client
}

// deployFunction deploys the function with the variables and a timeout of two seconds.
func deployFunction(t *testing.T, name string, variables map[string]string) *deployed {
	t.Helper()
	service, err := lambda.New(lambda.Config{Dir: t.TempDir(), Region: "eu-west-1", AccountID: "123456789012"})
	require.NoError(t, err)
	server := httptest.NewServer(service)
	t.Cleanup(func() {
		require.NoError(t, service.Close(context.Background()))
		server.Close()
	})
	client := sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	zip, err := deploy.ZipBootstrap(os.Args[0])
	require.NoError(t, err)
	variables = maps.Clone(variables)
	variables[functionVariable] = name
	_, err = client.CreateFunction(t.Context(), &sdk.CreateFunctionInput{
		FunctionName: &name, Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Role: aws.String("arn:aws:iam::123456789012:role/test"), Timeout: aws.Int32(2),
		Code: &types.FunctionCode{ZipFile: zip}, Environment: &types.Environment{Variables: variables},
	})
	require.NoError(t, err)
	return &deployed{t: t, name: name, client: client}
}

// invoke returns when the environment is at rest, with what went wrong in the function.
func (d *deployed) invoke(event any) (failed bool, answer string) {
	d.t.Helper()
	payload, err := json.Marshal(event)
	require.NoError(d.t, err)
	out, err := d.client.Invoke(d.t.Context(), &sdk.InvokeInput{
		FunctionName: &d.name, Payload: payload, LogType: types.LogTypeTail,
	})
	require.NoError(d.t, err)
	return out.FunctionError != nil, string(out.Payload)
}
