package wrapper

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// gotSpan is a received span without what differs from run to run.
type gotSpan struct {
	Name       string
	Kind       string
	Status     string // "" or "ERROR: message"
	Attributes map[string]any
	Events     []gotEvent
	Links      []gotLink

	trace, id, parent string
	resource          map[string]any
}

type gotLink struct {
	Trace, Span string
	Attributes  map[string]any
}

type gotEvent struct {
	Name       string
	Attributes map[string]any
}

// decodeSpans reads an export by the official protobuf classes; ExportTraceServiceRequest and TracesData are the same
// on the wire.
func decodeSpans(body []byte) ([]gotSpan, error) {
	var data tracepb.TracesData
	if err := proto.Unmarshal(body, &data); err != nil {
		return nil, err
	}
	var spans []gotSpan
	for _, rs := range data.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				spans = append(spans, spanOf(s, attributesOf(rs.Resource.Attributes)))
			}
		}
	}
	return spans, nil
}

func spanOf(s *tracepb.Span, resource map[string]any) gotSpan {
	got := gotSpan{
		Name: s.Name, Kind: s.Kind.String(), Attributes: attributesOf(s.Attributes), resource: resource,
		trace: fmt.Sprintf("%x", s.TraceId), id: fmt.Sprintf("%x", s.SpanId), parent: fmt.Sprintf("%x", s.ParentSpanId),
	}
	if s.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR {
		got.Status = "ERROR: " + s.Status.Message
	}
	for _, e := range s.Events {
		got.Events = append(got.Events, gotEvent{Name: e.Name, Attributes: attributesOf(e.Attributes)})
	}
	for _, l := range s.Links {
		got.Links = append(got.Links, gotLink{
			fmt.Sprintf("%x", l.TraceId), fmt.Sprintf("%x", l.SpanId), attributesOf(l.Attributes),
		})
	}
	return got
}

func attributesOf(list []*commonpb.KeyValue) map[string]any {
	attributes := map[string]any{}
	for _, kv := range list {
		attributes[kv.Key] = valueOf(kv.Value)
	}
	return attributes
}

func valueOf(v *commonpb.AnyValue) any {
	switch v := v.Value.(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_DoubleValue:
		return v.DoubleValue
	case *commonpb.AnyValue_ArrayValue:
		var list []any
		for _, e := range v.ArrayValue.Values {
			list = append(list, valueOf(e))
		}
		return list
	default:
		return fmt.Sprint(v)
	}
}

// memory takes the place of the collector inside this process.
type memory struct {
	mu    sync.Mutex
	spans []gotSpan
	err   error // the answer to posts; nil accepts them
	posts int
}

func (m *memory) post(_ context.Context, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.posts++
	if m.err != nil {
		return m.err
	}
	spans, err := decodeSpans(body)
	m.spans = append(m.spans, spans...)
	return err
}

func (m *memory) received() []gotSpan {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.spans
}

// count is the number of posts, refused ones included.
func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.posts
}

// errAway makes a collector answer 503.
var errAway = errors.New("away")

// collector is an OTLP/HTTP server that writes each export into a journal.
type collector struct {
	URL     string
	journal *logbook
	memory  memory
	gate    chan struct{} // exports are answered once it is closed
}

func newCollector(t *testing.T, j *logbook) *collector {
	c := &collector{journal: j, gate: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func (c *collector) serve(w http.ResponseWriter, r *http.Request) {
	body, err := readExport(r)
	if err == nil {
		err = c.memory.post(r.Context(), body)
	}
	switch {
	case errors.Is(err, errAway):
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.journal.add("export")
	select {
	case <-c.gate:
	case <-r.Context().Done():
	}
}

// open lets the collector answer.
func (c *collector) open() { close(c.gate) }

func readExport(r *http.Request) ([]byte, error) {
	if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		return nil, fmt.Errorf("unexpected export to %s as %s", r.URL.Path, r.Header.Get("Content-Type"))
	}
	zipped, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zipped)
}

// refuse makes the collector answer exports with an error, nil with success.
func (m *memory) refuse(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// has tells whether the invocation of that request id was received.
func (m *memory) has(requestID string) bool {
	for _, s := range m.received() {
		if s.Attributes["faas.invocation_id"] == requestID {
			return true
		}
	}
	return false
}
