package stepfunctions

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/steptrace/steptrace/agent/awsapi"
)

// Definition is a revision of a state machine's definition.
type Definition struct {
	Text     string
	Revision string // empty for the one that the state machine was created with
	Since    time.Time
	Type     string // STANDARD, EXPRESS
}

// CurrentDefinition reads the definition that the state machine, or its version, has now. Since is when the state
// machine or version was created.
func (c *Client) CurrentDefinition(ctx context.Context, machineARN string) (Definition, error) {
	in := &sfn.DescribeStateMachineInput{StateMachineArn: aws.String(machineARN)}
	out, err := awsapi.Call(ctx, c.Caller, DescribeStateMachine, c.api.DescribeStateMachine, in)
	if err != nil {
		return Definition{}, fmt.Errorf("read definition of %s: %w", machineARN, err)
	}
	return Definition{
		Text: aws.ToString(out.Definition), Revision: aws.ToString(out.RevisionId),
		Since: aws.ToTime(out.CreationDate).UTC(), Type: string(out.Type),
	}, nil
}

// DefinitionOf reads the definition that the execution uses; for a child of a Map Run its part of the definition.
// Since is when the state machine got it.
func (c *Client) DefinitionOf(ctx context.Context, executionARN string) (Definition, error) {
	in := &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: aws.String(executionARN)}
	out, err := awsapi.Call(ctx, c.Caller, DescribeStateMachineForExecution, c.api.DescribeStateMachineForExecution, in)
	if err != nil {
		return Definition{}, fmt.Errorf("read definition of %s: %w", executionARN, err)
	}
	return Definition{
		Text: aws.ToString(out.Definition), Revision: aws.ToString(out.RevisionId),
		Since: aws.ToTime(out.UpdateDate).UTC(), Type: string(types.StateMachineTypeStandard), // others it refuses
	}, nil
}
