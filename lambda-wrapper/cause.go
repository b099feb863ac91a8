package wrapper

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/origin"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// cause is where an invocation comes from, as its event tells.
type cause struct {
	ctx       context.Context // the handler's, with the parent and the baggage of a request
	execution origin.Execution
	links     []trace.Link
	records   int
}

// causeOf makes the attempt of Step Functions that invoked the function the span's parent, else the span that a single
// request or message names. A batch has a link for each record that names one.
func (t *telemetry) causeOf(ctx context.Context, payload []byte) cause {
	from := origin.Read(payload)
	c := cause{execution: from.Execution, records: len(from.Batch)}
	for i := range from.Batch {
		named := t.cfg.propagator.Extract(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), &from.Batch[i])
		c.link(trace.SpanContextFromContext(named), from.Batch[i].MessageID)
	}
	if from.Request != nil {
		ctx = t.cfg.propagator.Extract(ctx, from.Request)
	}
	if c.execution.Known() {
		c.link(trace.SpanContextFromContext(ctx), "")
		ctx = trace.ContextWithRemoteSpanContext(ctx, attemptOf(c.execution))
	}
	c.ctx = ctx
	return c
}

func (c *cause) link(to trace.SpanContext, messageID string) {
	if !to.IsValid() {
		return
	}
	c.links = append(c.links, trace.Link{
		SpanContext: to, Attributes: appendText(nil, semconv.MessagingMessageID, messageID),
	})
}

// attemptOf is the span of the attempt. Executions are not sampled by their callers, so that it counts as sampled.
func attemptOf(e origin.Execution) trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(e.Trace()), SpanID: trace.SpanID(e.Parent()), TraceFlags: trace.FlagsSampled, Remote: true,
	})
}

// appendAttributes adds what the span says of its cause.
func (c *cause) appendAttributes(attributes []attribute.KeyValue) []attribute.KeyValue {
	attributes = appendText(attributes, semconv.ExecutionARN, c.execution.ARN)
	attributes = appendText(attributes, semconv.StateName, c.execution.State)
	if c.records > 0 {
		attributes = append(attributes, attribute.Int(semconv.MessagingBatchCount, c.records))
	}
	return attributes
}
