// Package cloudwatchlogs reads log groups from the CloudWatch Logs API within a share of its quotas.
package cloudwatchlogs

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/steptrace/steptrace/agent/awsapi"
)

// Client calls the API in one region of one account. It is safe for concurrent use.
type Client struct {
	*awsapi.Caller
	api *cloudwatchlogs.Client
}

// New makes a client. endpoint may be empty: what the AWS configuration has.
func New(cfg aws.Config, endpoint string, o awsapi.Options) (*Client, error) {
	caller, err := awsapi.New(awsapi.Service{
		Name: "CloudWatch Logs", RPCName: "CloudWatch Logs", Actions: "logs", Quotas: Quotas(cfg.Region), Remedy: remedy,
	}, o)
	if err != nil {
		return nil, err
	}
	c := &Client{Caller: caller}
	c.api = cloudwatchlogs.NewFromConfig(cfg, func(o *cloudwatchlogs.Options) {
		o.Retryer = aws.NopRetryer{}
		o.Credentials = awsapi.Told(o.Credentials)
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
	})
	return c, nil
}
