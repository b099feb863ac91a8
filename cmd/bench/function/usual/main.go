// Command usual is the same function as bare, traced by the usual recipe: OpenTelemetry's wrapper for Lambda, which
// flushes a batch processor before the response leaves.
package main

import (
	"context"
	"encoding/json"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"
)

// clients are linked and made, as a real function's are, but not called: what is measured is the wrapper.
var clients struct {
	s3          *s3.Client
	dynamo      *dynamodb.Client
	rekognition *rekognition.Client
}

func handle(_ context.Context, event json.RawMessage) (json.RawMessage, error) { return event, nil }

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	exporter, err := otlptracehttp.New(context.Background()) // to OTEL_EXPORTER_OTLP_ENDPOINT
	if err != nil {
		log.Fatal(err)
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
	clients.s3, clients.dynamo = s3.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg)
	clients.rekognition = rekognition.NewFromConfig(cfg)
	lambda.Start(otellambda.InstrumentHandler(handle,
		otellambda.WithTracerProvider(provider), otellambda.WithFlusher(provider)))
}
