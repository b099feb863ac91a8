package invocation

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// scope is the instrumentation scope of all spans made here.
const scope = "github.com/steptrace/steptrace/lambda-wrapper/layer"

type cause = faas.Cause

// Spans makes spans of invocations. It is not safe for concurrent use.
type Spans struct {
	function     faas.Function
	propagator   propagation.TextMapPropagator
	fingerprints bool
	tracer       trace.Tracer
	ended        sink
}

// Options are the settings of Spans.
type Options struct {
	Function     faas.Function
	Propagator   propagation.TextMapPropagator
	Fingerprints bool // of events
	Version      string
	Logger       *slog.Logger
}

// NewSpans reads OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
func NewSpans(o Options) *Spans {
	s := &Spans{function: o.Function, propagator: o.Propagator, fingerprints: o.Fingerprints}
	s.tracer = newProvider(faas.Resource(o.Function, "", o.Logger), &s.ended).
		Tracer(scope, trace.WithInstrumentationVersion(o.Version))
	return s
}

func newProvider(r *resource.Resource, to sdktrace.SpanProcessor) *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(sdktrace.WithResource(r), sdktrace.WithSpanProcessor(to),
		sdktrace.WithIDGenerator(ids{}))
}

// Place puts the invocation where its event says that it comes from, if it says so.
func (s *Spans) Place(i *Invocation) {
	i.cause = faas.CauseOf(context.Background(), s.propagator, i.event.bytes())
	if parent := trace.SpanContextFromContext(i.cause.Context); parent.IsValid() {
		i.Decide(parent.TraceID(), parent)
	}
}

// Encode returns an export request of the invocation's span, in a trace of its own unless it has been placed. It is
// empty if the trace is not sampled.
func (s *Spans) Encode(i *Invocation) []byte {
	i.Decide(newTraceID(), trace.SpanContext{})
	ctx := context.WithValue(context.Background(), idsKey{}, i.Context())
	if i.Parent().IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, i.Parent())
	}
	_, span := s.tracer.Start(ctx, s.function.Name, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithTimestamp(i.Start), trace.WithLinks(i.cause.Links...), trace.WithAttributes(s.attributes(i)...))
	if o := i.outcome; o.timedOut {
		span.SetAttributes(
			attribute.Bool(semconv.LambdaTimeoutMargin, true), attribute.String(semconv.ErrorType, o.failure.Type))
		span.SetStatus(codes.Error, o.failure.Message)
	} else if o.failure != nil {
		faas.RecordError(span, *o.failure)
	}
	span.End(trace.WithTimestamp(i.outcome.end))
	i.event.drop() // the family remembers the invocation for a while
	i.cause = cause{}
	return otlp.Encode(s.ended.take())
}

func (s *Spans) attributes(i *Invocation) []attribute.KeyValue {
	begun := faas.Invocation{
		Function: s.function, ColdStart: i.coldStart, RequestID: i.requestID, ARN: faas.AttributesOfARN(i.arn), XRay: i.xray,
	}
	if s.fingerprints {
		begun.Payload = i.event.bytes()
	}
	return i.cause.AppendAttributes(begun.Attributes())
}

// EncodeInit returns an export request of a failed start of the runtime, which no invocation tells of.
func (s *Spans) EncodeInit(start time.Time, f InitFailure) []byte {
	id := trace.NewSpanContext(trace.SpanContextConfig{TraceID: newTraceID(), SpanID: newSpanID()})
	_, span := s.tracer.Start(context.WithValue(context.Background(), idsKey{}, id), s.function.Name+" init",
		trace.WithTimestamp(start), trace.WithAttributes(
			attribute.String(semconv.FaaSName, s.function.Name), attribute.Bool(semconv.FaaSColdStart, true)))
	faas.RecordError(span, *f.failure)
	span.End(trace.WithTimestamp(f.end))
	return otlp.Encode(s.ended.take())
}

func newTraceID() (id trace.TraceID) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// idsKey is where the context has the ids of a span to be.
type idsKey struct{}

// ids gives spans the ids that were promised to their children before.
type ids struct{}

func (ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	promised, _ := ctx.Value(idsKey{}).(trace.SpanContext)
	return promised.TraceID(), promised.SpanID()
}

func (ids) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	promised, _ := ctx.Value(idsKey{}).(trace.SpanContext)
	return promised.SpanID()
}
