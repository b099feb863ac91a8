package frame

import (
	"encoding/json"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

func TestASpanInTheTraceView(t *testing.T) {
	t0 := int64(1_790_000_000_123_456_789)
	f := Trace(store.Trace{
		TraceID: "t", ExecutionARN: "arn", Status: "FAILED", Truncated: true,
		Spans: []store.Span{{
			SpanID: "s", ParentSpanID: "p", Name: "Store", Service: "orders", Kind: "CLIENT", Status: "ERROR",
			StatusMessage: "Boom", StartUnixNano: t0, EndUnixNano: t0 + 1_500_000,
			Attributes: map[string]string{"b": "2", "a": "1", "steptrace.open": "true"},
			Join:       &store.Join{Method: "fingerprint", Confidence: 0.8},
			Events:     []store.SpanEvent{{Name: "late", TimeUnixNano: t0 + 2_000_000}},
			Links:      []store.SpanLink{{TraceID: "t2", SpanID: "s2"}},
		}},
		Events:  []store.Event{{ID: 7, Type: "TaskFailed", SpanID: "s", TimeUnixNano: t0}},
		Omitted: []store.OmittedChildren{{SpanID: "s", ChildrenCounts: store.ChildrenCounts{Failed: 3}}},
	})
	require.Equal(t, 1, f.Rows())
	for name, want := range map[string]any{
		"traceID": "t", "spanID": "s", "operationName": "Store", "serviceName": "orders", "kind": "client",
		"statusCode": int64(2), "statusMessage": "Boom", "startTime": 1_790_000_000_123.456789, "duration": 1.5,
	} {
		field, _ := f.FieldByName(name)
		require.Equal(t, want, field.At(0), name)
	}
	for name, want := range map[string]string{
		"serviceTags": `[{"key":"service.name","value":"orders"}]`,
		"tags": `[{"key":"a","value":"1"},{"key":"b","value":"2"},{"key":"steptrace.open","value":"true"},
			{"key":"steptrace.join.method","value":"fingerprint"},{"key":"steptrace.join.confidence","value":"0.8"},
			{"key":"error","value":"true"}]`,
		"logs": `[{"timestamp":1790000000123.4568,"name":"TaskFailed","fields":[{"key":"event","value":"TaskFailed"},
			{"key":"aws.step_functions.event.id","value":"7"}]},
			{"timestamp":1790000000125.4568,"name":"late","fields":[{"key":"event","value":"late"}]}]`,
		"references": `[{"traceID":"t2","spanID":"s2","refType":"FOLLOWS_FROM","tags":[]}]`,
		"warnings": `["It has not ended yet, or its end is not known",
			"Executions that are not shown: 3 failed, 0 timed out, 0 aborted, 0 running, 0 succeeded"]`,
	} {
		field, _ := f.FieldByName(name)
		require.JSONEq(t, want, string(field.At(0).(json.RawMessage)), name)
	}
	require.Equal(t, data.NoticeSeverityWarning, f.Meta.Notices[0].Severity)
	custom, err := json.Marshal(Trace(store.Trace{ExecutionARN: "arn", Status: "RUNNING"}).Meta.Custom)
	require.NoError(t, err)
	require.JSONEq(t, `{"executionArn":"arn","status":"RUNNING","truncated":false,"omitted":[]}`, string(custom))
}
