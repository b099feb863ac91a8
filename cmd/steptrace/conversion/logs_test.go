package conversion_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/cmd/steptrace/conversion"
)

// logLines writes a history as text the way Step Functions logs it.
func logLines(t testing.TB, arn, text string) []byte {
	t.Helper()
	return bytes.Join(linesOf(t, arn, text), nil)
}

func linesOf(t testing.TB, arn, text string) [][]byte {
	t.Helper()
	var lines [][]byte
	for _, event := range historytest.JSON(t, text) {
		var e map[string]any
		require.NoError(t, json.Unmarshal([]byte(event), &e))
		line := map[string]any{
			"execution_arn": arn, "type": e["type"], "details": map[string]any{}, "redrive_count": "0",
			"id": fmt.Sprint(e["id"]), "previous_event_id": fmt.Sprint(e["previousEventId"]),
			"event_timestamp": fmt.Sprint(int64(math.Round(e["timestamp"].(float64) * 1000))),
		}
		for name, v := range e {
			if strings.HasSuffix(name, "EventDetails") {
				line["details"] = v
			}
		}
		body, err := json.Marshal(line)
		require.NoError(t, err)
		lines = append(lines, append(body, '\n'))
	}
	return lines
}

const nested = `
	1 <- 0 +0 ExecutionStarted input={}
	2 <- 0 +5 ParallelStateEntered name=Both
	3 <- 2 +5 ParallelStateStarted
	4 <- 3 +6 MapStateEntered name=Each
	5 <- 4 +6 MapStateStarted length=2
	6 <- 3 +7 WaitStateEntered name=Wait
	7 <- 5 +8 MapIterationStarted name=Each index=0
	8 <- 5 +8 MapIterationStarted name=Each index=1
	9 <- 7 +9 TaskStateEntered name=Put
	10 <- 9 +9 TaskScheduled resourceType=dynamodb resource=putItem
	11 <- 10 +20 TaskFailed resourceType=dynamodb resource=putItem error=E cause=c
	12 <- 11 +20 MapIterationFailed name=Each index=0
	13 <- 12 +20 MapIterationAborted name=Each index=1
	14 <- 13 +21 MapStateFailed
	15 <- 14 +21 WaitStateAborted
	16 <- 14 +22 ParallelStateFailed
	17 <- 16 +22 ExecutionFailed error=E cause=c
`

func TestLogLinesOfSeveralExecutions(t *testing.T) {
	const b = "arn:aws:states:eu-west-1:123456789012:express:images:b:c"
	mixed := bytes.Join([][]byte{logLines(t, b, other), logLines(t, arn, first), logLines(t, arn, second)}, nil)
	files := []conversion.File{{Name: "l.jsonl", Body: mixed}, {Name: "again.jsonl", Body: logLines(t, b, other)}}
	executions, err := conversion.Convert(files, conversion.Config{Format: conversion.VendedLogs})
	require.NoError(t, err)
	require.Equal(t, []string{arn + " SUCCEEDED 4", b + " ABORTED 2"}, summaries(executions))
	one, err := conversion.Convert(files, conversion.Config{Format: conversion.VendedLogs, Execution: known})
	require.NoError(t, err)
	require.Equal(t, []string{arn + " SUCCEEDED 4"}, summaries(one))
}

// CloudWatch Logs delivers in any order, more than once, and not always: what comes is one tree of what is there, and
// the whole history's when nothing is lost.
func TestDeliveryOfLogLinesDoesNotMatter(t *testing.T) {
	lines := linesOf(t, arn, nested)
	cfg := conversion.Config{Format: conversion.VendedLogs}
	want := convertOne(t, conversion.Config{Format: conversion.History, Execution: known}, file(t, "h.json", nested)).Trace()
	rapid.Check(t, func(r *rapid.T) {
		came := rapid.SliceOfN(rapid.IntRange(0, len(lines)-1), 1, 3*len(lines)).Draw(r, "lines that came")
		var body []byte
		unique := make(map[int]bool)
		for _, i := range came {
			body = append(body, lines[i]...)
			unique[i] = true
		}
		e := convertOne(t, cfg, conversion.File{Name: "l", Body: body})
		requireSound(t, e.Trace(), len(unique))
		order := rapid.Permutation(lines).Draw(r, "order")
		all := convertOne(t, cfg, conversion.File{Name: "l", Body: append(bytes.Join(order, nil), body...)})
		require.Equal(t, want, all.Trace())
	})
}

func TestWhatASubscriptionHandsToALambdaFunction(t *testing.T) {
	lines := linesOf(t, arn, first)
	messages := make([]map[string]string, len(lines))
	for i, line := range lines {
		messages[i] = map[string]string{"message": string(line)}
	}
	payload, err := json.Marshal(map[string]any{"messageType": "DATA_MESSAGE", "logEvents": messages})
	require.NoError(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(payload)
	require.NoError(t, errors.Join(err, z.Close()))
	event := fmt.Sprintf(`{"awslogs":{"data":%q}}`, base64.StdEncoding.EncodeToString(packed.Bytes()))

	cfg := conversion.Config{Format: conversion.VendedLogs}
	want := convertOne(t, cfg, conversion.File{Name: "l", Body: bytes.Join(lines, nil)})
	require.Equal(t, want, convertOne(t, cfg, conversion.File{Name: "l", Body: []byte(event)}))
	for body, wrong := range map[string]string{
		`{"awslogs":{"data":"!"}}`:    "l: awslogs.data is not base64",
		`{"awslogs":{"data":"AAAA"}}`: "l: awslogs.data is not gzip",
	} {
		_, err := conversion.Convert([]conversion.File{{Name: "l", Body: []byte(body)}}, cfg)
		require.ErrorContains(t, err, wrong)
	}
}
