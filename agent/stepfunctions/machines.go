package stepfunctions

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/steptrace/steptrace/agent/awsapi"
)

// StateMachine is a Standard state machine, whose executions can be listed.
type StateMachine struct {
	ARN, Name string
}

// StateMachines lists all Standard state machines of the account and region.
func (c *Client) StateMachines(ctx context.Context) ([]StateMachine, error) {
	var all []StateMachine
	in := &sfn.ListStateMachinesInput{MaxResults: maxResults}
	for {
		out, err := awsapi.Call(ctx, c.Caller, ListStateMachines, c.api.ListStateMachines, in)
		if err != nil {
			return nil, err
		}
		for _, m := range out.StateMachines {
			if m.Type != types.StateMachineTypeExpress {
				all = append(all, StateMachine{ARN: aws.ToString(m.StateMachineArn), Name: aws.ToString(m.Name)})
			}
		}
		if out.NextToken == nil {
			return all, nil
		}
		in.NextToken = out.NextToken
	}
}

// maxResults is the most that the API gives in a page.
const maxResults = 1000

// Tags reads a state machine's tags.
func (c *Client) Tags(ctx context.Context, machineARN string) (map[string]string, error) {
	in := &sfn.ListTagsForResourceInput{ResourceArn: &machineARN}
	out, err := awsapi.Call(ctx, c.Caller, ListTagsForResource, c.api.ListTagsForResource, in)
	if err != nil {
		return nil, fmt.Errorf("read tags of %s: %w", machineARN, err)
	}
	tags := make(map[string]string, len(out.Tags))
	for _, t := range out.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}
