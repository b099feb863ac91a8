package wrapper

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// maxFingerprinted is the largest payload that Step Functions passes (256 KiB): a larger one came from elsewhere and
// needs no fingerprint.
const maxFingerprinted = 256 << 10

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
	attributes = appendText(attributes, semconv.FaaSName, lambdacontext.FunctionName)
	attributes = appendText(attributes, semconv.FaaSVersion, lambdacontext.FunctionVersion)
	attributes = appendText(attributes, semconv.FaaSInvocationID, lc.AwsRequestID)
	attributes = append(attributes, t.invokedAs(lc.InvokedFunctionArn)...)
	header, _ := ctx.Value(xrayContextKey).(string)
	attributes = appendText(attributes, semconv.XRayTraceHeader, header)
	if t.cfg.noFingerprints {
		return attributes
	}
	return appendText(attributes, semconv.PayloadFingerprint, fingerprint(payload))
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
		last = &invoked{arn, attributesOfARN(arn)}
		t.invoked.Store(last)
	}
	return last.attributes
}

// attributesOfARN reads arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER].
func attributesOfARN(arn string) []attribute.KeyValue {
	parts := strings.Split(arn, ":")
	if len(parts) < 7 {
		return nil
	}
	return []attribute.KeyValue{
		attribute.String(semconv.LambdaInvokedARN, arn),
		attribute.String(semconv.CloudResourceID, strings.Join(parts[:7], ":")),
		attribute.String(semconv.CloudAccountID, parts[4]),
	}
}

func appendText(attributes []attribute.KeyValue, key, value string) []attribute.KeyValue {
	if value == "" {
		return attributes
	}
	return append(attributes, attribute.String(key, value))
}

// fingerprint is empty for what Step Functions cannot have sent: too large, or not JSON.
func fingerprint(payload []byte) string {
	if len(payload) > maxFingerprinted {
		return ""
	}
	sum, err := spanid.Fingerprint(payload)
	if err != nil {
		return ""
	}
	return sum
}
