package frame

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// tag is an attribute as Grafana's trace view takes it.
type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// spanLog is a moment on a span.
type spanLog struct {
	Timestamp float64 `json:"timestamp"` // ms
	Name      string  `json:"name"`
	Fields    []tag   `json:"fields"`
}

// reference is a span link.
type reference struct {
	TraceID string `json:"traceID"`
	SpanID  string `json:"spanID"`
	RefType string `json:"refType"`
	Tags    []tag  `json:"tags"`
}

// traceMeta is what a trace frame tells besides its spans.
type traceMeta struct {
	ExecutionARN string                  `json:"executionArn"`
	Status       string                  `json:"status"`
	Truncated    bool                    `json:"truncated"`
	Omitted      []store.OmittedChildren `json:"omitted"`
}

// Trace is a trace in the form of Grafana's trace view.
func Trace(t store.Trace) *data.Frame {
	frame := data.NewFrame("trace",
		data.NewField("traceID", nil, []string{}), data.NewField("spanID", nil, []string{}),
		data.NewField("parentSpanID", nil, []*string{}), data.NewField("operationName", nil, []string{}),
		data.NewField("serviceName", nil, []string{}), data.NewField("kind", nil, []string{}),
		data.NewField("statusCode", nil, []int64{}), data.NewField("statusMessage", nil, []string{}),
		data.NewField("startTime", nil, []float64{}), data.NewField("duration", nil, []float64{}),
		data.NewField("serviceTags", nil, []json.RawMessage{}), data.NewField("tags", nil, []json.RawMessage{}),
		data.NewField("logs", nil, []json.RawMessage{}), data.NewField("references", nil, []json.RawMessage{}),
		data.NewField("warnings", nil, []json.RawMessage{}),
	)
	events, omitted := eventsBySpan(t.Events), omittedBySpan(t.Omitted)
	for _, s := range t.Spans {
		frame.AppendRow(t.TraceID, s.SpanID, parentOf(s), s.Name, s.Service, strings.ToLower(s.Kind),
			statusCodes[s.Status], s.StatusMessage, ms(s.StartUnixNano), ms(s.EndUnixNano-s.StartUnixNano),
			asJSON([]tag{{"service.name", s.Service}}), asJSON(tagsOf(s)), asJSON(logsOf(s, events[s.SpanID])),
			asJSON(referencesOf(s)), asJSON(warningsOf(s, omitted[s.SpanID])))
	}
	if t.Omitted == nil {
		t.Omitted = []store.OmittedChildren{}
	}
	frame.Meta = &data.FrameMeta{
		PreferredVisualization: data.VisTypeTrace,
		Custom:                 traceMeta{t.ExecutionARN, t.Status, t.Truncated, t.Omitted},
	}
	if t.Truncated {
		frame.AppendNotices(data.Notice{
			Severity: data.NoticeSeverityWarning, Text: "The store holds more of this trace than is shown",
		})
	}
	return frame
}

// statusCodes are OpenTelemetry's.
var statusCodes = map[string]int64{"UNSET": 0, "OK": 1, "ERROR": 2}

func ms(nanoseconds int64) float64 { return float64(nanoseconds) / 1e6 }

func parentOf(s store.Span) *string {
	if s.ParentSpanID == "" {
		return nil
	}
	return &s.ParentSpanID
}

// tagsOf are a span's attributes by name, with the evidence of its place. Grafana before 10.3 knows an error by a tag.
func tagsOf(s store.Span) []tag {
	tags := attributes(s.Attributes)
	if s.Join != nil {
		tags = append(tags, tag{"steptrace.join.method", s.Join.Method},
			tag{"steptrace.join.confidence", fmt.Sprint(s.Join.Confidence)})
	}
	if s.Status == "ERROR" {
		tags = append(tags, tag{"error", "true"})
	}
	return tags
}

func attributes(of map[string]string) []tag {
	tags := make([]tag, 0, len(of))
	for _, key := range slices.Sorted(maps.Keys(of)) {
		tags = append(tags, tag{key, of[key]})
	}
	return tags
}

// logsOf are the span's own events and those of the history that belong to it, by time.
func logsOf(s store.Span, history []store.Event) []spanLog {
	logs := make([]spanLog, 0, len(s.Events)+len(history))
	for _, e := range s.Events {
		logs = append(logs, spanLog{ms(e.TimeUnixNano), e.Name, named(e.Name, attributes(e.Attributes))})
	}
	for _, e := range history {
		logs = append(logs, spanLog{ms(e.TimeUnixNano), e.Type, named(e.Type, []tag{{semconv.EventID, fmt.Sprint(e.ID)}})})
	}
	slices.SortStableFunc(logs, func(a, b spanLog) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return logs
}

// named puts the name before the fields, for Grafana before 10.4 shows these alone.
func named(name string, fields []tag) []tag { return append([]tag{{"event", name}}, fields...) }

func referencesOf(s store.Span) []reference {
	references := make([]reference, 0, len(s.Links))
	for _, l := range s.Links {
		references = append(references, reference{l.TraceID, l.SpanID, "FOLLOWS_FROM", attributes(l.Attributes)})
	}
	return references
}

func warningsOf(s store.Span, omitted *store.ChildrenCounts) []string {
	warnings := []string{}
	if s.Attributes[semconv.Open] == "true" {
		warnings = append(warnings, "It has not ended yet, or its end is not known")
	}
	if missing := s.Attributes[semconv.EventsMissing]; missing != "" && missing != "0" {
		warnings = append(warnings, missing+" events of the history are missing")
	}
	if o := omitted; o != nil {
		warnings = append(warnings, fmt.Sprintf("Executions that are not shown: %d failed, %d timed out, %d aborted, "+
			"%d running, %d succeeded", o.Failed, o.TimedOut, o.Aborted, o.Running, o.Succeeded))
	}
	return warnings
}

func eventsBySpan(events []store.Event) map[string][]store.Event {
	by := map[string][]store.Event{}
	for _, e := range events {
		by[e.SpanID] = append(by[e.SpanID], e)
	}
	return by
}

func omittedBySpan(omitted []store.OmittedChildren) map[string]*store.ChildrenCounts {
	by := map[string]*store.ChildrenCounts{}
	for n := range omitted {
		by[omitted[n].SpanID] = &omitted[n].ChildrenCounts
	}
	return by
}

// asJSON is the JSON of lists of texts and finite numbers, which have one.
func asJSON(list any) json.RawMessage {
	text, err := json.Marshal(list)
	if err != nil {
		return json.RawMessage("[]")
	}
	return text
}
