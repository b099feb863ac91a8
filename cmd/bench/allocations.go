package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/steptrace/steptrace/cmd/bench/function/workload"
	wrapper "github.com/steptrace/steptrace/lambda-wrapper"
)

const allocationRuns = 500

// allocationFigure compares what tracing allocates before the response leaves: with the wrapper, sending is after it,
// in the usual recipe before it.
func allocationFigure(ctx context.Context) (_ figure, err error) {
	sink := newSink(0)
	defer sink.Close()
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(sink.URL))
	if err != nil {
		return figure{}, err
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
	defer func() { err = errors.Join(err, provider.Shutdown(context.WithoutCancel(ctx))) }()

	bare, err := allocations(ctx, lambda.NewHandler(workload.Handle))
	if err != nil {
		return figure{}, err
	}
	wrapped := wrapper.Wrap(workload.Handle, wrapper.WithEndpoint(sink.URL), //nolint:contextcheck // it outlives ctx
		wrapper.WithFlush(wrapper.FlushPeriodic), wrapper.WithFlushEvery(1<<30, time.Hour))
	ours, err := allocations(ctx, wrapped)
	if err != nil {
		return figure{}, err
	}
	usual, err := allocations(ctx, lambda.NewHandler(otellambda.InstrumentHandler(workload.Handle,
		otellambda.WithTracerProvider(provider), otellambda.WithFlusher(provider))))
	return figure{"wrapper.added_allocations", ours - bare, usual - bare, "allocs"}, err
}

func allocations(ctx context.Context, h lambda.Handler) (perInvocation float64, err error) {
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       "7f0e1c52-9f0b-4b6f-8f5c-3f0f8b1f8a11",
		InvokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:images",
	})
	payload := []byte(`{"detail":{"bucket":{"name":"b"},"object":{"key":"k"}}}`)
	perInvocation = testing.AllocsPerRun(allocationRuns, func() {
		if _, failed := h.Invoke(ctx, payload); failed != nil {
			err = failed
		}
	})
	return perInvocation, err
}
