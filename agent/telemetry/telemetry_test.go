package telemetry_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/telemetry"
	"github.com/steptrace/steptrace/spanid"
)

var (
	execution = convert.Execution{ARN: "arn:aws:states:eu-west-1:123456789012:execution:m:run"}
	at        = time.UnixMilli(1763884800123).UTC()
)

func TestAppendTraces(t *testing.T) {
	traces := ptrace.NewTraces()
	telemetry.AppendTraces(traces, execution, []convert.Span{
		{ID: spanid.SpanID{1}, Name: "S3 PutObject", SpanKind: trace.SpanKindProducer, Service: "s3", Start: at, End: at},
		{
			ID: spanid.SpanID{2}, Parent: spanid.SpanID{1}, Name: "m", SpanKind: trace.SpanKindInternal,
			Start: at, End: at.Add(time.Millisecond), Status: codes.Error, Message: "E: why",
			Attributes: []attribute.KeyValue{
				attribute.String("text", "t"), attribute.Int64("whole", -5), attribute.Float64("real", 0.5),
				attribute.Bool("truth", true), attribute.StringSlice("list", []string{"a", "b"}),
			},
			Events: []convert.SpanEvent{{Name: "started", Time: at}},
		},
		{ID: spanid.SpanID{3}, SpanKind: trace.SpanKindClient, Start: at, End: at},
	})
	marshaler := ptrace.JSONMarshaler{}
	got, err := marshaler.MarshalTraces(traces)
	require.NoError(t, err)
	id := spanid.Trace(execution.ARN).String()
	require.JSONEq(t, `{"resourceSpans":[
		{"resource":{"attributes":[
			{"key":"cloud.provider","value":{"stringValue":"aws"}},
			{"key":"cloud.region","value":{"stringValue":"eu-west-1"}},
			{"key":"cloud.account.id","value":{"stringValue":"123456789012"}},
			{"key":"service.name","value":{"stringValue":"s3"}}]},
		 "scopeSpans":[{"scope":{"name":"github.com/steptrace/steptrace/agent"},"spans":[
			{"traceId":"`+id+`","spanId":"0100000000000000","name":"S3 PutObject","kind":4,
			 "startTimeUnixNano":"1763884800123000000","endTimeUnixNano":"1763884800123000000","status":{}}]}]},
		{"resource":{"attributes":[
			{"key":"cloud.provider","value":{"stringValue":"aws"}},
			{"key":"cloud.region","value":{"stringValue":"eu-west-1"}},
			{"key":"cloud.account.id","value":{"stringValue":"123456789012"}},
			{"key":"service.name","value":{"stringValue":"m"}},
			{"key":"cloud.platform","value":{"stringValue":"aws_step_functions"}},
			{"key":"aws.step_functions.state_machine.arn","value":{"stringValue":"arn:aws:states:eu-west-1:123456789012:stateMachine:m"}},
			{"key":"aws.step_functions.state_machine.name","value":{"stringValue":"m"}}]},
		 "scopeSpans":[{"scope":{"name":"github.com/steptrace/steptrace/agent"},"spans":[
			{"traceId":"`+id+`","spanId":"0200000000000000","parentSpanId":"0100000000000000","name":"m","kind":1,
			 "startTimeUnixNano":"1763884800123000000","endTimeUnixNano":"1763884800124000000",
			 "status":{"code":2,"message":"E: why"},
			 "attributes":[
				{"key":"text","value":{"stringValue":"t"}},{"key":"whole","value":{"intValue":"-5"}},
				{"key":"real","value":{"doubleValue":0.5}},{"key":"truth","value":{"boolValue":true}},
				{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}],
			 "events":[{"timeUnixNano":"1763884800123000000","name":"started"}]},
			{"traceId":"`+id+`","spanId":"0300000000000000","kind":3,
			 "startTimeUnixNano":"1763884800123000000","endTimeUnixNano":"1763884800123000000","status":{}}]}]}
	]}`, string(got))
}

func TestAppendLogs(t *testing.T) {
	logs := plog.NewLogs()
	telemetry.AppendLogs(logs, execution, nil, at)
	require.Zero(t, logs.ResourceLogs().Len())
	observed := at.Add(time.Second)
	telemetry.AppendLogs(logs, execution, []convert.Record{
		{
			Span: spanid.SpanID{7}, EventName: "TaskFailed", Time: at, Severity: slog.LevelError, Body: `{"error":"E"}`,
			Attributes: []attribute.KeyValue{attribute.String("k", "v")},
		},
		{EventName: "TaskStateAborted", Time: at, Severity: slog.LevelWarn},
		{EventName: "TaskStarted", Time: at, Severity: slog.LevelInfo},
	}, observed)
	records := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	require.Equal(t, 3, records.Len())
	r := records.At(0)
	require.Equal(t, spanid.Trace(execution.ARN).String(), r.TraceID().String())
	require.Equal(t, "0700000000000000", r.SpanID().String())
	require.Equal(t, "TaskFailed", r.EventName())
	require.Equal(t, at, r.Timestamp().AsTime())
	require.Equal(t, observed, r.ObservedTimestamp().AsTime())
	require.Equal(t, `{"error":"E"}`, r.Body().Str())
	require.Equal(t, map[string]any{"k": "v"}, r.Attributes().AsRaw())
	for i, want := range []struct {
		number plog.SeverityNumber
		text   string
	}{{plog.SeverityNumberError, "ERROR"}, {plog.SeverityNumberWarn, "WARN"}, {plog.SeverityNumberInfo, "INFO"}} {
		require.Equal(t, want.number, records.At(i).SeverityNumber())
		require.Equal(t, want.text, records.At(i).SeverityText())
	}
}
