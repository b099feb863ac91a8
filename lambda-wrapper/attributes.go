package wrapper

import (
	"context"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
)

// xrayContextKey is where aws-lambda-go puts the X-Ray header of an invocation; with concurrent invocations the
// environment variable does not tell.
const xrayContextKey = "x-amzn-trace-id"

func (t *telemetry) invocationAttributes(ctx context.Context, lc *lambdacontext.LambdaContext,
	payload []byte,
) []attribute.KeyValue {
	i := faas.Invocation{
		Function:  faas.Function{Name: lambdacontext.FunctionName, Version: lambdacontext.FunctionVersion},
		ColdStart: t.coldStart(), RequestID: lc.AwsRequestID, ARN: t.invokedAs(lc.InvokedFunctionArn), Payload: payload,
	}
	i.XRay, _ = ctx.Value(xrayContextKey).(string)
	if t.cfg.noFingerprints {
		i.Payload = nil
	}
	return i.Attributes()
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
