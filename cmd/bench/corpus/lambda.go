package corpus

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// function is a Lambda function that a state invokes.
type function struct {
	name      string
	calls     []call
	lasts     time.Duration
	optimized bool // invoked as lambda:invoke, not by its ARN
}

func (f function) arn() string {
	return "arn:aws:lambda:" + region + ":" + account + ":function:" + f.name
}

// invocation is what the wrapper sees of an attempt.
type invocation struct {
	function
	start, end time.Time
	requestID  string
	payload    string
	failed     bool
}

// call is an AWS SDK call with what its service adds to the span.
type call struct {
	service, operation string
	attributes         map[string]any
}

func metadataCalls(key string) []call {
	object := map[string]any{
		semconv.S3Bucket: "images-" + account + "-" + region, semconv.S3Key: key, semconv.S3ObjectSize: 2_318_214,
	}
	return []call{{"S3", "GetObject", object}, {"DynamoDB", "PutItem", table("images")}}
}

func rekognitionCalls(key string) []call {
	image := map[string]any{semconv.S3Bucket: "images-" + account + "-" + region, semconv.S3Key: key}
	return []call{
		{"Rekognition", "DetectFaces", image},
		{"Rekognition", "DetectLabels", image},
		{"DynamoDB", "UpdateItem", table("images")},
	}
}

var stockCalls = []call{{"DynamoDB", "UpdateItem", table("stock")}}

func table(name string) map[string]any {
	return map[string]any{
		semconv.DBSystem: "aws.dynamodb", semconv.DynamoDBTables: `["` + name + `"]`, semconv.DynamoDBCapacityUnits: 1.0,
	}
}

// lambda is an attempt that invokes the function, in the form that the state has.
func (e *execution) lambda(last int64, f function, payload string, failure history.Details, fails bool) int64 {
	i := invocation{function: f, requestID: e.uuid(), payload: payload, failed: fails}
	events := "LambdaFunction"
	what := history.Details{Resource: f.arn(), Input: payload}
	output := history.Details{Output: payload}
	if f.optimized {
		events = "Task"
		resource := history.Details{ResourceType: "lambda", Resource: "invoke", Region: region}
		what, output = resource, resource
		what.Parameters = fmt.Sprintf(`{"FunctionName":"%s","Payload":%s}`, f.arn(), payload)
		output.Output = fmt.Sprintf(`{"ExecutedVersion":"$LATEST","Payload":%s,`+
			`"SdkResponseMetadata":{"RequestId":"%s"},"StatusCode":200}`, payload, i.requestID)
		failure.ResourceType, failure.Resource = "lambda", "invoke"
	}
	last = e.add(last, 0, events+"Scheduled", what)
	last = e.add(last, e.around(25*time.Millisecond), events+"Started", history.Details{ResourceType: what.ResourceType})
	i.start = e.at.Add(time.Duration(e.random.Int64N(2_000_000)))
	lasts := e.around(f.lasts)
	i.end = i.start.Add(lasts)
	e.invocations = append(e.invocations, i)
	if fails {
		return e.add(last, lasts+5*time.Millisecond, events+"Failed", failure)
	}
	return e.add(last, lasts+5*time.Millisecond, events+"Succeeded", output)
}

// appendInvocation adds the function's trace.
func (s *Source) appendInvocation(traces ptrace.Traces, i invocation) {
	rs := traces.ResourceSpans().AppendEmpty()
	s.describe(rs.Resource().Attributes(), i.function)
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("github.com/steptrace/steptrace/lambda-wrapper")
	trace := pcommon.TraceID(s.bytes(16))
	root := s.span(ss.Spans(), trace, pcommon.SpanID{}, i.name, ptrace.SpanKindServer, i.start, i.end)
	s.fill(root, i)
	at := i.start.Add(i.end.Sub(i.start) / 10)
	for _, c := range i.calls {
		end := at.Add(i.end.Sub(i.start) / time.Duration(len(i.calls)+1))
		span := s.span(ss.Spans(), trace, root.SpanID(), c.service+"."+c.operation, ptrace.SpanKindClient, at, end)
		at = end
		attributes := span.Attributes()
		attributes.PutStr(semconv.Kind, semconv.KindCall)
		attributes.PutStr(semconv.RPCSystem, "aws-api")
		attributes.PutStr(semconv.RPCService, c.service)
		attributes.PutStr(semconv.RPCMethod, c.operation)
		attributes.PutStr(semconv.CloudRegion, region)
		attributes.PutStr(semconv.ServerAddress, c.service+".eu-west-1.amazonaws.com")
		attributes.PutInt(semconv.HTTPStatus, 200)
		attributes.PutStr(semconv.AWSRequestID, s.uuid())
		for _, key := range slices.Sorted(maps.Keys(c.attributes)) {
			_ = attributes.PutEmpty(key).FromRaw(c.attributes[key]) // all are of types it takes
		}
	}
}

func (s *Source) describe(resource pcommon.Map, f function) {
	resource.PutStr("telemetry.sdk.name", "opentelemetry")
	resource.PutStr("telemetry.sdk.language", "go")
	resource.PutStr("telemetry.sdk.version", "1.38.0")
	resource.PutStr(semconv.ServiceName, f.name)
	resource.PutStr(semconv.CloudProvider, "aws")
	resource.PutStr(semconv.CloudPlatform, "aws_lambda")
	resource.PutStr(semconv.CloudRegion, region)
	resource.PutStr(semconv.FaaSName, f.name)
	resource.PutStr(semconv.FaaSVersion, "$LATEST")
	resource.PutStr(semconv.FaaSInstance, fmt.Sprintf("2026/11/26/[$LATEST]%032x", s.random.IntN(20)))
	resource.PutInt(semconv.FaaSMaxMemory, 512<<20)
}

func (s *Source) fill(root ptrace.Span, i invocation) {
	attributes := root.Attributes()
	attributes.PutStr(semconv.Kind, semconv.KindInvocation)
	attributes.PutBool(semconv.FaaSColdStart, s.chance(10))
	attributes.PutStr(semconv.FaaSName, i.name)
	attributes.PutStr(semconv.FaaSVersion, "$LATEST")
	attributes.PutStr(semconv.FaaSInvocationID, i.requestID)
	attributes.PutStr(semconv.LambdaInvokedARN, i.arn())
	attributes.PutStr(semconv.CloudResourceID, i.arn())
	attributes.PutStr(semconv.CloudAccountID, account)
	attributes.PutStr(semconv.XRayTraceHeader, fmt.Sprintf("Root=1-%08x-%024x;Parent=%016x;Sampled=0",
		i.start.Unix(), s.bytes(12), s.random.Uint64()))
	if sum, err := spanid.Fingerprint([]byte(i.payload)); err == nil {
		attributes.PutStr(semconv.PayloadFingerprint, sum)
	}
	if i.failed {
		root.Status().SetCode(ptrace.StatusCodeError)
		root.Status().SetMessage("image: unknown format")
		attributes.PutStr(semconv.ErrorType, "ImageError")
	}
}

func (s *Source) span(to ptrace.SpanSlice, trace pcommon.TraceID, parent pcommon.SpanID, name string,
	kind ptrace.SpanKind, start, end time.Time,
) ptrace.Span {
	span := to.AppendEmpty()
	span.SetTraceID(trace)
	span.SetSpanID(pcommon.SpanID(s.bytes(8)))
	span.SetParentSpanID(parent)
	span.SetName(name)
	span.SetKind(kind)
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
	span.SetEndTimestamp(pcommon.NewTimestampFromTime(end))
	return span
}
