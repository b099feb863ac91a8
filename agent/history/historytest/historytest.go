// Package historytest has what tests of histories need: recorded ones, those of the AWS SDK, and histories as text, so
// that a test shows what it is about. One event a line:
//
//	ID <- PREVIOUS +MILLISECONDS TYPE member=value member="value" member=`value`
//
// as in
//
//	5 <- 4 +35 LambdaFunctionScheduled resource=arn:aws:lambda:eu-west-1:123456789012:function:resize input=`{"w":1}`
//
// Milliseconds count from Epoch. A value without quotes that is a number is a JSON number. Empty lines and lines that
// begin with # are passed over.
package historytest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/steptrace/steptrace/agent/history"
)

// Epoch is the time +0.
var Epoch = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// Parse reads a history as text.
func Parse(t testing.TB, text string) []history.Event {
	t.Helper()
	events, err := history.Decode("text", []byte(`{"events":[`+strings.Join(JSON(t, text), ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// JSON reads a history as text and returns each event as the API sends it.
func JSON(t testing.TB, text string) []string {
	t.Helper()
	var events []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		event, err := event(line)
		if err != nil {
			t.Fatalf("history line %q: %v", line, err)
		}
		events = append(events, event)
	}
	return events
}

func event(line string) (string, error) {
	var id, previous, at int64
	var typ string
	if _, err := fmt.Sscanf(line, "%d <- %d +%d %s", &id, &previous, &at, &typ); err != nil {
		return "", err
	}
	_, rest, _ := strings.Cut(line, typ)
	details, err := written(strings.TrimSpace(rest))
	if err != nil {
		return "", err
	}
	e := map[string]any{
		"id": id, "previousEventId": previous, "type": typ,
		"timestamp": seconds(Epoch.UnixMilli() + at),
	}
	if len(details) > 0 {
		e[detailsKey(typ)] = details
	}
	body, err := json.Marshal(e)
	return string(body), err
}

// seconds writes a time as the API does.
func seconds(milli int64) json.Number { return json.Number(fmt.Sprintf("%.3f", float64(milli)/1000)) }

func written(rest string) (map[string]any, error) {
	details := make(map[string]any)
	for rest != "" {
		name, value, ok := strings.Cut(rest, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not member=value", rest)
		}
		var v any
		if quoted, err := strconv.QuotedPrefix(value); err == nil {
			v, _ = strconv.Unquote(quoted) // QuotedPrefix has checked it
			rest = strings.TrimSpace(value[len(quoted):])
		} else {
			bare, after, _ := strings.Cut(value, " ")
			v, rest = bareValue(bare), strings.TrimSpace(after)
		}
		details[name] = v
	}
	return details, nil
}

func bareValue(s string) any {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	return s
}

// detailsKey is the member that holds the details of the type: lower camel case, shared by all states' types.
func detailsKey(typ string) string {
	switch {
	case strings.HasSuffix(typ, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(typ, "StateExited"):
		return "stateExitedEventDetails"
	}
	return strings.ToLower(typ[:1]) + typ[1:] + "EventDetails"
}
