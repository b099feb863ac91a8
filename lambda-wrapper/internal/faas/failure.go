package faas

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// MaxMessage caps an error's text on a span, maxStack its stack.
const (
	MaxMessage = 8 << 10
	maxStack   = 32 << 10
)

// The names that Lambda reports for invocations which it cut off, or whose process ended.
const (
	TimedOut  = "Sandbox.Timedout"
	ExitError = "Runtime.ExitError"
)

// Error is a failure as Lambda reports it.
type Error struct {
	Type    string
	Message string
	Stack   string // empty without one
}

// RecordError makes an invocation's span an error.
func RecordError(span trace.Span, e Error) {
	message := Truncate(e.Message, MaxMessage)
	span.SetAttributes(attribute.String(semconv.ErrorType, e.Type))
	span.SetStatus(codes.Error, message)
	attributes := AppendText(make([]attribute.KeyValue, 0, 3), semconv.ExceptionStack, Truncate(e.Stack, maxStack))
	span.AddEvent("exception", trace.WithAttributes(append(attributes,
		attribute.String(semconv.ExceptionType, e.Type),
		attribute.String(semconv.ExceptionMessage, message))...))
}

// Truncate cuts a text to a number of bytes.
func Truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
