package invocation

import (
	"context"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/runtimeapi"
)

// sink is a SpanProcessor that keeps ended spans until they are taken.
type sink struct{ spans []sdktrace.ReadOnlySpan }

func (s *sink) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (s *sink) OnEnd(span sdktrace.ReadOnlySpan) {
	if span.SpanContext().IsSampled() {
		s.spans = append(s.spans, span)
	}
}

func (s *sink) Shutdown(context.Context) error   { return nil }
func (s *sink) ForceFlush(context.Context) error { return nil }

func (s *sink) take() []sdktrace.ReadOnlySpan {
	spans := s.spans
	s.spans = nil
	return spans
}

// InitFailure is why the runtime could not start.
type InitFailure struct{ outcome }

// InitFailureOf reads what the runtime reported.
func InitFailureOf(a runtimeapi.Answer) InitFailure {
	return InitFailure{outcome{end: a.End, failure: report(a.Header.Get(headerErrorType), a.Body)}}
}
