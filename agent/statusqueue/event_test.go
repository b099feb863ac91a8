package statusqueue_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/statusqueue"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

const redriven = `{"version":"0","id":"1","detail-type":"Step Functions Execution Status Change","source":"aws.states",
	"account":"123456789012","time":"2026-11-23T08:00:00Z","region":"eu-west-1","resources":[],
	"detail":{"executionArn":"arn:aws:states:eu-west-1:123456789012:execution:m:run",
		"stateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:m","name":"run","status":"FAILED",
		"startDate":1795420800123,"stopDate":1795420801123,"input":"{}","output":null,
		"stateMachineVersionArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:m:3","stateMachineAliasArn":null,
		"redriveCount":2,"error":null,"cause":null}}`

func TestParse(t *testing.T) {
	want := stepfunctions.Execution{
		ARN:          "arn:aws:states:eu-west-1:123456789012:execution:m:run",
		StateMachine: "arn:aws:states:eu-west-1:123456789012:stateMachine:m",
		Version:      "arn:aws:states:eu-west-1:123456789012:stateMachine:m:3",
		Started:      time.Date(2026, 11, 23, 8, 0, 0, 123e6, time.UTC),
		Stopped:      time.Date(2026, 11, 23, 8, 0, 1, 123e6, time.UTC),
		Status:       "FAILED", RedriveCount: 2,
	}
	got, err := statusqueue.Parse(redriven)
	require.NoError(t, err)
	require.Equal(t, want, got)

	wrapped, err := json.Marshal(map[string]string{"Type": "Notification", "MessageId": "1", "Message": redriven})
	require.NoError(t, err)
	got, err = statusqueue.Parse(string(wrapped))
	require.NoError(t, err)
	require.Equal(t, want, got, "as SNS sends it")
}

func TestParseSaysWhatIsNotAsExpected(t *testing.T) {
	for body, want := range map[string]string{
		"hello": "is no EventBridge event",
		`{"source":"aws.s3","detail-type":"Object Created"}`:                                                    `is of source "aws.s3"`,
		`{"source":"aws.states","detail-type":"Step Functions Execution Status Change","detail":{}}`:            "is no ARN",
		`{"source":"aws.states","detail-type":"Step Functions Execution Status Change","detail":{"status":[]}}`: "is no EventBridge event",
	} {
		_, err := statusqueue.Parse(body)
		require.ErrorContains(t, err, want, body)
	}
}

func TestParseRecordings(t *testing.T) {
	dir := os.Getenv("STEPTRACE_RECORDINGS")
	if dir == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "events", "sfn_status_change_*.json"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 7)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		e, err := statusqueue.Parse(string(body))
		require.NoError(t, err, file)
		require.False(t, e.Started.IsZero(), file)
		require.Equal(t, e.Status == "RUNNING", e.Stopped.IsZero(), file)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(redriven)
	f.Add(`{"Type":"Notification","Message":"{}"}`)
	f.Fuzz(func(t *testing.T, body string) {
		e, err := statusqueue.Parse(body)
		if err == nil && (e.ARN == "" || e.StateMachine == "" || e.Status == "" || e.RedriveCount < 0) {
			t.Errorf("%q gave %+v", body, e)
		}
	})
}
