// Package vendedlogstest writes histories as log lines of Step Functions and collects what comes of them, for tests.
package vendedlogstest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/steptrace/steptrace/agent/history/historytest"
)

// Simple is an execution of four events, as package historytest writes them.
const Simple = `
	1 <- 0 +0 ExecutionStarted input={}
	2 <- 0 +10 PassStateEntered name=Pass input={}
	3 <- 2 +10 PassStateExited name=Pass output={}
	4 <- 3 +20 ExecutionSucceeded output={}
`

// Line is one log line with the time that it was logged at.
type Line struct {
	At   time.Time
	Text string
}

// Lines are the log lines of an execution, in order, that began at the time.
func Lines(t testing.TB, arn, text string, began time.Time) []Line {
	t.Helper()
	events := historytest.Parse(t, text)
	lines := make([]Line, len(events))
	for i := range events {
		e := &events[i]
		at := began.Add(e.Time.Sub(historytest.Epoch))
		body, err := json.Marshal(map[string]any{
			"id": fmt.Sprint(e.ID), "previous_event_id": fmt.Sprint(e.PreviousID), "type": e.Type, "execution_arn": arn,
			"event_timestamp": fmt.Sprint(at.UnixMilli()), "redrive_count": "0",
			"details": json.RawMessage(e.Details.JSON()),
		})
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = Line{at, string(body)}
	}
	return lines
}

// Subscription is what a subscription delivers of the lines: gzip around JSON.
func Subscription(t testing.TB, lines ...Line) []byte {
	t.Helper()
	var events []string
	for i, l := range lines {
		text, err := json.Marshal(l.Text)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, fmt.Sprintf(`{"id":"%d","timestamp":%d,"message":%s}`, i, l.At.UnixMilli(), text))
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := fmt.Fprintf(w, `{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s",`+
		`"subscriptionFilters":["f"],"logEvents":[%s]}`, strings.Join(events, ","))
	if err != nil || w.Close() != nil {
		t.Fatal("gzip")
	}
	return b.Bytes()
}
