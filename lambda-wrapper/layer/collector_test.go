package main

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// gotSpan is a span that the collector received.
type gotSpan struct {
	*tracepb.Span
	trace, id, parent string
	attributes        map[string]any
	resource          map[string]any
	exception         map[string]any // attributes of the exception event
}

// collector is an OTLP/HTTP server.
type collector struct {
	URL string

	mu     sync.Mutex
	spans  []gotSpan
	posts  []string // paths
	status int      // of answers; 0: 200
	gate   chan struct{}
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{gate: make(chan struct{})}
	close(c.gate)
	server := httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	c.URL = server.URL
	return c
}

func (c *collector) serve(w http.ResponseWriter, r *http.Request) {
	spans, err := spansOf(r)
	c.mu.Lock()
	gate, status := c.gate, c.status
	c.posts = append(c.posts, r.URL.Path)
	c.mu.Unlock()
	select {
	case <-gate:
	case <-r.Context().Done():
		return
	}
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case status != 0:
		w.WriteHeader(status)
	default:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.spans = append(c.spans, spans...)
	}
}

// spansOf is empty for the other signals.
func spansOf(r *http.Request) (spans []gotSpan, err error) {
	zipped, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(zipped)
	if err != nil || r.URL.Path != "/v1/traces" {
		return nil, err
	}
	var data tracepb.TracesData
	if err := proto.Unmarshal(body, &data); err != nil {
		return nil, err
	}
	for _, rs := range data.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				spans = append(spans, spanOf(s, attributesOf(rs.Resource.GetAttributes())))
			}
		}
	}
	return spans, nil
}

func spanOf(s *tracepb.Span, resource map[string]any) gotSpan {
	got := gotSpan{
		Span: s, trace: hex.EncodeToString(s.TraceId), id: hex.EncodeToString(s.SpanId),
		parent: hex.EncodeToString(s.ParentSpanId), attributes: attributesOf(s.Attributes), resource: resource,
	}
	for _, e := range s.Events {
		if e.Name == "exception" {
			got.exception = attributesOf(e.Attributes)
		}
	}
	return got
}

func attributesOf(list []*commonpb.KeyValue) map[string]any {
	attributes := map[string]any{}
	for _, kv := range list {
		switch v := kv.Value.Value.(type) {
		case *commonpb.AnyValue_StringValue:
			attributes[kv.Key] = v.StringValue
		case *commonpb.AnyValue_BoolValue:
			attributes[kv.Key] = v.BoolValue
		case *commonpb.AnyValue_IntValue:
			attributes[kv.Key] = v.IntValue
		}
	}
	return attributes
}

func (c *collector) received() []gotSpan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spans
}

// posted are the paths of the exports.
func (c *collector) posted() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.posts
}

// answer is what the collector says from now on; 0 is success.
func (c *collector) answer(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// hang lets exports wait until the returned function is called.
func (c *collector) hang() (goOn func()) {
	gate := make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gate = gate
	return func() { close(gate) }
}

// requests are the request ids of the received invocations.
func (c *collector) requests() []string {
	var ids []string
	for _, s := range c.received() {
		if id, ok := s.attributes["faas.invocation_id"].(string); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// invocation is the one that was received of a request.
func (c *collector) invocation(t *testing.T, requestID string) gotSpan {
	t.Helper()
	var found []gotSpan
	for _, s := range c.received() {
		if s.attributes["faas.invocation_id"] == requestID {
			found = append(found, s)
		}
	}
	require.Len(t, found, 1)
	return found[0]
}

func (c *collector) named(t *testing.T, name string) gotSpan {
	t.Helper()
	var found []gotSpan
	for _, s := range c.received() {
		if s.Name == name {
			found = append(found, s)
		}
	}
	require.Len(t, found, 1, name)
	return found[0]
}
