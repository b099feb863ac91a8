package origin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/origin"
	"github.com/steptrace/steptrace/spanid"
)

const executionARN = "arn:aws:states:eu-west-1:123456789012:execution:images:a1"

const contextObject = `{
	"Execution": {"Id": "arn:aws:states:eu-west-1:123456789012:execution:images:a1", "Input": {"Execution": {"Id": "x"}},
		"Name": "a1", "RoleArn": "arn:aws:iam::123456789012:role/r", "StartTime": "2026-01-02T03:04:05.000Z"},
	"State": {"EnteredTime": "2026-01-02T03:04:05.678Z", "Name": "Lambda-\u00c4 \"x\"", "RetryCount": 2},
	"StateMachine": {"Id": "arn:aws:states:eu-west-1:123456789012:stateMachine:images", "Name": "images"}}`

func entered() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC) }

func TestTheContextObjectIsFound(t *testing.T) {
	want := origin.Execution{ARN: executionARN, State: `Lambda-Ä "x"`, Entered: entered(), RetryCount: 2}
	members := strings.TrimSuffix(strings.TrimPrefix(contextObject, "{"), "}")
	for name, event := range map[string]string{
		"own key":            `{"n": 9007199254740993, "_steptrace": ` + contextObject + `}`,
		"the event itself":   contextObject,
		"merged":             `{"detail": {"a": [1, "}"]}, ` + members + `}`,
		"Datadog":            `{"a": "\\\"", "_datadog": {` + members + `, "RootExecutionId": "r", "serverless-version": "v1"}}`,
		"task's parameters":  `{"FunctionName": "f", "Payload": {"_datadog": ` + contextObject + `}}`,
		"EventBridge detail": `{"source": "orders", "detail-type": "Paid", "detail": {"_steptrace": ` + contextObject + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			got := origin.Read([]byte(event)).Execution
			require.True(t, got.Known())
			require.Equal(t, want, got)
		})
	}
}

func TestParents(t *testing.T) {
	e := origin.Read([]byte(contextObject)).Execution
	require.Equal(t, spanid.Trace(executionARN), e.Trace())
	require.Equal(t, spanid.AttemptAlias(executionARN, `Lambda-Ä "x"`, 1767323045678, 2), e.Parent())

	e = origin.Read([]byte(`{"_steptrace":{"Execution":{"Id":"` + executionARN + `"}}}`)).Execution
	require.Equal(t, spanid.Span("execution", executionARN, 0, 1), e.Parent(), "without a state it is the execution")
}

func TestWhatIsNoContextObject(t *testing.T) {
	for _, event := range []string{
		``, `null`, `[]`, `{`, `"_steptrace"`, `{"_steptrace": 1}`, `{"_steptrace": {"Execution": {}}}`,
		`{"Execution": {"Id": "42"}, "State": {"Name": "Hamburg"}}`,
		`{"Execution": {"Id": "arn:aws:states:eu-west-1:123456789012:stateMachine:images"}}`,
		`{"Execution": {"Id": ["` + executionARN + `"]}}`,
		`{"Execution": {"Id": "` + executionARN + strings.Repeat("x", 1024) + `"}}`,
		`{"a": {"_steptrace": ` + contextObject + `}}`, // somebody's data
	} {
		require.False(t, origin.Read([]byte(event)).Execution.Known(), event)
	}
}

func TestExpressExecutionsAreKnown(t *testing.T) {
	const arn = "arn:aws:states:eu-west-1:123456789012:express:images:a1:5d5d8b4c-9d2f-4c45-8f0b-0c7b1d8d4f00"
	require.Equal(t, arn, origin.Read([]byte(`{"Execution":{"Id":"`+arn+`"}}`)).Execution.ARN)
}

const (
	one = "00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01"
	two = "00-1112131415161718191a1b1c1d1e1f20-1112131415161718-01"
)

// spanOf is the parent that a carrier names, as a traceparent.
func spanOf(c *origin.Carrier) string {
	if c == nil {
		return ""
	}
	s := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), c))
	if !s.IsValid() {
		return ""
	}
	return "00-" + s.TraceID().String() + "-" + s.SpanID().String() + "-" + s.TraceFlags().String()
}

func TestHeadersOfASingleRequest(t *testing.T) {
	sqs := func(members string) string { return `{"Records":[{"eventSource":"aws:sqs",` + members + `}]}` }
	for name, event := range map[string]string{
		"API Gateway, REST": `{"httpMethod":"GET","headers":{"Host":"x","Traceparent":"` + one + `"},"requestContext":{}}`,
		"API Gateway, HTTP": `{"version":"2.0","headers":{"traceparent":"` + one + `"},"requestContext":{"http":{}}}`,
		"load balancer": `{"requestContext":{"elb":{}},"httpMethod":"GET",
			"multiValueHeaders":{"accept":["a","b"],"traceparent":["` + one + `"]}}`,
		"EventBridge":             `{"detail-type":"Paid","source":"shop","detail":{"id":1,"traceparent":"` + one + `"}}`,
		"EventBridge, our key":    `{"detail-type":"Paid","detail":{"_steptrace":{"traceparent":"` + one + `"}}}`,
		"EventBridge, Datadog":    `{"detail-type":"Paid","detail":{"_datadog":{"traceparent":"` + one + `"}}}`,
		"a function's own caller": `{"order":7,"_steptrace":{"traceparent":"` + one + `"}}`,
		"SQS": sqs(`"messageId":"m","body":"{}","attributes":{"SentTimestamp":"1"},"messageAttributes":` +
			`{"traceparent":{"stringValue":"` + one + `","stringListValues":[],"dataType":"String"}}`),
		"SNS within SQS": sqs(`"messageAttributes":{},"body":"{\"Type\":\"Notification\",\"MessageAttributes\":` +
			`{\"traceparent\":{\"Type\":\"String\",\"Value\":\"` + one + `\"}}}"`),
		"EventBridge within SQS": sqs(`"body":"{\"detail\":{\"_steptrace\":{\"traceparent\":\"` + one + `\"}}}"`),
		"our key within SQS":     sqs(`"body":"{\"_steptrace\":{\"traceparent\":\"` + one + `\"}}"`),
		"SNS": `{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","Sns":{"MessageId":"m","Message":"{}",
			"MessageAttributes":{"traceparent":{"Type":"String","Value":"` + one + `"}}}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			o := origin.Read([]byte(event))
			require.Equal(t, one, spanOf(o.Request))
			require.Empty(t, o.Batch)
		})
	}
}

func TestEachRecordOfABatchHasItsHeaders(t *testing.T) {
	record := func(id, attributes string) string {
		return `{"messageId":"` + id + `","eventSource":"aws:sqs","body":"x","messageAttributes":{` + attributes + `}}`
	}
	o := origin.Read([]byte(`{"Records":[` + strings.Join([]string{
		record("a", `"traceparent":{"stringValue":"`+one+`"}`),
		record("b", ``),
		record("c", `"traceparent":{"stringValue":"`+two+`"}`),
	}, ",") + `]}`))
	require.Nil(t, o.Request)
	require.Len(t, o.Batch, 3)
	for i, want := range []struct{ id, span string }{{"a", one}, {"b", ""}, {"c", two}} {
		require.Equal(t, want.id, o.Batch[i].MessageID)
		require.Equal(t, want.span, spanOf(&o.Batch[i]))
	}
}

func TestABatchIsBounded(t *testing.T) {
	record := `{"eventSource":"aws:sqs","messageId":"m"},`
	o := origin.Read([]byte(`{"Records":[` + strings.TrimSuffix(strings.Repeat(record, 10_000), ",") + `]}`))
	require.Len(t, o.Batch, origin.MaxRecords)
}

func TestHeadersThatAreNoneAreLeftAlone(t *testing.T) {
	for _, event := range []string{
		`{"headers":{"traceparent":"` + one + `"}}`, // somebody's data, not a request
		`{"detail":{"traceparent":"` + one + `"}}`,  // nor an event
		`{"Records":[{"eventSource":"aws:s3","s3":{"object":{"key":"traceparent"}}}]}`,
		`{"Records":[]}`, `{"Records":[1]}`, `{"Records":{}}`, `{"Records":[{"eventSource":"aws:sqs"`,
		`{"httpMethod":"GET","headers":null}`, `{"httpMethod":"GET","headers":{"traceparent":7}}`,
	} {
		require.Empty(t, spanOf(origin.Read([]byte(event)).Request), event)
	}
}

func TestTheXRayHeaderOfAMessageIsReadByThatName(t *testing.T) {
	o := origin.Read([]byte(`{"Records":[{"eventSource":"aws:sqs","attributes":{"AWSTraceHeader":"Root=1-2-3"}}]}`))
	require.Equal(t, "Root=1-2-3", o.Request.Get("x-amzn-trace-id"))
	o = origin.Read([]byte(`{"httpMethod":"GET","headers":{"X-Amzn-Trace-Id":"Root=1","b3":"0"}}`))
	require.Equal(t, "Root=1", o.Request.Get("X-Amzn-Trace-Id"))
	require.Equal(t, []string{"X-Amzn-Trace-Id", "b3"}, o.Request.Keys())
}

// FuzzRead holds that no event breaks reading and that the answer is bounded.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		contextObject, `{"_steptrace":` + contextObject + `}`, `{"Payload":{"_datadog":` + contextObject + `}}`,
		`{"Records":[{"eventSource":"aws:sqs","body":"{\"MessageAttributes\":{}}"},{"EventSource":"aws:sns","Sns":{}}]}`,
		`{"httpMethod":"GET","headers":{"traceparent":["` + one + `"]}}`, `{"a":,"b":]}`, `{"a`, `{"a":"\`, `{"Records":[,`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		o := origin.Read(event)
		require.LessOrEqual(t, len(o.Batch), origin.MaxRecords)
		if o.Request != nil {
			o.Request.Keys()
			spanOf(o.Request)
		}
		if o.Execution.Known() {
			require.True(t, strings.HasPrefix(o.Execution.ARN, "arn:"))
			o.Execution.Parent()
		}
	})
}
