package frame

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

func TestLinesOfEvents(t *testing.T) {
	at := minute(0)
	f := Events([]store.HistoryEvent{
		{ID: 1, Type: "ExecutionStarted", Time: at, Severity: "INFO", SpanID: "s"},
		{
			ID: 7, PreviousID: 1, Type: "TaskFailed", Time: at, State: "Große 日本", Severity: "ERROR", RedriveCount: 2,
			Payload: json.RawMessage("{\n \"error\":\r\n \"Boom\"}"),
		},
	})
	for name, want := range map[string][]any{
		"timestamp": {at, at}, "severity": {"info", "error"}, "id": {"1", "7"}, "event_id": {int64(1), int64(7)},
		"body":  {"ExecutionStarted", `TaskFailed Große 日本 {  "error":  "Boom"}`},
		"state": {"", "Große 日本"}, "payload": {"", "{\n \"error\":\r\n \"Boom\"}"},
		"labels": {
			json.RawMessage(`{"type":"ExecutionStarted","redrive_count":"0"}`),
			json.RawMessage(`{"type":"TaskFailed","state":"Große 日本","redrive_count":"2"}`),
		},
	} {
		field, _ := f.FieldByName(name)
		require.Equal(t, want, []any{field.At(0), field.At(1)}, name)
	}
}

// A payload has up to 256 KiB, and is in a field of its own: the line has as much of it as somebody reads.
func TestLinesOfLargeEvents(t *testing.T) {
	payload := json.RawMessage(`"` + strings.Repeat("é", 128<<10) + `"`)
	f := Events([]store.HistoryEvent{{ID: 1, Type: "T", Payload: payload}})
	body, _ := f.FieldByName("body")
	line := body.At(0).(string)
	require.LessOrEqual(t, len(line), 4<<10+len("…"))
	require.Greater(t, len(line), 4000)
	require.True(t, utf8.ValidString(line))
	require.True(t, strings.HasPrefix(line, `T "éé`) && strings.HasSuffix(line, "é…"))
	whole, _ := f.FieldByName("payload")
	require.Equal(t, string(payload), whole.At(0))
}
