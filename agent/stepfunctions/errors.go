package stepfunctions

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	call := "call " + e.operation + " of Step Functions: "
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
	switch {
	case IsGone(e.err):
		return "; it was deleted, or is not to be seen yet"
	case IsDenied(e.err):
		return "; allow states:" + e.operation + " to the agent's AWS identity"
	case hasCode(e.err, credentialCodes...):
		return "; renew the AWS credentials, and check the clock"
	}
	return ""
}

// credentialCodes are the errors that AWS answers every call with whose signature it does not take.
var credentialCodes = []string{
	"ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException",
	"MissingAuthenticationToken", "MissingAuthenticationTokenException", "RequestExpired", "SignatureDoesNotMatch",
	"UnrecognizedClientException",
}

type credentialsError struct{ err error }

func (e *credentialsError) Unwrap() error { return e.err }

func (e *credentialsError) Error() string {
	return fmt.Sprintf("there are no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "+
		"or give the machine a role (%v)", e.err)
}

// told marks the errors of a provider of credentials, which the SDK has no type for.
func told(provider aws.CredentialsProvider) aws.CredentialsProvider {
	if provider == nil || aws.IsCredentialsProvider(provider, (*aws.AnonymousCredentials)(nil)) {
		return provider
	}
	return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		c, err := provider.Retrieve(ctx)
		if err != nil && ctx.Err() == nil {
			err = &credentialsError{err}
		}
		return c, err
	})
}

// errMalformed marks an answer that is not what the API documents.
var errMalformed = errors.New("the answer of Step Functions is not understood")

// ConcernsOne is true when other calls can succeed: Step Functions refuses what this one asked for, or its answer is
// malformed. Throttling, a failing service or network and unusable credentials are not that.
func ConcernsOne(err error) bool {
	if errors.Is(err, errMalformed) {
		return true
	}
	var api smithy.APIError
	return errors.As(err, &api) && !retryable(err) && !hasCode(err, credentialCodes...)
}

// IsGone is true for the error about an execution or state machine that no longer exists.
func IsGone(err error) bool {
	return hasCode(err, "ExecutionDoesNotExist", "StateMachineDoesNotExist", "StateMachineDeleting")
}

// IsDenied is true for an error that repeating the call does not mend.
func IsDenied(err error) bool {
	return hasCode(err, "AccessDeniedException", "AccessDenied", "UnknownOperationException")
}

// IsExpress is true for the error about executions that cannot be listed.
func IsExpress(err error) bool { return hasCode(err, "StateMachineTypeNotSupported") }

func hasCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}
