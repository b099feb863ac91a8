package faas

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/origin"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// Cause is where an invocation comes from, as its event tells.
type Cause struct {
	// Context is the invocation's, with the parent and the baggage of a request.
	Context context.Context //nolint:containedctx // it is what was found out
	// Links name the spans of a batch's records.
	Links []trace.Link

	execution origin.Execution
	records   int
}

// CauseOf makes the attempt of Step Functions that invoked the function the span's parent, else the span that a single
// request or message names. A batch has a link for each record that names one.
func CauseOf(ctx context.Context, p propagation.TextMapPropagator, payload []byte) Cause {
	from := origin.Read(payload)
	c := Cause{execution: from.Execution, records: len(from.Batch)}
	for i := range from.Batch {
		named := p.Extract(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), &from.Batch[i])
		c.link(trace.SpanContextFromContext(named), from.Batch[i].MessageID)
	}
	if from.Request != nil {
		ctx = p.Extract(ctx, from.Request)
	}
	if c.execution.Known() {
		c.link(trace.SpanContextFromContext(ctx), "")
		ctx = trace.ContextWithRemoteSpanContext(ctx, attemptOf(c.execution))
	}
	c.Context = ctx
	return c
}

func (c *Cause) link(to trace.SpanContext, messageID string) {
	if !to.IsValid() {
		return
	}
	c.Links = append(c.Links, trace.Link{
		SpanContext: to, Attributes: AppendText(nil, semconv.MessagingMessageID, messageID),
	})
}

// attemptOf is the span of the attempt. Executions are not sampled by their callers, so that it counts as sampled.
func attemptOf(e origin.Execution) trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(e.Trace()), SpanID: trace.SpanID(e.Parent()), TraceFlags: trace.FlagsSampled, Remote: true,
	})
}

// AppendAttributes adds what the span says of its cause.
func (c *Cause) AppendAttributes(attributes []attribute.KeyValue) []attribute.KeyValue {
	attributes = AppendText(attributes, semconv.ExecutionARN, c.execution.ARN)
	attributes = AppendText(attributes, semconv.StateName, c.execution.State)
	if c.records > 0 {
		attributes = append(attributes, attribute.Int(semconv.MessagingBatchCount, c.records))
	}
	return attributes
}
