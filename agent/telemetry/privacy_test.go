package telemetry_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/telemetry"
)

const plant = "hunter2-plant"

// planted are payloads with a secret that the rules by default take out.
var planted = []string{
	`{"password":"hunter2-plant"}`,
	`{"a":[{"Credentials":{"user":"hunter2-plant"}}]}`,
	`{"body":"{\"Message\":\"{\\\"apiKey\\\":\\\"hunter2-plant\\\"}\"}"}`,
	`{"Environment":[{"Name":"DB_PASSWORD","Value":"hunter2-plant"}]}`,
	`{"errorMessage":"token=hunter2-plant","stackTrace":["https://u:hunter2-plant@host"]}`,
	`{"errorMessage":"` + strings.Repeat("x", 2000) + `","password":"hunter2-plant"}`,
	`{"cut":1,"password":"hunter2-plant`,
	"Authorization: Bearer hunter2-plant",
}

// names are the members of event details that are no payloads. What the SDK has beside them is planted.
var names = []string{
	"Name", "State", "Location", "Resource", "ResourceType", "Region", "Error", "RoleArn", "WorkerName", "MapRunArn",
	"StateMachineAliasArn", "StateMachineVersionArn",
}

// event is an event of the type with the payload in each member that is one.
func event(t *testing.T, typ types.HistoryEventType, id, previous int64, payload string) history.Event {
	t.Helper()
	at := historytest.Epoch.Add(time.Duration(id) * time.Second)
	e := types.HistoryEvent{Id: id, PreviousEventId: previous, Type: typ, Timestamp: &at}
	field := reflect.ValueOf(&e).Elem().FieldByName(detailsField(string(typ)))
	if field.IsValid() {
		details := reflect.New(field.Type().Elem())
		fill(details.Elem(), payload)
		field.Set(details)
	}
	return historytest.FromSDK(t, e)
}

func detailsField(typ string) string {
	for _, shared := range []string{"StateEntered", "StateExited"} {
		if strings.HasSuffix(typ, shared) {
			return shared + "EventDetails"
		}
	}
	return typ + "EventDetails"
}

func fill(details reflect.Value, payload string) {
	for i := range details.NumField() {
		name, field := details.Type().Field(i).Name, details.Field(i)
		switch {
		case field.Type() == reflect.TypeFor[*string]():
			value := payload
			if slices.Contains(names, name) {
				value = name
			}
			field.Set(reflect.ValueOf(&value))
		case field.Type() == reflect.TypeFor[map[string]string]():
			field.Set(reflect.ValueOf(map[string]string{"variable": payload, "cookie": `"` + plant + `"`}))
		}
	}
}

// output is all that leaves of an event of the type in some place of a history that then fails, as OTLP.
func output(t *testing.T, typ types.HistoryEventType, previous int64, payload string, policy redact.Policy) string {
	t.Helper()
	c := convert.New(convert.Execution{ARN: arn}, nil, convert.Exposing(policy.Expose))
	out := c.Feed(
		event(t, "ExecutionStarted", 1, 0, payload), event(t, "MapStateEntered", 2, 0, payload),
		event(t, "MapRunStarted", 3, 2, payload), event(t, "TaskStateEntered", 4, 2, payload),
		event(t, "TaskScheduled", 5, 4, payload), event(t, typ, 6, previous, payload),
	)
	spans := append(out.Spans, c.Open(historytest.Epoch.Add(time.Hour))...)
	end := c.Feed(event(t, "ExecutionFailed", 7, 6, payload))
	spans = append(spans, end.Spans...)
	traces, logs := ptrace.NewTraces(), plog.NewLogs()
	e := convert.Execution{ARN: arn}
	telemetry.AppendTraces(traces, e, spans)
	telemetry.AppendLogs(logs, e, append(out.Records, end.Records...), historytest.Epoch)
	return marshalled(t, traces, logs)
}

func marshalled(t *testing.T, traces ptrace.Traces, logs plog.Logs) string {
	t.Helper()
	asTraces, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(traces)
	require.NoError(t, err)
	asLogs, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	require.NoError(t, err)
	return string(bytes.Join([][]byte{asTraces, asLogs}, nil))
}

const arn = "arn:aws:states:eu-west-1:123456789012:execution:machine:run"

func TestNoSecretLeavesWithAnyEvent(t *testing.T) {
	r, err := redact.New(redact.Rules{Defaults: true})
	require.NoError(t, err)
	every := types.HistoryEventType("").Values()
	require.GreaterOrEqual(t, len(every), 61)
	for _, typ := range append(every, "NobodyKnowsThis") {
		for _, payload := range planted {
			for _, previous := range []int64{0, 2, 3, 5} {
				require.Contains(t, output(t, typ, previous, payload, redact.Policy{}), plant, "the plant is there without rules")
				for _, most := range []int{0, 20, 64 << 10} {
					out := output(t, typ, previous, payload, redact.Policy{Redactor: r, MaxBytes: most})
					require.NotContains(t, out, plant, "%s after event %d: %s", typ, previous, payload)
				}
				require.NotContains(t, output(t, typ, previous, payload, redact.Policy{Off: true}), plant)
			}
		}
	}
}

func TestOffLeavesErrorsOnly(t *testing.T) {
	for _, typ := range types.HistoryEventType("").Values() {
		out := output(t, typ, 5, `{"greeting":"hunter2-plant"}`, redact.Policy{Off: true})
		require.NotContains(t, out, "greeting", typ)
		require.Contains(t, out, `{"error":"Error"}`)
	}
}

// TestMembersNobodyKnowsAreTakenForPayloads feeds what a later API may send.
func TestMembersNobodyKnowsAreTakenForPayloads(t *testing.T) {
	body := `{"events":[{"id":1,"type":"ExecutionStarted","timestamp":1,"executionStartedEventDetails":{
		"taskToken":"hunter2-plant","headers":{"cookie":"hunter2-plant"},"text":"password=hunter2-plant","n":5},"secret":["hunter2-plant"]}]}`
	events, err := history.Decode("later", []byte(body))
	require.NoError(t, err)
	r, err := redact.New(redact.Rules{Defaults: true})
	require.NoError(t, err)
	d := redact.Policy{Redactor: r}.Expose(events[0].Details)
	require.JSONEq(t, `{"taskToken":"[REDACTED]","headers":{"cookie":"[REDACTED]"},"text":"password=[REDACTED]","n":5,
		"secret":"[REDACTED]"}`, d.JSON())
	d = redact.Policy{Off: true}.Expose(events[0].Details)
	require.Equal(t, "{}", d.JSON())
	require.True(t, json.Valid([]byte(events[0].Details.JSON())) && strings.Contains(events[0].Details.JSON(), plant),
		"the event itself stays as it was")
}
