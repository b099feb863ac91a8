package history_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

// logLine is as recorded of an Express execution, but for the payload.
const logLine = `{"id":"10","type":"ChoiceStateEntered","details":{"input":"{}","inputDetails":{"truncated":false},` +
	`"name":"Is Attempted?"},"previous_event_id":"9","event_timestamp":"1654882975216",` +
	`"execution_arn":"arn:aws:states:us-east-1:123456789012:express:Jobs:c9becabb:57741e9b"}`

func TestDecodeLogsReadsALine(t *testing.T) {
	got, err := history.DecodeLogs("x", []byte(logLine))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "arn:aws:states:us-east-1:123456789012:express:Jobs:c9becabb:57741e9b", got[0].ExecutionARN)
	require.Equal(t, int64(10), got[0].ID)
	require.Equal(t, int64(9), got[0].PreviousID)
	require.Equal(t, "ChoiceStateEntered", got[0].Type)
	require.Equal(t, time.Date(2022, 6, 10, 17, 42, 55, 216e6, time.UTC), got[0].Time)
	require.Equal(t, `{"name":"Is Attempted?","input":"{}","inputDetails":{"truncated":false}}`, got[0].Details.JSON())
}

// A line comes wrapped in different ways, depending on who fetched it.
func TestDecodeLogsUnwraps(t *testing.T) {
	quoted := `"` + strings.ReplaceAll(strings.ReplaceAll(logLine, `\`, `\\`), `"`, `\"`) + `"`
	want, err := history.DecodeLogs("x", []byte(logLine))
	require.NoError(t, err)
	for name, body := range map[string]string{
		"FilterLogEvents": `{"events":[{"logStreamName":"s","message":` + quoted + `}],"searchedLogStreams":[]}`,
		"GetQueryResults": `{"status":"Complete","results":[[{"field":"@timestamp","value":"2022-06-10"},` +
			`{"field":"@message","value":` + quoted + `},{"field":"@ptr","value":"x"}]]}`,
		"AWS tries the group": `{"events":[{"logStreamName":"` + history.ValidationStream +
			`","message":"Permissions are set correctly"},{"logStreamName":"s","message":` + quoted + `}]}`,
		"AWS tries the group, subscribed": `{"messageType":"DATA_MESSAGE","logStream":"` + history.ValidationStream +
			`","logEvents":[{"message":"Permissions are set correctly"}]}` + logLine,
		"subscription": `{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":` + quoted + `}]}`,
		"trial of the log group": `{"events":[{"message":"Permissions are set correctly to allow AWS CloudWatch Logs to write ` +
			`into your logs while creating a subscription."},{"message":` + quoted + `}]}`,
		"control message before": `{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL: health"}]}` + logLine,
		"list of texts":          `[` + quoted + `]`,
		"texts":                  quoted,
		"separated by tabs":      "\t" + logLine + "\t",
	} {
		got, err := history.DecodeLogs("x", []byte(body))
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	twice, err := history.DecodeLogs("x", []byte(logLine+"\n"+logLine+"\n"))
	require.NoError(t, err)
	require.Len(t, twice, 2)
}

func TestDecodeLogsReadsNumbersInDetailsEitherWay(t *testing.T) {
	const rest = `,"id":1,"previous_event_id":0,"event_timestamp":5,"execution_arn":"a"}`
	got, err := history.DecodeLogs("x", []byte(`{"type":"MapIterationStarted","details":{"index":"3","name":"M"}`+rest+
		`{"type":"MapStateStarted","details":{"length":2}`+rest+
		`{"redrive_count":null,"type":"MapStateSucceeded"`+rest+
		`{"type":"ExecutionRedriven","redrive_count":"2","map_run_arn":"arn:m"`+rest))
	require.NoError(t, err)
	require.Equal(t, int64(3), *got[0].Details.Index)
	require.Equal(t, int64(2), *got[1].Details.Length)
	require.Equal(t, int64(2), *got[3].Details.RedriveCount)
	require.Equal(t, `{"redriveCount":2,"map_run_arn":"arn:m"}`, got[3].Details.JSON())
}

func TestDecodeLogsNamesWhatIsMalformed(t *testing.T) {
	line := func(from, to string) string { return strings.Replace(logLine, from, to, 1) }
	cases := []struct{ name, body, want string }{
		{"cut off", logLine + "\n" + logLine[:99], "l.jsonl:2 is not whole"},
		{"words", logLine + "\nSTARTED", "l.jsonl:2 is not JSON"},
		{"time before the line", logLine + "\n2024-06-10T13:44 {}", "l.jsonl:2: want the JSON object of an event, have 2024"},
		{"no id", line(`"id":"10",`, ""), "log line l.jsonl: event without id: id: is missing"},
		{"id of letters", line(`"10"`, `"ten"`), "event without id: id: want an integer from 1, have ten"},
		{"no ARN", "\n" + line("execution_arn", "arn"), "log line l.jsonl:2: event 10: execution_arn: is missing"},
		{"empty type", line("ChoiceStateEntered", ""), "event 10: type: is empty"},
		{"seconds with fraction", line("1654882975216", "1654882975.216"), "event 10: event_timestamp: want an integer from 0"},
		{"time beyond", line("1654882975216", "9000000000000"), "event_timestamp: want epoch milliseconds"},
		{"negative link", line(`"9"`, `"-1"`), "event 10: previous_event_id: want an integer from 0, have -1"},
		{"name is a number", line(`"Is Attempted?"`, "5"), "event 10: details: name: want a string, have 5"},
		{"details are text", `{"id":"1","type":"T","event_timestamp":"1","execution_arn":"a","details":"x"}`, "event 1: details: want an object"},
		{"message is no JSON", `{"events":[{"message":"{}"}]}`, "log line l.jsonl: message 1: event without id"},
		{"message is text", `{"logEvents":[{"message":"START"}]}`, "message 1: want the JSON of an event, have START"},
		{"no message in a result", `{"results":[[{"field":"@ptr","value":"x"}],[{"field":"@message","value":"START"}]]}`, "message 1: want the JSON of an event, have START"},
		{"no message", `{"events":[{}]}`, "message 1: is empty"},
		{"history instead", `{"events":[{"id":1,"type":"T","timestamp":1}]}`, "this is a history"},
		{"number", "5", "want the JSON object of an event, have 5"},
		{"deep", "[[[[[]]]]]", "wrapped too deep"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := history.DecodeLogs("l.jsonl", []byte(c.body))
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "l.jsonl")
		})
	}
}

// TestRecordedLogsSayWhatTheHistorySays compares each recorded line with the event of the same id in the history.
func TestRecordedLogsSayWhatTheHistorySays(t *testing.T) {
	for _, file := range historytest.Recorded(t, "histories/*.vendedlog.jsonl", 14) {
		logged := historytest.Logged(t, file)
		events := historytest.Events(t, strings.TrimSuffix(file, ".vendedlog.jsonl")+".history.json")
		require.NotEmpty(t, logged)
		for _, l := range logged {
			want := events[l.ID-1]
			if strings.HasSuffix(file, "_False.vendedlog.jsonl") { // without includeExecutionData
				want.Details = l.Details
			}
			require.Equal(t, want, l.Event, file)
		}
	}
}

func FuzzDecodeLogs(f *testing.F) {
	f.Add([]byte(logLine))
	f.Add([]byte(`{"events":[{"message":"{\"id\":\"1\",\"type\":\"T\",\"event_timestamp\":\"5\",\"execution_arn\":\"a\"}"}]}`))
	f.Add([]byte(`{"messageType":"DATA_MESSAGE","logEvents":[{"message":"[]"}]} ["x"]`))
	f.Add([]byte(`{"id":1,"type":"T","event_timestamp":5,"execution_arn":"a","details":{"index":"3"},"name":"\ud800"}`))
	historytest.Seeds(f, "histories/*.vendedlog.jsonl")
	historytest.Seeds(f, "logs/*.json*")
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := history.DecodeLogs("fuzz", body)
		if err != nil {
			return
		}
		for _, e := range events {
			if e.ID < 1 || e.PreviousID < 0 || e.Type == "" || e.ExecutionARN == "" || e.Time.UnixNano() < 0 {
				t.Fatalf("accepted %+v", e)
			}
			checkDetails(t, e)
		}
	})
}

// checkDetails wants details that are JSON and, read again, the same.
func checkDetails(t *testing.T, e history.LogEvent) {
	t.Helper()
	details := e.Details.JSON()
	line := bytes.Join([][]byte{
		[]byte(`{"id":"1","type":"T","event_timestamp":"1","execution_arn":"a","details":`), []byte(details), []byte(`}`),
	}, nil)
	again, err := history.DecodeLogs("again", line)
	if err != nil {
		t.Fatalf("details %s are no JSON: %v", details, err)
	}
	if got := again[0].Details.JSON(); got != details {
		t.Fatalf("details %s became %s", details, got)
	}
}
