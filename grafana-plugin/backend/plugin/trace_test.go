package plugin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/steptrace/steptrace/agent/telemetry"
	"github.com/steptrace/steptrace/spanid"
)

// cell is the value of a field in a row.
func cell(f *data.Frame, name string, row int) any {
	field, _ := f.FieldByName(name)
	value, known := field.ConcreteAt(row)
	if !known {
		return nil
	}
	return value
}

func jsonCell(t *testing.T, f *data.Frame, name string, row int, to any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(cell(f, name, row).(json.RawMessage), to))
}

// drawTrace is a trace frame as a tree: times in ms of the day, an error as its message, and the names of its logs.
func drawTrace(t *testing.T, f *data.Frame) string {
	t.Helper()
	depth := map[string]int{}
	var b strings.Builder
	for row := range f.Rows() {
		d := 0
		if parent, known := depth[fmt.Sprint(cell(f, "parentSpanID", row))]; known {
			d = parent + 1
		}
		depth[cell(f, "spanID", row).(string)] = d
		start := cell(f, "startTime", row).(float64) - float64(day.UnixMilli())
		fmt.Fprintf(&b, "%s%s [%s %s] %g+%g", strings.Repeat("  ", d), cell(f, "operationName", row),
			cell(f, "serviceName", row), cell(f, "kind", row), start, cell(f, "duration", row))
		if cell(f, "statusCode", row).(int64) == 2 {
			fmt.Fprintf(&b, " ERROR %s", cell(f, "statusMessage", row))
		}
		var logs []struct {
			Name      string
			Timestamp float64
		}
		jsonCell(t, f, "logs", row, &logs)
		for _, l := range logs {
			fmt.Fprintf(&b, " · %s %g", l.Name, l.Timestamp-float64(day.UnixMilli()))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestATraceIsOneFrame(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	arn := of("orders", "b").ARN
	for _, ref := range []string{arn, spanid.Trace(arn).String()} {
		answer := s.ask(`{"queryType":"trace","execution":"` + ref + `"}`)
		require.NoError(t, answer.Error)
		require.Len(t, answer.Frames, 1)
		f := answer.Frames[0]
		require.Equal(t, data.VisType(data.VisTypeTrace), f.Meta.PreferredVisualization)
		require.Equal(t, "A", f.RefID)
		require.Equal(t, `orders [orders internal] 60000+10000 ERROR Boom: it broke · ExecutionStarted 60000 · ExecutionFailed 70000
  Fetch [orders internal] 60000+2000 · TaskStateEntered 60000 · TaskStateExited 62000
    lambda invoke fetch [orders client] 60000+1500 · LambdaFunctionScheduled 60000 · started 60500 · LambdaFunctionStarted 60500 · LambdaFunctionSucceeded 61500
  Store [orders internal] 62000+8000 ERROR Boom: it broke · TaskStateEntered 62000
    lambda invoke fetch [orders client] 62000+1000 ERROR Boom: it broke · LambdaFunctionScheduled 62000 · started 62500 · LambdaFunctionStarted 62500 · LambdaFunctionFailed 63000
    lambda invoke fetch [orders client] 65000+5000 ERROR Boom: it broke · LambdaFunctionScheduled 65000 · started 65500 · LambdaFunctionStarted 65500 · LambdaFunctionFailed 70000
fetch [fetch unspecified] 60500+900
DynamoDB.PutItem [fetch unspecified] 60600+800
fetch [fetch unspecified] 62500+400 ERROR 
DynamoDB.PutItem [fetch unspecified] 62600+300 ERROR 
`, drawTrace(t, f))
		for row := range f.Rows() {
			require.Equal(t, spanid.Trace(arn).String(), cell(f, "traceID", row))
		}
		require.Nil(t, cell(f, "parentSpanID", 0))
		var tags []map[string]string
		jsonCell(t, f, "tags", 4, &tags)
		require.Contains(t, tags, map[string]string{"key": "error", "value": "true"})
		require.Contains(t, tags, map[string]string{"key": "aws.step_functions.state.name", "value": "Store"})
		var service []map[string]string
		jsonCell(t, f, "serviceTags", 6, &service)
		require.Equal(t, []map[string]string{{"key": "service.name", "value": "fetch"}}, service)
		custom, err := json.Marshal(f.Meta.Custom)
		require.NoError(t, err)
		require.JSONEq(t, `{"executionArn": "`+arn+`", "status": "FAILED", "truncated": false, "omitted": []}`, string(custom))
		_, err = f.MarshalArrow()
		require.NoError(t, err)
	}
}

func TestATraceThatIsNotThere(t *testing.T) {
	s := newStored(t)
	for _, query := range []string{
		`{"queryType":"trace","execution":"latest"}`, `{"queryType":"trace","execution":"arn:x"}`,
		`{"queryType":"workflow","execution":"latest"}`, `{"queryType":"events","execution":"latest"}`,
		`{"queryType":"workflow","aggregate":true,"stateMachines":["orders"]}`,
	} {
		answer := s.ask(query)
		require.Equal(t, backend.StatusNotFound, answer.Status, query)
		require.ErrorContains(t, answer.Error, "not found")
	}
	for query, want := range map[string]string{
		`{"queryType":"trace"}`:                                               "neither an execution ARN",
		`{"queryType":"workflow"}`:                                            "neither an execution ARN",
		`{"queryType":"events","execution":"x"}`:                              "neither an execution ARN",
		`{"queryType":"workflow","aggregate":true}`:                           "aggregate is of one state machine, not of 0",
		`{"queryType":"trace","format":"numeric"}`:                            "format",
		`{"queryType":"workflow","aggregate":true,"stateMachines":["a","b"]}`: "not of 2",
	} {
		answer := s.ask(query)
		require.Equal(t, backend.StatusBadRequest, answer.Status, query)
		require.ErrorContains(t, answer.Error, want)
	}
}

func rowsOf(f *data.Frame, names ...string) []string {
	var lines []string
	for row := range f.Rows() {
		var cells []string
		for _, name := range names {
			field, _ := f.FieldByName(name)
			text := shown(field, row, nil)
			if raw, isJSON := cell(f, name, row).(json.RawMessage); isJSON {
				text = string(raw)
			}
			cells = append(cells, text)
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return lines
}

func TestAWorkflowOfAnExecution(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	s.storeDefinition("orders", `{"StartAt":"Fetch","States":{"Fetch":{"Type":"Task","Next":"Store"},
		"Store":{"Type":"Task","Next":"Done"},"Done":{"Type":"Succeed"}}}`)
	answer := s.ask(`{"queryType":"workflow","execution":"` + of("orders", "b").ARN + `"}`)
	require.NoError(t, answer.Error)
	f := answer.Frames[0]
	require.Equal(t, "workflow", f.Name)
	require.Equal(t, []string{
		"Fetch Task SUCCEEDED 1 0 1 0 0 0 1 0 2000  1m0s 1m2s", "Store Task FAILED 1 0 0 0 1 0 2 1 8000 Boom 1m2s 1m10s",
		"Done  NOT_REACHED 0 0 0 0 0 0 0 0 0  null null",
	}, rowsOf(f, "state", "type", "status", "visits", "running", "succeeded", "caught", "failed", "aborted", "attempts",
		"retries", "duration_ms", "error", "first_start", "last_end"))
	require.Equal(t, "Boom: it broke", cell(f, "message", 1))
	custom := f.Meta.Custom
	text, err := json.Marshal(custom)
	require.NoError(t, err)
	var meta struct {
		Mode, RevisionID, StateMachineARN string
		Definition                        struct{ StartAt string }
		Execution                         map[string]any
		Approximate, Truncated            bool
	}
	require.NoError(t, json.Unmarshal(text, &meta))
	require.Equal(t, "execution", meta.Mode)
	require.Equal(t, "Fetch", meta.Definition.StartAt)
	require.Equal(t, account+"stateMachine:orders", meta.StateMachineARN)
	require.Equal(t, "FAILED", meta.Execution["status"])
	require.Equal(t, "Boom", meta.Execution["error"])

	unknown := s.ask(`{"queryType":"workflow","execution":"` + of("orders/Each", "1").ARN + `"}`)
	require.NoError(t, unknown.Error)
	text, err = json.Marshal(s.ask(`{"queryType":"workflow","execution":"` + account + `express:express:x:id"}`).Frames[0].Meta.Custom)
	require.NoError(t, err)
	require.Contains(t, string(text), `"definition":null`)
}

func TestAWorkflowOfAllExecutions(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	for _, machine := range []string{"orders", account + "stateMachine:orders"} {
		answer := s.ask(`{"queryType":"workflow","aggregate":true,"stateMachines":["` + machine + `"]}`)
		require.NoError(t, answer.Error)
		require.Equal(t, []string{
			`Each 1 1 0 0 0 60000 {}`, `Fetch 3 2 1 0 0 2000 {"Odd":1}`, `Store 1 0 0 1 0 8000 {"Boom":1}`,
		}, rowsOf(answer.Frames[0], "state", "visits", "succeeded", "caught", "failed", "aborted", "p50_ms", "errors"), machine)
		text, err := json.Marshal(answer.Frames[0].Meta.Custom)
		require.NoError(t, err)
		require.Contains(t, string(text), `"mode":"aggregate","definition":null`)
		require.Contains(t, string(text), `"stateMachineArn":"`+account+`stateMachine:orders","execution":null`)
	}
}

func TestEventsAreLogLines(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	query := `{"queryType":"events","execution":"` + of("orders", "b").ARN + `"`
	answer := s.ask(query + `,"limit":6}`)
	require.NoError(t, answer.Error)
	f := answer.Frames[0]
	require.Equal(t, data.FrameTypeLogLines, f.Meta.Type)
	require.Equal(t, data.VisType(data.VisTypeLogs), f.Meta.PreferredVisualization)
	require.Equal(t, []string{
		`1m0s info 1 1 0 ExecutionStarted  {"type":"ExecutionStarted","redrive_count":"0"}`,
		`1m0s info 2 2 1 TaskStateEntered Fetch {"type":"TaskStateEntered","state":"Fetch","redrive_count":"0"}`,
		`1m0s info 3 3 2 LambdaFunctionScheduled Fetch {"type":"LambdaFunctionScheduled","state":"Fetch","redrive_count":"0"}`,
		`1m0.5s info 4 4 3 LambdaFunctionStarted Fetch {"type":"LambdaFunctionStarted","state":"Fetch","redrive_count":"0"}`,
		`1m1.5s info 5 5 4 LambdaFunctionSucceeded Fetch {"type":"LambdaFunctionSucceeded","state":"Fetch","redrive_count":"0"}`,
		`1m2s info 6 6 5 TaskStateExited Fetch {"type":"TaskStateExited","state":"Fetch","redrive_count":"0"}`,
	}, rowsOf(f, "timestamp", "severity", "id", "event_id", "previous_id", "type", "state", "labels"))
	require.Equal(t, `LambdaFunctionSucceeded Fetch {"output":"{}"}`, cell(f, "body", 4))
	require.Equal(t, `{"output":"{}"}`, cell(f, "payload", 4))

	failed := s.ask(query + `,"eventTypes":["LambdaFunctionFailed"],"state":"Store"}`).Frames[0]
	require.Equal(t, []string{"1m3s error 10", "1m10s error 13"}, rowsOf(failed, "timestamp", "severity", "id"))
	require.Equal(t, time.UTC, cell(failed, "timestamp", 0).(time.Time).Location())
	require.Equal(t, 0, s.ask(query + `,"state":"' OR 1=1"}`).Frames[0].Rows())
}

// storeDefinition stores a state machine's definition, which it has had since the day's begin.
func (s *stored) storeDefinition(machine, text string) {
	s.t.Helper()
	logs := plog.NewLogs()
	telemetry.AppendDefinition(logs, &telemetry.Definition{Execution: of(machine, "any").Execution, Since: day, Text: text}, now)
	require.NoError(s.t, s.logs.ConsumeLogs(s.t.Context(), logs))
}
