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
