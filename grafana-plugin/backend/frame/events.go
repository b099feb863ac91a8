package frame

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/store"
)

// eventLabels are those of a log line, all text as Grafana's log frames want it.
type eventLabels struct {
	Type    string `json:"type"`
	State   string `json:"state,omitempty"`
	Redrive string `json:"redrive_count"`
}

// Events are the events of a history as log lines, by id.
func Events(events []store.HistoryEvent) *data.Frame {
	frame := data.NewFrame("events",
		data.NewField("timestamp", nil, []time.Time{}), data.NewField("body", nil, []string{}),
		data.NewField("severity", nil, []string{}), data.NewField("id", nil, []string{}),
		data.NewField("labels", nil, []json.RawMessage{}), data.NewField("event_id", nil, []int64{}),
		data.NewField("previous_id", nil, []int64{}), data.NewField("type", nil, []string{}),
		data.NewField("state", nil, []string{}), data.NewField("span_id", nil, []string{}),
		data.NewField("payload", nil, []string{}),
	)
	for _, e := range events {
		redrive := strconv.Itoa(e.RedriveCount)
		frame.AppendRow(e.Time, line(e), strings.ToLower(e.Severity), strconv.FormatInt(e.ID, 10),
			asJSON(eventLabels{e.Type, e.State, redrive}), e.ID, e.PreviousID, e.Type, e.State, e.SpanID, string(e.Payload))
	}
	frame.Meta = &data.FrameMeta{
		Type: data.FrameTypeLogLines, TypeVersion: data.FrameTypeVersion{0, 0}, PreferredVisualization: data.VisTypeLogs,
	}
	return frame
}

var oneLine = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

// maxLine is as much as somebody reads of a line, in bytes; the whole payload is in a field of its own.
const maxLine = 4 << 10

// line is what an event says in one line.
func line(e store.HistoryEvent) string {
	payload := e.Payload[:min(len(e.Payload), maxLine)]
	parts := make([]string, 0, 3)
	for _, part := range []string{e.Type, e.State, oneLine.Replace(string(payload))} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	text := strings.Join(parts, " ")
	if len(text) <= maxLine && len(payload) == len(e.Payload) {
		return text
	}
	return strings.ToValidUTF8(text[:min(len(text), maxLine)], "") + "…"
}
