package awsapi

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// callError says in one sentence why a call failed and what mends it.
type callError struct {
	service   *Service
	operation string
	err       error
}

func (e *callError) Unwrap() error { return e.err }

func (e *callError) Error() string {
	call := "call " + e.operation + " of " + e.service.Name + ": "
	var (
		api         smithy.APIError
		credentials *credentialsError
		network     *smithyhttp.RequestSendError
	)
	switch {
	case errors.As(e.err, &credentials):
		return call + credentials.Error()
	case errors.As(e.err, &api):
		return call + api.ErrorCode() + ": " + api.ErrorMessage() + e.remedy()
	case errors.As(e.err, &network):
		return fmt.Sprintf("%sno answer: %v; check the network, the region and the endpoint", call, network.Err)
	}
	return call + e.err.Error()
}

func (e *callError) remedy() string {
	if e.service.Remedy != nil {
		if remedy := e.service.Remedy(e.operation, e.err); remedy != "" {
			return remedy
		}
	}
	switch {
	case IsDenied(e.err):
		return "; allow " + e.service.Actions + ":" + e.operation + " to the agent's AWS identity"
	case HasCode(e.err, credentialCodes...):
		return "; renew the AWS credentials, and check the clock"
	}
	return ""
}

// credentialCodes are the errors that AWS answers every call with whose signature it does not take.
var credentialCodes = []string{
	"ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "IncompleteSignatureException",
	"InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationToken",
	"MissingAuthenticationTokenException", "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException",
}

// IsDenied is true for an error that repeating the call does not mend.
func IsDenied(err error) bool {
	return HasCode(err, "AccessDeniedException", "AccessDenied", "UnknownOperationException")
}

// IsRefused is true when AWS refuses what this call asked for, so that others can succeed. Throttling, a failing
// service or network and unusable credentials are not that.
func IsRefused(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && !retryable(err) && !HasCode(err, credentialCodes...)
}

// HasCode is true for an error that AWS names by one of the codes.
func HasCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}
