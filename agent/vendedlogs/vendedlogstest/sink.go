package vendedlogstest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// Sink collects what it accepts, as a store would: of each record and span the last that came.
type Sink struct {
	mu      sync.Mutex
	refuse  bool
	records map[string]int    // how often each came, by execution and event
	spans   map[string]string // by trace and span id: kind, name, milliseconds and marks
}

// NewSink makes an empty sink.
func NewSink() *Sink { return &Sink{records: map[string]int{}, spans: map[string]string{}} }

// Refuse makes it take nothing until it is told otherwise.
func (s *Sink) Refuse(refuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

// Records are how often each log record came, by "ARN EVENT".
func (s *Sink) Records() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(map[string]int, len(s.records))
	for k, v := range s.records {
		found[k] = v
	}
	return found
}

// Spans are the spans, written as "KIND NAME MILLISECONDS MARKS", by trace and span id.
func (s *Sink) Spans() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(map[string]string, len(s.spans))
	for k, v := range s.spans {
		found[k] = v
	}
	return found
}

// Logs is the sink as a consumer.
func (s *Sink) Logs() consumer.Logs {
	c, _ := consumer.NewLogs(s.takeLogs) // it fails for nil alone
	return c
}

// Traces is the sink as a consumer.
func (s *Sink) Traces() consumer.Traces {
	c, _ := consumer.NewTraces(s.takeTraces) // it fails for nil alone
	return c
}

var errRefused = errors.New("memory limit reached")

func (s *Sink) takeLogs(_ context.Context, logs plog.Logs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse {
		return errRefused
	}
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				arn, _ := r.Attributes().Get(semconv.ExecutionARN)
				event, _ := r.Attributes().Get(semconv.EventID)
				s.records[fmt.Sprint(arn.Str(), " ", event.Int())]++
			}
		}
	}
	return nil
}

func (s *Sink) takeTraces(_ context.Context, traces ptrace.Traces) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse {
		return errRefused
	}
	for _, rs := range traces.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				s.spans[span.TraceID().String()+" "+span.SpanID().String()] = written(span)
			}
		}
	}
	return nil
}

func written(span ptrace.Span) string {
	kind, _ := span.Attributes().Get(semconv.Kind)
	text := fmt.Sprintf("%s %s %d", kind.Str(), span.Name(),
		span.EndTimestamp().AsTime().Sub(span.StartTimestamp().AsTime()).Milliseconds())
	if _, open := span.Attributes().Get(semconv.Open); open {
		text += " open"
	}
	if n, ok := span.Attributes().Get(semconv.EventsMissing); ok {
		text += fmt.Sprintf(" missing %d", n.Int())
	}
	return text
}
