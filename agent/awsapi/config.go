package awsapi

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// LoadConfig reads the AWS configuration of the environment. region goes before what is set there; unsigned calls need
// no credentials.
func LoadConfig(ctx context.Context, region string, unsigned bool) (aws.Config, error) {
	var options []func(*config.LoadOptions) error
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	if unsigned {
		options = append(options, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err == nil && c.Region == "" {
		err = errors.New("region: is not set, neither here nor as AWS_REGION")
	}
	return c, err
}

// AssumeRole gives the configuration the credentials of the role, which are taken when they are needed first. The
// external ID may be empty.
func AssumeRole(base aws.Config, roleARN, externalID string) aws.Config {
	provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(base), roleARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "steptrace"
		if externalID != "" {
			o.ExternalID = &externalID
		}
	})
	cfg := base.Copy()
	cfg.Credentials = aws.NewCredentialsCache(provider)
	return cfg
}
