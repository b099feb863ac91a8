package awsapi

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
)

type credentialsError struct{ err error }

func (e *credentialsError) Unwrap() error { return e.err }

func (e *credentialsError) Error() string {
	return fmt.Sprintf("there are no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "+
		"or give the machine a role (%v)", e.err)
}

// Told marks the errors of a provider of credentials, which the SDK has no type for, so that a call that fails for one
// says what mends it.
func Told(provider aws.CredentialsProvider) aws.CredentialsProvider {
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
