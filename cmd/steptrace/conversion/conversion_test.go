package conversion_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/cmd/steptrace/conversion"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

const arn = "arn:aws:states:eu-west-1:123456789012:execution:images:a"

// known is what --execution-arn tells.
var known = conversion.Described{Execution: convert.Execution{ARN: arn}}

// page is the body of GetExecutionHistory for a history as text.
func page(t testing.TB, text string) []byte {
	t.Helper()
	return []byte(`{"events":[` + strings.Join(historytest.JSON(t, text), ",") + `]}`)
}

func file(t testing.TB, name, text string) conversion.File {
	t.Helper()
	return conversion.File{Name: name, Body: page(t, text)}
}

func convertOne(t testing.TB, cfg conversion.Config, files ...conversion.File) conversion.Execution {
	t.Helper()
	executions, err := conversion.Convert(files, cfg)
	require.NoError(t, err)
	require.Len(t, executions, 1)
	return executions[0]
}

// running is an execution that waits in its second state.
const running = `
	1 <- 0 +0 ExecutionStarted input={}
	2 <- 0 +5 TaskStateEntered name=Put
	3 <- 2 +5 TaskScheduled resourceType=dynamodb resource=putItem parameters=` + "`" + `{"TableName":"Images"}` + "`" + `
	4 <- 3 +6 TaskStarted resourceType=dynamodb resource=putItem
	5 <- 4 +9 TaskFailed resourceType=dynamodb resource=putItem error=Throttled cause="slow down"
	6 <- 5 +1009 TaskScheduled resourceType=dynamodb resource=putItem
`

func span(kind string, event int64) string { return spanid.Span(kind, arn, 0, event).String() }

// TestTrace compares with the trace that the store gives for these events, written by hand.
func TestTrace(t *testing.T) {
	e := convertOne(t, conversion.Config{Format: conversion.History, Execution: known}, file(t, "h.json", running))
	ms := func(n int64) int64 { return (historytest.Epoch.UnixMilli() + n) * 1e6 }
	common := map[string]string{semconv.ExecutionARN: arn, semconv.RedriveCount: "0"}
	task := []string{
		"aws.step_functions.resource_type", "dynamodb", "aws.step_functions.resource", "putItem",
		"aws.step_functions.integration_pattern", "request_response", "rpc.system", "aws-api", "rpc.service", "DynamoDB",
		"rpc.method", "PutItem", "db.system.name", "aws.dynamodb",
	}
	with := func(pairs ...string) map[string]string {
		attrs := make(map[string]string)
		for key, v := range common {
			attrs[key] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			attrs[pairs[i]] = pairs[i+1]
		}
		return attrs
	}
	require.Equal(t, store.Trace{
		TraceID: spanid.Trace(arn).String(), ExecutionARN: arn, Status: "RUNNING",
		Spans: []store.Span{
			{
				SpanID: span("execution", 1), Name: "images", Kind: "INTERNAL", Status: "UNSET", Service: "images",
				StartUnixNano: ms(0), EndUnixNano: ms(1009),
				Attributes: with("steptrace.kind", "execution", "aws.step_functions.event.id", "1",
					"aws.step_functions.execution.name", "a", "steptrace.open", "true"),
			},
			{
				SpanID: span("state", 2), ParentSpanID: span("execution", 1), Name: "Put", Kind: "INTERNAL", Status: "UNSET",
				Service: "images", StartUnixNano: ms(5), EndUnixNano: ms(1009),
				Attributes: with("steptrace.kind", "state", "aws.step_functions.event.id", "2",
					"aws.step_functions.state.name", "Put", "aws.step_functions.state.type", "Task", "steptrace.open", "true"),
			},
			{
				SpanID: span("attempt", 3), ParentSpanID: span("state", 2), Name: "dynamodb putItem", Kind: "CLIENT",
				Status: "ERROR", StatusMessage: "Throttled: slow down", Service: "images",
				StartUnixNano: ms(5), EndUnixNano: ms(9),
				Attributes: with(append(task, "steptrace.kind", "attempt", "aws.step_functions.event.id", "3",
					"aws.step_functions.attempt.retry_count", "0", "aws.step_functions.state.name", "Put",
					"aws.dynamodb.table_names", `["Images"]`,
					"aws.step_functions.attempt.queue_time", "0.001", "aws.step_functions.error", "Throttled",
					"error.type", "Throttled", "aws.step_functions.cause", "slow down")...),
				Events: []store.SpanEvent{{Name: "started", TimeUnixNano: ms(6), Attributes: map[string]string{}}},
			},
			{
				SpanID: span("attempt", 6), ParentSpanID: span("state", 2), Name: "dynamodb putItem", Kind: "CLIENT",
				Status: "UNSET", Service: "images", StartUnixNano: ms(1009), EndUnixNano: ms(1009),
				Attributes: with(append(task, "steptrace.kind", "attempt", "aws.step_functions.event.id", "6",
					"aws.step_functions.attempt.retry_count", "1", "aws.step_functions.state.name", "Put",
					"aws.step_functions.attempt.backoff_time", "1", "steptrace.open", "true")...),
			},
		},
		Events: []store.Event{
			{ID: 1, Type: "ExecutionStarted", TimeUnixNano: ms(0), SpanID: span("execution", 1)},
			{ID: 2, Type: "TaskStateEntered", TimeUnixNano: ms(5), SpanID: span("state", 2)},
			{ID: 3, Type: "TaskScheduled", TimeUnixNano: ms(5), SpanID: span("attempt", 3)},
			{ID: 4, Type: "TaskStarted", TimeUnixNano: ms(6), SpanID: span("attempt", 3)},
			{ID: 5, Type: "TaskFailed", TimeUnixNano: ms(9), SpanID: span("attempt", 3)},
			{ID: 6, Type: "TaskScheduled", TimeUnixNano: ms(1009), SpanID: span("attempt", 6)},
		},
	}, e.Trace())
}

// TestOTLP compares with OTLP/JSON written by hand in testdata; ids stand there as {KIND EVENT}.
func TestOTLP(t *testing.T) {
	e := convertOne(t, conversion.Config{Format: conversion.History, Execution: known}, file(t, "h.json", `
		1 <- 0 +0 ExecutionStarted input={}
		2 <- 0 +5 WaitStateEntered name=Wait
		3 <- 2 +7 ExecutionFailed error=Boom cause=broken
	`))
	ids := strings.NewReplacer("{trace}", spanid.Trace(arn).String(),
		"{execution 1}", span("execution", 1), "{state 2}", span("state", 2))
	for name, marshal := range map[string]func([]conversion.Execution) ([]byte, error){
		"testdata/failed.traces.json": conversion.TracesJSON, "testdata/failed.logs.json": conversion.LogsJSON,
	} {
		want, err := os.ReadFile(name)
		require.NoError(t, err)
		got, err := marshal([]conversion.Execution{e})
		require.NoError(t, err)
		require.JSONEq(t, ids.Replace(string(want)), string(got), name)
	}
}

const redriven = `
	1 <- 0 +0 ExecutionStarted
	2 <- 0 +5 PassStateEntered name=P
	3 <- 2 +6 ExecutionFailed error=E
	4 <- 3 +50 ExecutionRedriven redriveCount=1
	5 <- 4 +51 PassStateEntered name=P
`

// What a redrive goes on with is one span, as it stands at the end of the history.
func TestRedrivenExecutionIsOneTree(t *testing.T) {
	cfg := conversion.Config{Format: conversion.History, Execution: known}
	open := convertOne(t, cfg, file(t, "h.json", redriven))
	require.Equal(t, "RUNNING", open.Status)
	requireSound(t, open.Trace(), 5)
	ended := convertOne(t, cfg, file(t, "h.json", redriven+`
		6 <- 5 +52 PassStateExited name=P
		7 <- 6 +53 ExecutionSucceeded`))
	require.Equal(t, "SUCCEEDED", ended.Status)
	requireSound(t, ended.Trace(), 7)
	require.Equal(t, "UNSET", ended.Trace().Spans[0].Status)
}

func TestDescribeTellsWhatTheHistoryLacks(t *testing.T) {
	d, err := conversion.ParseDescribe("d.json", []byte(`{"executionArn":"`+arn+`","status":"TIMED_OUT","startDate":1795420700.5,
		"stateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:images","input":"{}"}`))
	require.NoError(t, err)
	e := convertOne(t, conversion.Config{Format: conversion.History, Execution: d}, file(t, "h.json", "7 <- 6 +5 WaitStateEntered name=W"))
	require.Equal(t, "TIMED_OUT", e.Status)
	require.Equal(t, int64(1795420700500e6), e.Trace().Spans[0].StartUnixNano)
	require.Equal(t, []conversion.Range{{From: 1, To: 6}}, e.Missing)
	ended := convertOne(t, conversion.Config{Format: conversion.History, Execution: d}, file(t, "h.json", "1 <- 0 +0 ExecutionAborted"))
	require.Equal(t, "ABORTED", ended.Status)
}

func TestParseDescribeNamesWhatIsWrong(t *testing.T) {
	for body, want := range map[string]string{
		`[]`:                       "d.json is not the JSON of DescribeExecution",
		`{}`:                       `d.json is not the JSON of DescribeExecution: executionArn: want an execution's ARN`,
		`{"executionArn":"arn:x"}`: `have "arn:x"`,
		`{"executionArn":"arn:aws:states:eu-west-1:1:stateMachine:m"}`: `have "arn:aws:states:eu-west-1:1:stateMachine:m"`,
		`{"executionArn":"` + arn + `","startDate":"noon"}`:            `d.json: startDate: want epoch seconds or an ISO 8601 time, have "noon"`,
	} {
		_, err := conversion.ParseDescribe("d.json", []byte(body))
		require.ErrorContains(t, err, want)
	}
}

func TestCheckARN(t *testing.T) {
	require.NoError(t, conversion.CheckARN("arn:aws:states:us-east-1:1:express:m:a:b"))
	require.NoError(t, conversion.CheckARN("arn:aws-cn:states:cn-north-1:1:execution:m/label:a"))
	require.Error(t, conversion.CheckARN("arn:aws:states:us-east-1:1:execution:m"))
	require.Error(t, conversion.CheckARN("arn:aws:lambda:us-east-1:1:execution:m:a"))
}

func TestParseDefinition(t *testing.T) {
	const text = `{"StartAt":"P","States":{"P":{"Type":"Parallel","Branches":[{"States":{"A":{"Type":"Pass"}}}]}}}`
	quoted, err := json.Marshal(text)
	require.NoError(t, err)
	for name, body := range map[string]string{"ASL": text, "DescribeStateMachine": `{"name":"m","definition":` + string(quoted) + `}`} {
		d, err := conversion.ParseDefinition("d.json", []byte(body))
		require.NoError(t, err, name)
		place, ok := d.Place("A")
		require.True(t, ok, name)
		require.Equal(t, "P", place.Parent, name)
	}
	for body, want := range map[string]string{
		`StartAt:`:           "d.json is not a state machine's definition in JSON",
		`{}`:                 `d.json has no member "States"`,
		`{"definition":"x"}`: "d.json: definition is not a state machine's definition in JSON",
	} {
		_, err := conversion.ParseDefinition("d.json", []byte(body))
		require.ErrorContains(t, err, want)
	}
}

// requireSound wants one tree of unique spans in which every event is named once, in order.
func requireSound(t *testing.T, trace store.Trace, events int) {
	t.Helper()
	spans := make(map[string]store.Span)
	for _, s := range trace.Spans {
		require.NotContains(t, spans, s.SpanID)
		require.LessOrEqual(t, s.StartUnixNano, s.EndUnixNano)
		spans[s.SpanID] = s
	}
	require.True(t, trace.Connected())
	require.Len(t, trace.Events, events)
	for i, e := range trace.Events {
		require.Contains(t, spans, e.SpanID, "event %d", e.ID)
		require.True(t, i == 0 || e.ID > trace.Events[i-1].ID)
	}
}
