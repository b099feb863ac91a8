package wrapper

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A wrapped function pays in cold start for each package that the wrapper links.
func TestImportGraphIsSmall(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-tags", "lambda.norpc", ".").Output()
	require.NoError(t, err)
	packages := strings.Fields(string(out))
	require.Contains(t, packages, "github.com/aws/aws-lambda-go/lambda")
	for _, p := range packages {
		for _, unwanted := range []string{
			"grpc", "otlptrace", "ClickHouse", "grafana", "go.opentelemetry.io/collector", "go.opentelemetry.io/proto",
			"google.golang.org/protobuf/proto", "github.com/aws/aws-sdk-go-v2/service", "net/rpc", "testing",
			"steptrace/agent", "steptrace/store", "steptrace/sandbox",
		} {
			require.NotContains(t, p, unwanted)
		}
	}
}
