package vendedlogs_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/vendedlogs"
)

const started = `{"id":"1","type":"ExecutionStarted","details":{},"previous_event_id":"0",` +
	`"event_timestamp":"1718026589161","execution_arn":"` + express + `","redrive_count":"0"}`

func data(events string) string {
	return `{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],` +
		`"logEvents":[` + events + `]}`
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestEnvelope(t *testing.T) {
	event := `{"id":"e1","timestamp":1718026589161,"message":"x"},{"id":"e2","timestamp":1718026589162,"message":"y"}`
	want := []vendedlogs.Message{
		{Group: "g", Stream: "s", ID: "e1", Position: 1, Time: time.UnixMilli(1718026589161).UTC(), Text: "x"},
		{Group: "g", Stream: "s", ID: "e2", Position: 2, Time: time.UnixMilli(1718026589162).UTC(), Text: "y"},
	}
	cases := []struct {
		name string
		body []byte
		want []vendedlogs.Message
	}{
		{"gzip", zipped(t, data(event)), want},
		{"plain", []byte(data(event)), want},
		{"several", append(zipped(t, data("")), zipped(t, data(event))...), want},
		{"control", zipped(t, `{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL"}]}`), nil},
		{"lines alone", []byte(started + "\n"), []vendedlogs.Message{{Position: 1, Text: started}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			messages, _, err := vendedlogs.Envelope(c.body, 1<<20)
			require.NoError(t, err)
			require.Equal(t, c.want, messages)
		})
	}
}

func TestEnvelopeRefuses(t *testing.T) {
	bomb := zipped(t, strings.Repeat(" ", 2<<20))
	require.Less(t, len(bomb), 4096)
	cases := []struct {
		name string
		body []byte
		want string
	}{
		{"a bomb", bomb, "is too large: more than 1048576 bytes when decompressed"},
		{"too much", bytes.Repeat([]byte(" "), 1<<20+1), "is too large"},
		{"half of it", zipped(t, data(""))[:20], "is not gzip"},
		{"text", []byte("hello"), "is not JSON"},
		{"other JSON", []byte(`{"a":1}`), `messageType is "", not DATA_MESSAGE`},
		{"other type", []byte(`{"messageType":"DATA"}`), `messageType is "DATA"`},
		{"a list", []byte(`[1]`), "not a message of CloudWatch Logs"},
		{"wrong member", []byte(`{"messageType":"DATA_MESSAGE","logEvents":"x"}`), "not a message of CloudWatch Logs"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := vendedlogs.Envelope(c.body, 1<<20)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestMessageLines(t *testing.T) {
	at := time.UnixMilli(5).UTC()
	m := vendedlogs.Message{Group: "g", Stream: "s", ID: "e1", Position: 3, Time: at, Text: started}
	lines, err := m.Lines(group)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, group, lines[0].Source)
	require.Equal(t, at, lines[0].Placed)
	for text, want := range map[string]string{
		`{"id":"x"}`:                 `log group "g", stream "s", number 3: log line e1: event without id: id: want an integer`,
		"hello":                      `stream "s", number 3: e1 is not JSON`,
		strings.Repeat(" ", 1<<20+1): "more than a log event can have",
	} {
		m.Text = text
		_, err := m.Lines(group)
		require.ErrorContains(t, err, want)
	}
}

func TestWhatAWSChecksWithIsNoLine(t *testing.T) {
	m := vendedlogs.Message{
		Stream: "log_stream_created_by_aws_to_validate_log_delivery_subscriptions",
		Text:   "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating a subscription.",
	}
	lines, err := m.Lines(group)
	require.NoError(t, err)
	require.Empty(t, lines)
}

func TestRecordedSubscriptionPayload(t *testing.T) {
	dir := os.Getenv("STEPTRACE_RECORDINGS")
	if dir == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	body, err := os.ReadFile(filepath.Join(dir, "logs", "subscription_payload_datadog.json"))
	require.NoError(t, err)
	messages, _, err := vendedlogs.Envelope(body, 1<<20)
	require.NoError(t, err)
	require.Len(t, messages, 1)
	require.Equal(t, "/aws/vendedlogs/states/logs-to-traces-sequential-Logs", messages[0].Group)
	_, err = messages[0].Lines(group)
	require.ErrorContains(t, err, `number 1: 37199773595581154154810589279545129148442535997644275712 is not JSON`)
}

func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(data(`{"id":"e1","timestamp":1,"message":"{}"}`)))
	f.Add(zipped(f, data("")))
	f.Add([]byte(started))
	f.Fuzz(func(t *testing.T, body []byte) {
		messages, size, err := vendedlogs.Envelope(body, 1<<16)
		if size > 1<<16+1 && err == nil {
			t.Fatalf("%d bytes", size)
		}
		for _, m := range messages {
			lines, err := m.Lines(group)
			if err != nil {
				continue
			}
			a := vendedlogs.New(defaults())
			a.Add(at(0), lines...)
			a.Advance(at(30))
			a.Advance(at(25 * 3600))
		}
	})
}
