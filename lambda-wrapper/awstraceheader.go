package wrapper

import (
	"context"
	"reflect"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// withTraceHeader gives an execution that is being started, by StartExecution or StartSyncExecution, the call's span as
// the parent in its trace header, where the execution's description shows it. A header that the caller set stands. The
// caller's own input is not written to.
func withTraceHeader(ctx context.Context, input any, call trace.SpanContext) any {
	original := reflect.ValueOf(input)
	if original.Kind() != reflect.Pointer || original.IsNil() || original.Elem().Kind() != reflect.Struct {
		return input
	}
	field, ok := original.Type().Elem().FieldByName("TraceHeader")
	if !ok || field.Type != reflect.TypeFor[*string]() || !original.Elem().FieldByIndex(field.Index).IsNil() {
		return input
	}
	clone := reflect.New(original.Type().Elem())
	clone.Elem().Set(original.Elem())
	received, _ := ctx.Value(xrayContextKey).(string)
	header := traceHeader(received, call)
	clone.Elem().FieldByIndex(field.Index).Set(reflect.ValueOf(&header))
	return clone.Interface()
}

// traceHeader is Root=…;Parent=…;Sampled=…: the invocation's own root and X-Ray's decision, if it has them, so that
// X-Ray goes on as without the wrapper; else the call's trace, leaving the decision to whom it concerns.
func traceHeader(received string, call trace.SpanContext) string {
	id, span := call.TraceID().String(), call.SpanID().String()
	root, sampled := "1-"+id[:8]+"-"+id[8:], ""
	for _, part := range strings.Split(received, ";") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "Root":
			root = value
		case "Sampled":
			sampled = ";Sampled=" + value
		}
	}
	return "Root=" + root + ";Parent=" + span + sampled
}
