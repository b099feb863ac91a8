package store

// SpanEvent is something that happened within a span, told by what sent it.
type SpanEvent struct {
	Name         string            `json:"name"`
	TimeUnixNano int64             `json:"time_unix_nano"`
	Attributes   map[string]string `json:"attributes,omitempty"`
}

// SpanLink points to a span, of this trace or of another, that the span has to do with.
type SpanLink struct {
	TraceID    string            `json:"trace_id"`
	SpanID     string            `json:"span_id"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// spanEvents are a row's events as ClickHouse keeps them: a list for each field, all of one length.
type spanEvents struct {
	times      []int64
	names      []string
	attributes []map[string]string
}

func (e spanEvents) list() []SpanEvent {
	var list []SpanEvent
	for n, at := range e.times {
		list = append(list, SpanEvent{e.names[n], at, e.attributes[n]})
	}
	return list
}

type spanLinks struct {
	traces, spans []string
	attributes    []map[string]string
}

func (l spanLinks) list() []SpanLink {
	var list []SpanLink
	for n, trace := range l.traces {
		list = append(list, SpanLink{trace, l.spans[n], l.attributes[n]})
	}
	return list
}
