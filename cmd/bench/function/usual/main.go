// Command usual is the same function as bare, traced by the usual recipe: OpenTelemetry's wrapper for Lambda, which
// flushes a batch processor before the response leaves.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/steptrace/steptrace/cmd/bench/function/workload"
)

func main() {
	exporter, err := otlptracehttp.New(context.Background()) // to OTEL_EXPORTER_OTLP_ENDPOINT
	if err != nil {
		log.Fatal(err)
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
	workload.MakeClients(workload.LoadConfig())
	lambda.Start(otellambda.InstrumentHandler(workload.Handle,
		otellambda.WithTracerProvider(provider), otellambda.WithFlusher(provider)))
}
