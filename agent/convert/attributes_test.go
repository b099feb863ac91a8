package convert_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const functions = "arn:aws:lambda:eu-west-1:123456789012:function:"

// printf '{"a":1e0}' | sha256sum
const fingerprintOfA1 = "533e2d9500a389f8abf32f851e66f98ffcde79cb3f5719f46b80a5fc52f944ee"

func TestAttemptsSayWhatTheyCall(t *testing.T) {
	cases := []struct {
		name, scheduled, span string
		want                  map[string]any
	}{
		{
			"function as resource",
			"LambdaFunctionScheduled resource=" + functions + "resize:live input=`{ \"a\" : 1.0 }`",
			"lambda invoke resize",
			map[string]any{
				semconv.ResourceType: "lambda", semconv.Resource: functions + "resize:live",
				semconv.LambdaInvokedARN: functions + "resize:live", semconv.FaaSInvokedName: "resize",
				semconv.PayloadFingerprint: fingerprintOfA1,
			},
		},
		{
			"input not included",
			"LambdaFunctionScheduled resource=" + functions + "resize",
			"lambda invoke resize",
			map[string]any{semconv.LambdaInvokedARN: functions + "resize", semconv.PayloadFingerprint: nil},
		},
		{
			"input cut off",
			"LambdaFunctionScheduled resource=" + functions + "resize input=`{\"a\":`",
			"lambda invoke resize",
			map[string]any{semconv.PayloadFingerprint: nil},
		},
		{
			"invoke by name",
			"TaskScheduled resourceType=lambda resource=invoke region=us-east-1 parameters=`{\"FunctionName\":\"resize\",\"Payload\":{\"a\":1}}`",
			"lambda invoke resize",
			map[string]any{
				semconv.ResourceType: "lambda", semconv.Resource: "invoke", semconv.CloudRegion: "us-east-1",
				semconv.LambdaInvokedARN:   "arn:aws:lambda:us-east-1:123456789012:function:resize",
				semconv.PayloadFingerprint: fingerprintOfA1,
			},
		},
		{
			"invoke by name and qualifier, for a token",
			"TaskScheduled resourceType=lambda resource=invoke.waitForTaskToken parameters=`{\"FunctionName\":\"resize\",\"Qualifier\":\"7\"}`",
			"lambda invoke resize",
			map[string]any{semconv.LambdaInvokedARN: functions + "resize:7", semconv.Resource: "invoke.waitForTaskToken"},
		},
		{
			"invoke by qualified ARN",
			"TaskScheduled resourceType=lambda resource=invoke parameters=`{\"FunctionName\":\"" + functions + "resize:live\"}`",
			"lambda invoke resize",
			map[string]any{semconv.LambdaInvokedARN: functions + "resize:live"},
		},
		{
			"invoke by partial ARN",
			"TaskScheduled resourceType=lambda resource=invoke parameters=`{\"FunctionName\":\"999999999999:function:resize:live\"}`",
			"lambda invoke resize",
			map[string]any{semconv.LambdaInvokedARN: "arn:aws:lambda:eu-west-1:999999999999:function:resize:live"},
		},
		{
			"invoke through the SDK integration",
			"TaskScheduled resourceType=aws-sdk:lambda resource=invoke parameters=`{\"FunctionName\":\"resize\"}`",
			"lambda invoke resize",
			map[string]any{semconv.LambdaInvokedARN: functions + "resize"},
		},
		{
			"dynamodb",
			"TaskScheduled resourceType=dynamodb resource=putItem parameters=`{\"TableName\":\"images\",\"Key\":{\"id\":{\"S\":\"1\"}}}`",
			"dynamodb putItem",
			map[string]any{semconv.DBSystem: "aws.dynamodb", semconv.DynamoDBTables: []string{"images"}},
		},
		{
			"s3",
			"TaskScheduled resourceType=aws-sdk:s3 resource=getObject parameters=`{\"Bucket\":\"images\",\"Key\":\"a/b.png\"}`",
			"s3 getObject",
			map[string]any{semconv.S3Bucket: "images", semconv.S3Key: "a/b.png", semconv.ResourceType: "aws-sdk:s3"},
		},
		{
			"parameters of other shapes",
			"TaskScheduled resourceType=aws-sdk:s3 resource=getObject parameters=`{\"Bucket\":7,\"Key\":{}}`",
			"s3 getObject",
			map[string]any{semconv.S3Bucket: nil, semconv.S3Key: nil},
		},
		{
			"parameters cut off", "TaskScheduled resourceType=dynamodb resource=putItem parameters=`{\"TableName\"`",
			"dynamodb putItem",
			map[string]any{semconv.DynamoDBTables: nil},
		},
		{
			"nested execution", "TaskScheduled resourceType=states resource=startExecution.sync:2",
			"states startExecution.sync:2",
			map[string]any{semconv.ResourceType: "states"},
		},
		{
			"activity", "ActivityScheduled resource=arn:aws:states:eu-west-1:123456789012:activity:weigh input=`{}`",
			"activity weigh",
			map[string]any{
				semconv.ResourceType: "activity", semconv.Resource: "arn:aws:states:eu-west-1:123456789012:activity:weigh",
				semconv.PayloadFingerprint: nil,
			},
		},
		{"nothing known", "TaskScheduled", "task", map[string]any{semconv.Resource: nil}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
2 <- 0 +1 TaskStateEntered name=Call
3 <- 2 +1 `+c.scheduled+`
4 <- 3 +251 TaskStarted
5 <- 4 +300 TaskSucceeded`)...)
			require.Len(t, out.Spans, 1)
			span := out.Spans[0]
			require.Equal(t, c.span, span.Name)
			require.Equal(t, trace.SpanKindClient, span.SpanKind)
			for key, want := range c.want {
				require.Equal(t, want, attr(span.Attributes, key), key)
			}
			require.Equal(t, "Call", attr(span.Attributes, semconv.StateName))
			require.Equal(t, int64(0), attr(span.Attributes, semconv.RetryCount))
			require.InDelta(t, 0.25, attr(span.Attributes, semconv.QueueSeconds), 1e-9)
			require.Nil(t, attr(span.Attributes, semconv.BackoffSeconds))
			require.Equal(t, []convert.SpanEvent{
				{Name: "started", Time: historytest.Epoch.Add(251 * time.Millisecond)},
			}, span.Events)
		})
	}
}

func TestRequestIDs(t *testing.T) {
	const id = "b3ffbdd6-baa7-4b8b-a70e-0831e7ea29f1"
	cases := map[string]struct {
		ends string
		want any
	}{
		"output":    {"TaskSucceeded output=`{\"SdkResponseMetadata\":{\"RequestId\":\"" + id + "\"}}`", id},
		"submitted": {"TaskSubmitted output=`{\"SdkResponseMetadata\":{\"RequestId\":\"" + id + "\"}}`\n5 <- 4 +3 TaskTimedOut error=States.Timeout", id},
		"function's error": {
			"LambdaFunctionFailed error=E cause=`{\"errorMessage\":\"x\",\"requestId\":\"" + id + "\"}`", id,
		},
		"SDK's message":      {"TaskFailed error=E cause=\"x (Service: AWSLambda; Status Code: 400; Request ID: " + id + ")\"", id},
		"output of no call":  {"TaskSucceeded output=`[\"RequestId\"]`", nil},
		"cause of no call":   {"TaskFailed error=E cause=`{\"requestId\":5}`", nil},
		"cause like an id":   {"TaskFailed error=E cause=\"Request ID: ;\"", nil},
		"no output included": {"TaskSucceeded", nil},
		"of whoever had the token": {
			"TaskScheduled resourceType=lambda resource=invoke.waitForTaskToken\n5 <- 4 +2 TaskSubmitted output=" +
				"`{\"SdkResponseMetadata\":{\"RequestId\":\"" + id + "\"}}`\n6 <- 5 +3 TaskFailed error=E cause=`{\"requestId\":\"theirs\"}`",
			id,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
2 <- 0 +1 TaskStateEntered name=Call
3 <- 2 +1 TaskScheduled resourceType=lambda resource=invoke
4 <- 3 +2 `+c.ends)...)
			require.Equal(t, c.want, attr(out.Spans[0].Attributes, semconv.AWSRequestID))
		})
	}
}

func TestRetriesSayTheirBackoff(t *testing.T) {
	out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
2 <- 0 +0 TaskStateEntered name=Call
3 <- 2 +0 LambdaFunctionScheduled resource=`+functions+`f
4 <- 3 +100 LambdaFunctionStarted
5 <- 4 +200 LambdaFunctionTimedOut error=States.Timeout
6 <- 5 +2200 LambdaFunctionScheduled resource=`+functions+`f
7 <- 6 +2300 LambdaFunctionStartFailed error=E`)...)
	require.Len(t, out.Spans, 2)
	require.Equal(t, int64(1), attr(out.Spans[1].Attributes, semconv.RetryCount))
	require.InDelta(t, 2.0, attr(out.Spans[1].Attributes, semconv.BackoffSeconds), 1e-9)
	require.Nil(t, attr(out.Spans[1].Attributes, semconv.QueueSeconds))
	require.Equal(t, "E", attr(out.Spans[1].Attributes, semconv.ErrorType))
}

func TestResource(t *testing.T) {
	cases := map[string]map[string]string{
		workflow: {
			semconv.ServiceName: "image-workflow", semconv.StateMachineName: "image-workflow",
			semconv.StateMachineARN: "arn:aws:states:eu-west-1:123456789012:stateMachine:image-workflow",
			semconv.CloudRegion:     "eu-west-1", semconv.CloudAccountID: "123456789012", semconv.CloudProvider: "aws",
			semconv.CloudPlatform: "aws_step_functions",
		},
		"arn:aws-cn:states:cn-north-1:1:express:m:name:id": {
			semconv.ServiceName: "m", semconv.StateMachineARN: "arn:aws-cn:states:cn-north-1:1:stateMachine:m",
		},
		"arn:aws:states:eu-west-1:1:execution:m/label:name": {
			semconv.ServiceName: "m/label", semconv.StateMachineARN: "arn:aws:states:eu-west-1:1:stateMachine:m",
		},
		"nonsense": {semconv.ServiceName: "unknown"},
	}
	for arn, want := range cases {
		set := attribute.NewSet(convert.Resource(convert.Execution{ARN: arn})...)
		for key, value := range want {
			got, _ := set.Value(attribute.Key(key))
			require.Equal(t, value, got.AsString(), "%s of %s", key, arn)
		}
	}
}

func TestRecords(t *testing.T) {
	out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted input="{}"
2 <- 0 +1 TaskStateEntered name=Call
3 <- 2 +2 TaskScheduled resourceType=sqs resource=sendMessage
4 <- 3 +3 TaskFailed resourceType=sqs resource=sendMessage error=SQS.QueueDoesNotExist cause=gone
5 <- 0 +4 ExecutionAborted`)...)
	require.Len(t, out.Records, 5)
	r := out.Records[3]
	require.Equal(t, "TaskFailed", r.EventName)
	require.Equal(t, historytest.Epoch.Add(3*time.Millisecond), r.Time)
	require.Equal(t, `{"resourceType":"sqs","resource":"sendMessage","error":"SQS.QueueDoesNotExist","cause":"gone"}`, r.Body)
	require.Equal(t, spanid.Span(semconv.KindAttempt, workflow, 0, 3), r.Span)
	require.Equal(t, map[string]any{
		semconv.ExecutionARN: workflow, semconv.ExecutionName: "5f0c1d5e", semconv.RedriveCount: int64(0),
		semconv.EventID: int64(4), semconv.EventType: "TaskFailed", semconv.PreviousEventID: int64(3),
		semconv.StateName: "Call", semconv.Kind: "attempt", semconv.Error: "SQS.QueueDoesNotExist",
	}, asMap(r.Attributes))
	severities := make([]string, 0, len(out.Records))
	for _, r := range out.Records {
		severities = append(severities, r.Severity.String())
	}
	require.Equal(t, "INFO INFO INFO ERROR WARN", strings.Join(severities, " "))
}

// Whoever has an end of an execution knows its start, without looking for that record.
func TestStartEndsAndRedrivesSayWhenTheExecutionWasStarted(t *testing.T) {
	const run = "arn:aws:states:eu-west-1:123456789012:mapRun:m/Each:7f1d"
	events := historytest.Parse(t, `
1 <- 0 +1 ExecutionStarted input="{}"
2 <- 0 +2 TaskStateEntered name=Call
3 <- 0 +3 ExecutionTimedOut
4 <- 0 +4 ExecutionRedriven redriveCount=1
5 <- 0 +5 ExecutionAborted
6 <- 0 +6 ExecutionRedriven redriveCount=2
7 <- 2 +7 ExecutionFailed error=E
8 <- 0 +8 ExecutionRedriven redriveCount=3
9 <- 2 +9 TaskStateExited name=Call
10 <- 9 +10 ExecutionSucceeded`)
	started := historytest.Epoch.Add(time.Millisecond)
	for e, want := range map[convert.Execution][2]any{
		{ARN: workflow}:                                   {started.UnixMilli(), nil},
		{ARN: workflow, MapRunARN: run}:                   {started.UnixMilli(), run},
		{ARN: workflow, Started: started.Add(-time.Hour)}: {started.UnixMilli(), nil},
	} {
		for _, r := range convert.New(e, nil).Feed(events...).Records {
			of := want
			if r.EventName == "TaskStateEntered" || r.EventName == "TaskStateExited" {
				of = [2]any{}
			}
			got := [2]any{attr(r.Attributes, semconv.ExecutionStartTime), attr(r.Attributes, semconv.MapRunARN)}
			require.Equal(t, of, got, r.EventName)
		}
	}
	late := convert.New(convert.Execution{ARN: workflow, Started: started}, nil).Feed(events[6]).Records
	require.Equal(t, started.UnixMilli(), attr(late[0].Attributes, semconv.ExecutionStartTime), "the start's record is missing")
}

func asMap(attrs []attribute.KeyValue) map[string]any {
	m := make(map[string]any)
	for _, a := range attrs {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

func TestErrorsAreBounded(t *testing.T) {
	events := historytest.Parse(t, "1 <- 0 +0 ExecutionStarted\n2 <- 1 +1 ExecutionFailed error=E")
	events[1].Details.Cause = strings.Repeat("é", 20000)
	out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(events...)
	cause := attr(out.Spans[0].Attributes, semconv.Cause).(string)
	require.Less(t, len(cause), 9<<10)
	require.True(t, strings.HasSuffix(cause, "é…"))
	require.Less(t, len(out.Spans[0].Message), 2<<10)
	require.Len(t, out.Records[1].Body, len(`{"error":"E","cause":""}`)+40000, "the record has all of it")
}

func TestIDsArePublic(t *testing.T) {
	out := convert.New(convert.Execution{ARN: workflow}, nil).Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
2 <- 0 +0 ParallelStateEntered name=P
3 <- 2 +0 ParallelStateStarted
4 <- 3 +0 PassStateEntered name=A
5 <- 4 +0 PassStateExited name=A
6 <- 5 +0 ParallelStateSucceeded
7 <- 5 +0 ParallelStateExited name=P
8 <- 7 +0 ExecutionSucceeded`)...)
	got := make([]spanid.SpanID, 0, len(out.Spans))
	for _, s := range out.Spans {
		got = append(got, s.ID)
	}
	require.Equal(t, []spanid.SpanID{
		spanid.Span(semconv.KindState, workflow, 0, 4), spanid.Span(semconv.KindBranch, workflow, 0, 4),
		spanid.Span(semconv.KindState, workflow, 0, 2), spanid.Span(semconv.KindExecution, workflow, 0, 1),
	}, got, "one event opens a branch and a state")
}

func TestADefinitionThatIsNotTheHistorysDoesNoHarm(t *testing.T) {
	for _, text := range []string{
		`{"States":{"P":{"Type":"Task"},"Q":{"Type":"Parallel","Branches":[{"States":{"A":{}}}]}}}`,
		`{"States":{"P":{"Type":"Parallel"},"A":{"Type":"Pass"}}}`, // A has left the branch since
	} {
		out := convert.New(convert.Execution{ARN: workflow}, definitionOf(t, text)).Feed(historytest.Parse(t, `
1 <- 0 +0 ExecutionStarted
2 <- 0 +0 ParallelStateEntered name=P
3 <- 2 +0 ParallelStateStarted
4 <- 3 +0 PassStateEntered name=A
5 <- 4 +0 PassStateExited name=A`)...)
		require.Len(t, out.Spans, 1)
		require.Equal(t, spanid.Span(semconv.KindBranch, workflow, 0, 4), out.Spans[0].Parent)
	}
}

func TestTheChildOfAMapRunNamesIt(t *testing.T) {
	const run = "arn:aws:states:eu-west-1:123456789012:mapRun:m/Each:7f1d"
	e := convert.Execution{ARN: "arn:aws:states:eu-west-1:123456789012:execution:m/Each:child", MapRunARN: run}
	out := convert.New(e, nil).Feed(historytest.Parse(t, "1 <- 0 +0 ExecutionStarted input={}\n2 <- 1 +1 ExecutionSucceeded")...)
	require.Equal(t, run, attr(out.Spans[0].Attributes, semconv.MapRunARN))
}
