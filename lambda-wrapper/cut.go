package wrapper

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// cut is why a span had not ended. The values of error.type are those that Lambda reports.
type cut struct {
	attributes []attribute.KeyValue
	message    string
}

var (
	timedOut = cut{
		[]attribute.KeyValue{
			attribute.Bool(semconv.LambdaTimeoutMargin, true), attribute.String(semconv.ErrorType, faas.TimedOut),
		},
		"had not ended shortly before the function's timeout",
	}
	died = cut{
		[]attribute.KeyValue{attribute.String(semconv.ErrorType, faas.ExitError)},
		"the process ended before: it exited, was killed or ran out of memory",
	}
)

// cutSpan is a span that had not ended at a moment.
type cutSpan struct {
	sdktrace.ReadOnlySpan
	at         time.Time
	attributes []attribute.KeyValue
	why        cut
}

func (s cutSpan) EndTime() time.Time { return s.at }

func (s cutSpan) Attributes() []attribute.KeyValue {
	return append(slices.Clip(s.attributes), s.why.attributes...)
}

func (s cutSpan) Events() []sdktrace.Event { return nil }

func (s cutSpan) Status() sdktrace.Status {
	return sdktrace.Status{Code: codes.Error, Description: s.why.message}
}
