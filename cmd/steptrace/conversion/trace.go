package conversion

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// Trace is the execution as the store would give it, without the Lambda invocations that only the store knows.
func (e Execution) Trace() store.Trace {
	t := store.Trace{
		TraceID: spanid.Trace(e.ARN).String(), ExecutionARN: e.ARN, Status: e.Status,
		Spans: make([]store.Span, 0, len(e.Spans)), Events: make([]store.Event, len(e.Records)),
	}
	traces := Traces([]Execution{e})
	for _, rs := range traces.ResourceSpans().All() {
		service, _ := rs.Resource().Attributes().Get(semconv.ServiceName)
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				t.Spans = append(t.Spans, storedSpan(s, service.AsString()))
			}
		}
	}
	t.Spans = store.InTreeOrder(t.Spans)
	for i := range e.Records {
		t.Events[i] = storedEvent(&e.Records[i])
	}
	return t
}

// storedSpan writes a span as it comes out of the store: see the ClickHouse exporter and the store's queries.
func storedSpan(s ptrace.Span, service string) store.Span {
	return store.Span{
		SpanID: s.SpanID().String(), ParentSpanID: s.ParentSpanID().String(), Name: s.Name(),
		Kind:          strings.ToUpper(s.Kind().String()),
		StartUnixNano: int64(s.StartTimestamp()), EndUnixNano: int64(s.EndTimestamp()),
		Status: strings.ToUpper(s.Status().Code().String()), StatusMessage: s.Status().Message(),
		Service: service, Attributes: texts(s.Attributes()), Events: eventsOf(s), Links: linksOf(s),
	}
}

func eventsOf(s ptrace.Span) (events []store.SpanEvent) {
	for _, e := range s.Events().All() {
		events = append(events, store.SpanEvent{
			Name: e.Name(), TimeUnixNano: int64(e.Timestamp()), Attributes: texts(e.Attributes()),
		})
	}
	return events
}

func linksOf(s ptrace.Span) (links []store.SpanLink) {
	for _, l := range s.Links().All() {
		links = append(links, store.SpanLink{
			TraceID: l.TraceID().String(), SpanID: l.SpanID().String(), Attributes: texts(l.Attributes()),
		})
	}
	return links
}

func texts(attrs pcommon.Map) map[string]string {
	m := make(map[string]string, attrs.Len())
	for key, v := range attrs.All() {
		m[key] = v.AsString()
	}
	return m
}

func storedEvent(r *convert.Record) store.Event {
	id := valueOf(r.Attributes, semconv.EventID).AsInt64()
	return store.Event{ID: id, Type: r.EventName, TimeUnixNano: r.Time.UnixNano(), SpanID: r.Span.String()}
}

// statusOf is the status on the span of an execution that has ended.
func statusOf(spans []convert.Span) string {
	for i := range spans {
		if spans[i].Kind == semconv.KindExecution {
			return valueOf(spans[i].Attributes, semconv.ExecutionStatus).AsString()
		}
	}
	return ""
}

// valueOf is the zero value for a key that is absent.
func valueOf(attrs []attribute.KeyValue, key string) attribute.Value {
	for _, a := range attrs {
		if string(a.Key) == key {
			return a.Value
		}
	}
	return attribute.Value{}
}
