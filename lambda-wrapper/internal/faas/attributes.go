// Package faas says of an invocation what its span says, whatever observes it: the wrapper in the function's process,
// or the layer beside it.
package faas

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// MaxFingerprinted is the largest payload that Step Functions passes (256 KiB): a larger one came from elsewhere and
// needs no fingerprint.
const MaxFingerprinted = 256 << 10

// Invocation is what is known of one when it begins.
type Invocation struct {
	Function  Function
	ColdStart bool
	RequestID string
	ARN       []attribute.KeyValue // AttributesOfARN of the one as which the function was invoked
	XRay      string               // the header, empty without one
	Payload   []byte               // to be fingerprinted; nil: it is not to be
}

// Attributes are those of its span, with room for those of its cause.
func (i Invocation) Attributes() []attribute.KeyValue {
	attributes := append(make([]attribute.KeyValue, 0, 14),
		attribute.String(semconv.Kind, semconv.KindInvocation),
		attribute.Bool(semconv.FaaSColdStart, i.ColdStart))
	attributes = AppendText(attributes, semconv.FaaSName, i.Function.Name)
	attributes = AppendText(attributes, semconv.FaaSVersion, i.Function.Version)
	attributes = AppendText(attributes, semconv.FaaSInvocationID, i.RequestID)
	attributes = append(attributes, i.ARN...)
	attributes = AppendText(attributes, semconv.XRayTraceHeader, i.XRay)
	return AppendText(attributes, semconv.PayloadFingerprint, Fingerprint(i.Payload))
}

// AttributesOfARN reads arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER].
func AttributesOfARN(arn string) []attribute.KeyValue {
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

// AppendText adds an attribute unless its value is empty.
func AppendText(attributes []attribute.KeyValue, key, value string) []attribute.KeyValue {
	if value == "" {
		return attributes
	}
	return append(attributes, attribute.String(key, value))
}

// Fingerprint is empty for what Step Functions cannot have sent: too large, or not JSON.
func Fingerprint(payload []byte) string {
	if len(payload) > MaxFingerprinted {
		return ""
	}
	sum, err := spanid.Fingerprint(payload)
	if err != nil {
		return ""
	}
	return sum
}
