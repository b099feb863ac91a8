package cloudwatchlogs

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// callError says in one sentence why a call failed and what mends it.
type callError struct {
	operation string
	err       error
}

func (e *callError) Unwrap() error { return e.err }

func (e *callError) Error() string {
	call := "call " + e.operation + " of CloudWatch Logs: "
	var (
		api     smithy.APIError
		network *smithyhttp.RequestSendError
	)
	switch {
	case errors.As(e.err, &api):
		return call + api.ErrorCode() + ": " + api.ErrorMessage() + e.remedy()
	case errors.As(e.err, &network):
		return fmt.Sprintf("%sno answer: %v; check the network, the region and the endpoint", call, network.Err)
	}
	return call + e.err.Error()
}

const unavailable = "ServiceUnavailableException"

func (e *callError) remedy() string {
	switch {
	case hasCode(e.err, "ResourceNotFoundException"):
		return "; create the log group, or take it out of log_groups"
	case hasCode(e.err, "AccessDeniedException", "AccessDenied"):
		return "; allow logs:" + e.operation + " on it to the receiver's AWS identity"
	case hasCode(e.err, "ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException",
		"IncompleteSignatureException", "MissingAuthenticationTokenException"):
		return "; renew the AWS credentials, and check the clock"
	}
	return ""
}

// IsExpired is true for the error about a page's token that is not taken any more.
func IsExpired(err error) bool { return hasCode(err, "InvalidParameterException") }

func hasCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}
