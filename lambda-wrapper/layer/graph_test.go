package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every cold start reads the extension from the layer.
func TestImportGraphIsSmall(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	packages := strings.Fields(string(out))
	require.Contains(t, packages, "go.opentelemetry.io/otel/sdk/trace")
	for _, p := range packages {
		for _, unwanted := range []string{
			"grpc", "otlptrace", "ClickHouse", "grafana", "go.opentelemetry.io/collector", "go.opentelemetry.io/proto",
			"google.golang.org/protobuf/proto", "github.com/aws", "net/rpc", "testing", "steptrace/agent",
			"steptrace/store", "steptrace/sandbox",
		} {
			require.NotContains(t, p, unwanted)
		}
	}
}
