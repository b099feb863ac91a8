package environment

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVariables(t *testing.T) {
	spec := Spec{
		FunctionName: "f", FunctionVersion: "3", Runtime: "provided.al2023", Handler: "h", MemoryMB: 256,
		Region: "eu-west-1", LogGroup: "/aws/lambda/f", LogStream: "s", TaskRoot: "/code", TempDir: "/tmp/e",
		EndpointURL: "http://127.0.0.1:4566",
		Defaults:    map[string]string{"A": "default", "B": "default"}, Variables: map[string]string{"B": "own"},
	}
	require.Equal(t, `A=default
AWS_ACCESS_KEY_ID=sandbox
AWS_DEFAULT_REGION=eu-west-1
AWS_ENDPOINT_URL=http://127.0.0.1:4566
AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256
AWS_LAMBDA_FUNCTION_NAME=f
AWS_LAMBDA_FUNCTION_VERSION=3
AWS_LAMBDA_INITIALIZATION_TYPE=on-demand
AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f
AWS_LAMBDA_LOG_STREAM_NAME=s
AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001
AWS_REGION=eu-west-1
AWS_SECRET_ACCESS_KEY=sandbox
AWS_SESSION_TOKEN=sandbox
AWS_XRAY_CONTEXT_MISSING=LOG_ERROR
B=own
LAMBDA_RUNTIME_DIR=/var/runtime
LAMBDA_TASK_ROOT=/code
LANG=en_US.UTF-8
PATH=/usr/local/bin:/usr/bin:/bin
TMPDIR=/tmp/e
TZ=:UTC
_HANDLER=h`, strings.Join(runtimeVariables(spec, "127.0.0.1:9001"), "\n"))

	extension := strings.Join(extensionVariables(spec, "127.0.0.1:9001"), "\n")
	require.NotContains(t, extension, "_HANDLER")
	require.NotContains(t, extension, "AWS_LAMBDA_LOG")
	require.Contains(t, extension, "AWS_LAMBDA_FUNCTION_NAME=f")

	spec.Runtime = "go1.x"
	require.Contains(t, runtimeVariables(spec, ""), "AWS_EXECUTION_ENV=AWS_Lambda_go1.x")
}
