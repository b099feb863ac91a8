package faas

import (
	"context"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// Function is what speaks.
type Function struct {
	Name      string
	Version   string
	LogStream string // of the environment
	MemoryMB  int    // 0 if unknown
}

// Resource describes the function by what the environment's variables add. A service name wins over theirs.
func Resource(f Function, serviceName string, logger *slog.Logger) *resource.Resource {
	attributes := []attribute.KeyValue{
		attribute.String(semconv.ServiceName, f.Name),
		attribute.String(semconv.CloudProvider, "aws"),
		attribute.String(semconv.CloudPlatform, "aws_lambda"),
		attribute.String(semconv.FaaSName, f.Name),
	}
	attributes = AppendText(attributes, semconv.CloudRegion, os.Getenv("AWS_REGION"))
	attributes = AppendText(attributes, semconv.FaaSVersion, f.Version)
	attributes = AppendText(attributes, semconv.FaaSInstance, f.LogStream)
	if f.MemoryMB > 0 {
		attributes = append(attributes, attribute.Int(semconv.FaaSMaxMemory, f.MemoryMB<<20))
	}
	r, err := resource.New(context.Background(), resource.WithTelemetrySDK(), resource.WithAttributes(attributes...),
		resource.WithFromEnv(), resource.WithAttributes(AppendText(nil, semconv.ServiceName, serviceName)...))
	if err != nil { // a malformed OTEL_RESOURCE_ATTRIBUTES; the rest of the resource is there
		logger.Warn("steptrace: the resource is incomplete", slog.Any("error", err))
	}
	return r
}
