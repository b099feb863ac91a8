// Package stepfunctions reads executions from the Step Functions API within a share of its quotas.
package stepfunctions

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/steptrace/steptrace/agent/awsapi"
)

// Client calls the API in one region of one account. It is safe for concurrent use.
type Client struct {
	*awsapi.Caller
	api     *sfn.Client
	maxBody int64 // of an answer, in bytes
}

// New makes a client. endpoint may be empty: what the AWS configuration has.
func New(cfg aws.Config, endpoint string, o awsapi.Options) (*Client, error) {
	caller, err := awsapi.New(awsapi.Service{
		Name: "Step Functions", RPCName: "SFN", Actions: "states", Quotas: Quotas(cfg.Region), Remedy: remedy,
	}, o)
	if err != nil {
		return nil, err
	}
	c := &Client{Caller: caller, maxBody: maxBody}
	c.api = sfn.NewFromConfig(cfg, c.readWhole, func(s *sfn.Options) {
		s.Retryer = aws.NopRetryer{}
		s.Credentials = awsapi.Told(s.Credentials)
		if endpoint != "" {
			s.BaseEndpoint = &endpoint
		}
	})
	return c, nil
}
