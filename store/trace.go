package store

// Trace is one execution end to end: the spans of its history and of the Lambda invocations joined to it.
type Trace struct {
	TraceID      string  `json:"trace_id"`      // 32 hex digits
	ExecutionARN string  `json:"execution_arn"` // empty for a trace that holds no execution
	Status       string  `json:"status"`        // of the execution: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED
	Spans        []Span  `json:"spans"`         // in tree order: parents before children, siblings by start
	Events       []Event `json:"events"`        // the history, by redrive and id
	// Children are the executions that it started and that started by those, as far as they are united with it.
	Children []Child `json:"children,omitempty"`
	// Omitted counts those that are not, by the span that started them.
	Omitted []OmittedChildren `json:"omitted,omitempty"`
	// Truncated is set when the store holds more spans, events or children of the trace than a read returns.
	Truncated bool `json:"truncated,omitempty"`
}

// Span is one span of a trace.
type Span struct {
	SpanID        string            `json:"span_id"`        // 16 hex digits
	ParentSpanID  string            `json:"parent_span_id"` // empty on a root
	Name          string            `json:"name"`
	Kind          string            `json:"kind"` // INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER, UNSPECIFIED
	StartUnixNano int64             `json:"start_unix_nano"`
	EndUnixNano   int64             `json:"end_unix_nano"`
	Status        string            `json:"status"` // UNSET, OK, ERROR
	StatusMessage string            `json:"status_message"`
	Service       string            `json:"service"`          // service.name of the resource
	Attributes    map[string]string `json:"attributes"`       // the span's own; numbers and booleans as text
	Events        []SpanEvent       `json:"events,omitempty"` // its own; not those of a history
	Links         []SpanLink        `json:"links,omitempty"`
	Join          *Join             `json:"join"` // how the span came under its parent, nil when it said so itself
}

// Child is an execution that a span of the trace started.
type Child struct {
	SpanID string `json:"span_id"` // the attempt, call or Map Run that started it
	Level  int    `json:"level"`   // 1 for those that the execution itself started
	Execution
}

// OmittedChildren counts the executions that a span started and that are not in the trace.
type OmittedChildren struct {
	SpanID string `json:"span_id"`
	ChildrenCounts
}

// Join is the evidence by which a span was put under another: an invocation under an attempt, an execution under what
// started it.
type Join struct {
	Method     string  `json:"method"`     // context, request_id, xray, fingerprint; arn, object
	Confidence float64 `json:"confidence"` // above 0, at most 1
}

// Event is one event of an execution's history.
type Event struct {
	ID           int64  `json:"id"`
	Type         string `json:"type"`
	TimeUnixNano int64  `json:"time_unix_nano"`
	SpanID       string `json:"span_id"` // the span it belongs to
}
