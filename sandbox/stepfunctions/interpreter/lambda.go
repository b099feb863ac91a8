package interpreter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// errUnknown is the error of a function that failed without a name for it.
const errUnknown = "Lambda.Unknown"

// directLambda is a Task state whose Resource is a function's ARN.
func (r *run) directLambda(arn string) integration {
	return integration{
		events: lambdaEvents,
		label:  arn,
		base:   Details{Resource: arn},
		call: func(ctx context.Context, input dataflow.Value) (dataflow.Value, *Failure) {
			result, failure := r.invoke(ctx, invocation{arn: arn, payload: jsonvalue.Encode(input), header: r.traceHeader()})
			if failure != nil {
				return nil, failure
			}
			return functionOutput(result)
		},
	}
}

// lambdaInvoke is the integration arn:aws:states:::lambda:invoke.
func (r *run) lambdaInvoke(ctx context.Context, arguments dataflow.Value) (dataflow.Value, *Failure) {
	call, failure := r.invocation(arguments)
	if failure != nil {
		return nil, failure
	}
	if call.asynchronous {
		r.calls.Go(func() { _, _ = r.invoke(ctx, call) }) // nobody asks how it ended
		return call.output(LambdaResult{RequestID: r.NewUUID()}, http.StatusAccepted, nil, r.Clock.Now()), nil
	}
	result, failure := r.invoke(ctx, call)
	if failure != nil {
		return nil, failure
	}
	payload, failure := functionOutput(result)
	if failure != nil {
		return nil, failure
	}
	return call.output(result, http.StatusOK, payload, r.Clock.Now()), nil
}

// invocation is a call of a function; of lambda:invoke, what its arguments say.
type invocation struct {
	arn          string
	payload      []byte
	asynchronous bool
	tail         bool // LogType Tail
	header       string
	lineage      string // of the function: 8 hex digits
}

func (r *run) invocation(arguments dataflow.Value) (invocation, *Failure) {
	object, _ := arguments.(*jsonvalue.Object)
	name := stringMember(object, "FunctionName")
	if name == "" {
		return invocation{}, lambdaFailure(awswire.Errorf("ValidationException", "FunctionName is missing"))
	}
	call := invocation{
		arn:    r.functionARN(name, stringMember(object, "Qualifier")),
		tail:   stringMember(object, "LogType") == "Tail",
		header: r.traceHeader(),
	}
	call.lineage = lineage(call.arn)
	switch kind := stringMember(object, "InvocationType"); kind {
	case "", "RequestResponse":
	case "Event":
		call.asynchronous = true
	default:
		return call, lambdaFailure(awswire.Errorf("InvalidParameterValueException",
			"The sandbox does not support the InvocationType %s.", kind))
	}
	call.payload = payloadBytes(object)
	return call, nil
}

// lineage is how the Lineage field of trace headers names a function.
func lineage(arn string) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(arn)) // a hash takes everything
	return fmt.Sprintf("%08x", hash.Sum32())
}

// payloadBytes is the event that the function gets: a string Payload as it is, anything else as JSON.
func payloadBytes(arguments *jsonvalue.Object) []byte {
	switch payload, _ := arguments.Get("Payload"); payload := payload.(type) {
	case nil:
		return []byte("{}")
	case string:
		return []byte(payload)
	default:
		return jsonvalue.Encode(payload)
	}
}

// functionARN completes a function's name, partial ARN or ARN.
func (r *run) functionARN(name, qualifier string) string {
	if !strings.HasPrefix(name, "arn:") {
		if _, partial, ok := strings.Cut(name, ":function:"); ok {
			name = partial
		}
		name = fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", r.Region, r.AccountID, name)
	}
	if qualifier != "" {
		name += ":" + qualifier
	}
	return name
}

// output is the result of lambda:invoke: the SDK's response with its HTTP headers.
func (c invocation) output(
	result LambdaResult, status int, payload dataflow.Value, now time.Time,
) dataflow.Value {
	o := jsonvalue.NewObject()
	if result.ExecutedVersion != "" {
		o.Set("ExecutedVersion", result.ExecutedVersion)
	}
	if c.tail {
		o.Set("LogResult", result.LogTail)
	}
	o.Set("Payload", payload)
	return withSDKMetadata(o, status, result.RequestID, c.headers(result, now)).
		Set("StatusCode", number(status))
}

// headers are those of Lambda's answer. It adds to the trace header which functions the request came through.
func (c invocation) headers(result LambdaResult, now time.Time) []header {
	headers := []header{
		{"X-Amz-Executed-Version", result.ExecutedVersion},
		{"x-amzn-Remapped-Content-Length", "0"},
		{"Connection", "keep-alive"},
		{"x-amzn-RequestId", result.RequestID},
		{"Content-Length", fmt.Sprint(len(result.Payload))},
		{"Date", now.UTC().Format(http.TimeFormat)},
		{"X-Amzn-Trace-Id", c.header + ";Lineage=1:" + c.lineage + ":0"},
		{"Content-Type", "application/json"},
	}
	if c.tail {
		headers = append([]header{{"X-Amz-Log-Result", result.LogTail}}, headers...)
	}
	return headers
}

// invoke calls the function; the failure is the service's or the function's.
func (r *run) invoke(ctx context.Context, call invocation) (LambdaResult, *Failure) {
	if !json.Valid(call.payload) {
		return LambdaResult{}, lambdaFailure(awswire.Errorf("InvalidRequestContentException",
			"Could not parse request body into json: the payload is not valid JSON"))
	}
	result, err := r.InvokeLambda(ctx, call.arn, call.payload, call.header, call.tail)
	if err != nil {
		return LambdaResult{}, lambdaFailure(err)
	}
	if result.FunctionError != "" {
		return LambdaResult{}, functionFailure(result.Payload)
	}
	return result, nil
}

// functionOutput reads what the function returned.
func functionOutput(result LambdaResult) (dataflow.Value, *Failure) {
	if len(bytes.TrimSpace(result.Payload)) == 0 {
		return nil, nil
	}
	value, err := jsonvalue.Decode(result.Payload)
	if err != nil {
		failure := failuref(errUnknown, "The function returned what is not JSON: %v", err)
		return nil, &failure
	}
	return value, nil
}

// functionFailure is an error that a function returned: named by the payload's errorType, the payload being the cause.
func functionFailure(payload []byte) *Failure {
	var report struct {
		ErrorType string `json:"errorType"`
	}
	if err := json.Unmarshal(payload, &report); err != nil || report.ErrorType == "" {
		failure := failuref(errUnknown, "The cause could not be determined because Lambda did not return an error type. "+
			"Returned payload: %s", payload)
		return &failure
	}
	cause := string(payload)
	return &Failure{Error: &report.ErrorType, Cause: &cause}
}

// lambdaFailure is an error of the Lambda service.
func lambdaFailure(err error) *Failure {
	var e *awswire.Error
	if !errors.As(err, &e) {
		failure := failuref("Lambda.SdkClientException", "%v", err)
		return &failure
	}
	failure := failuref("Lambda."+e.Code,
		"%s (Service: AWSLambda; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
		e.Message, statusOf(e), e.Code, awswire.NewRequestID())
	return &failure
}

func statusOf(e *awswire.Error) int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

func stringMember(o *jsonvalue.Object, name string) string {
	value, _ := o.Get(name)
	text, _ := value.(string)
	return text
}
