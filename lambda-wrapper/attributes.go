package wrapper

import (
	"context"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// xrayContextKey is where aws-lambda-go puts the X-Ray header of an invocation; with concurrent invocations the
// environment variable does not tell.
const xrayContextKey = "x-amzn-trace-id"

func (t *telemetry) invocationAttributes(ctx context.Context, lc *lambdacontext.LambdaContext,
	payload []byte,
) []attribute.KeyValue {
	attributes := make([]attribute.KeyValue, 0, 14)
	attributes = append(attributes,
		attribute.String(semconv.Kind, semconv.KindInvocation),
		attribute.Bool(semconv.FaaSColdStart, t.coldStart()))
	attributes = faas.AppendText(attributes, semconv.FaaSName, lambdacontext.FunctionName)
	attributes = faas.AppendText(attributes, semconv.FaaSVersion, lambdacontext.FunctionVersion)
	attributes = faas.AppendText(attributes, semconv.FaaSInvocationID, lc.AwsRequestID)
	attributes = append(attributes, t.invokedAs(lc.InvokedFunctionArn)...)
	header, _ := ctx.Value(xrayContextKey).(string)
	attributes = faas.AppendText(attributes, semconv.XRayTraceHeader, header)
	if t.cfg.noFingerprints {
		return attributes
	}
	return faas.AppendText(attributes, semconv.PayloadFingerprint, faas.Fingerprint(payload))
}

// invoked is an ARN as which the function was invoked, and its attributes.
type invoked struct {
	arn        string
	attributes []attribute.KeyValue
}

// invokedAs remembers the last answer: an environment is mostly invoked by one ARN.
func (t *telemetry) invokedAs(arn string) []attribute.KeyValue {
	last := t.invoked.Load()
	if last == nil || last.arn != arn {
		last = &invoked{arn, faas.AttributesOfARN(arn)}
		t.invoked.Store(last)
	}
	return last.attributes
}
