package wrapper

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// InstrumentAWS makes every client built from cfg trace its calls, one span per operation, however often it is retried.
// A span's parent is the span in the call's context: pass the handler's context on. A call without one, during init
// say, is a trace of its own once Wrap has been called, and not traced before.
func InstrumentAWS(cfg *aws.Config) { cfg.APIOptions = append(cfg.APIOptions, addTracing) }

// addTracing puts one middleware around the whole operation and one around each attempt.
func addTracing(stack *middleware.Stack) error {
	if err := addBehind(stack.Initialize.Insert, stack.Initialize.Add, middleware.Before,
		middleware.InitializeMiddlewareFunc("SteptraceCall", traceCall), "RegisterServiceMetadata"); err != nil {
		return err
	}
	return addBehind(stack.Finalize.Insert, stack.Finalize.Add, middleware.After,
		middleware.FinalizeMiddlewareFunc("SteptraceAttempt", traceAttempt), "Retry")
}

// addBehind inserts m behind another middleware, or at the given end of a step that has none of that name.
func addBehind[M any](insert func(M, string, middleware.RelativePosition) error,
	add func(M, middleware.RelativePosition) error, end middleware.RelativePosition, m M, other string,
) error {
	if insert(m, other, middleware.After) == nil {
		return nil
	}
	return add(m, end)
}

// call is one operation while it runs; attempts follow each other, so it needs no lock.
type call struct {
	span      trace.Span
	operation string
	attempts  int
	err       error // of the last attempt
}

type callKey struct{}

func traceCall(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error,
) {
	service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
	ctx, span := tracerOf(ctx).Start(ctx, service+"."+operation, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	if !span.IsRecording() {
		return next.HandleInitialize(ctx, in)
	}
	if service == "SFN" {
		in.Parameters = withTraceHeader(ctx, in.Parameters, span.SpanContext())
	}
	span.SetAttributes(callAttributes(ctx, service, operation)...)
	span.SetAttributes(requestAttributes(service, in.Parameters)...)
	c := &call{span: span, operation: operation}
	out, metadata, err = next.HandleInitialize(middleware.WithStackValue(ctx, callKey{}, c), in)
	c.finish(ctx, service, out.Result, metadata, err)
	return out, metadata, err
}

// tracerOf takes the provider of the span that the call is made in: several wrappers may be in one process.
func tracerOf(ctx context.Context) trace.Tracer {
	if parent := trace.SpanFromContext(ctx); parent.SpanContext().IsValid() {
		return parent.TracerProvider().Tracer(scope)
	}
	return otel.Tracer(scope)
}

func callAttributes(ctx context.Context, service, operation string) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String(semconv.Kind, semconv.KindCall),
		attribute.String(semconv.RPCSystem, "aws-api"),
		attribute.String(semconv.RPCService, service),
		attribute.String(semconv.RPCMethod, operation),
	}
	return faas.AppendText(attributes, semconv.CloudRegion, awsmiddleware.GetRegion(ctx))
}

func (c *call) finish(ctx context.Context, service string, result any, metadata middleware.Metadata, err error) {
	if id, ok := awsmiddleware.GetRequestIDMetadata(metadata); ok {
		c.span.SetAttributes(attribute.String(semconv.AWSRequestID, id))
	}
	if c.attempts > 1 {
		c.span.SetAttributes(attribute.Int(semconv.HTTPResendCount, c.attempts-1))
	}
	switch {
	case err == nil:
		c.answered(ctx, service, result)
	case conditionFailed(err):
		c.span.SetAttributes(attribute.Bool(semconv.DynamoDBConditionFailed, true))
	default:
		c.failed(callErrorName(err), err.Error())
	}
}

func (c *call) failed(name, message string) {
	c.span.SetAttributes(attribute.String(semconv.ErrorType, name))
	c.span.SetStatus(codes.Error, faas.Truncate(message, faas.MaxMessage))
}

// answered records what the service answered. A function that was invoked and failed is no error of the call to AWS,
// but one of what the caller wanted.
func (c *call) answered(ctx context.Context, service string, result any) {
	for _, kv := range responseAttributes(service, result) {
		switch {
		case kv.Key == semconv.LambdaFunctionError:
			c.failed(kv.Value.AsString(), "the invoked function failed")
		case kv.Key == semconv.FailedCount && kv.Value.AsInt64() == 0:
			continue
		}
		c.span.SetAttributes(kv)
	}
	if service == "S3" {
		linkToWriter(ctx, c.span, result)
	}
}

// callErrorName is AWS's error code, or what kept the call from having one.
func callErrorName(err error) string {
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		return api.ErrorCode()
	case errors.Is(err, context.DeadlineExceeded):
		return "context.DeadlineExceeded"
	case errors.Is(err, context.Canceled):
		return "context.Canceled"
	default:
		return typeName(innermost(err))
	}
}

// innermost follows a chain of wrapped errors to its end: the SDK wraps each one many times.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
