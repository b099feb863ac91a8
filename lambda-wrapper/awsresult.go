package wrapper

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/smithy-go"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// conditionFailed tells whether DynamoDB refused a write, or a transaction for no other reason, because its condition
// did not hold. Programs ask by conditions; "no" is an answer.
func conditionFailed(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ConditionalCheckFailedException":
		return true
	case "TransactionCanceledException":
		return onlyConditions(api)
	default:
		return false
	}
}

// onlyConditions reads the reasons of each of a transaction's actions; None is an action that did not matter.
func onlyConditions(canceled smithy.APIError) bool {
	reasons, ok := member(reflect.ValueOf(canceled), "CancellationReasons")
	if !ok || reasons.Kind() != reflect.Slice {
		return false
	}
	failed := false
	for i := range reasons.Len() {
		code, ok := member(reasons.Index(i), "Code")
		switch {
		case !ok || code.Kind() != reflect.String || code.String() == "None":
		case code.String() == "ConditionalCheckFailed":
			failed = true
		default:
			return false
		}
	}
	return failed
}

// linkToWriter links a call that read an object to the span that wrote it, if its metadata names one.
func linkToWriter(ctx context.Context, span trace.Span, result any) {
	metadata, ok := member(reflect.ValueOf(result), "Metadata")
	if !ok {
		return
	}
	headers, ok := metadata.Interface().(map[string]string)
	if !ok || len(headers) == 0 {
		return
	}
	ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{}) // not the call's own
	ctx = otel.GetTextMapPropagator().Extract(ctx, propagation.MapCarrier(headers))
	if writer := trace.SpanContextFromContext(ctx); writer.IsValid() {
		span.AddLink(trace.Link{SpanContext: writer})
	}
}
