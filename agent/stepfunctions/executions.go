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

// Execution is what the API says of an execution beside its history.
type Execution struct {
	ARN          string
	StateMachine string // its ARN
	Version      string // the state machine version's ARN; empty for one started without
	MapRun       string // the ARN of the Map Run whose child it is; else empty
	Started      time.Time
	Stopped      time.Time // zero while it runs
	Status       string    // RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE
	RedriveCount int
	ARNOnly      bool // nothing but the ARN is known: Started is a guess, Version and MapRun may be missing
}

// Listing says which executions to list: those of a state machine or of a Map Run, all or with one status.
type Listing struct {
	StateMachine string // its ARN, or
	MapRun       string // its ARN
	Status       string // empty: any
}

func (l Listing) source() string {
	if l.MapRun != "" {
		return l.MapRun
	}
	return l.StateMachine
}

func (l Listing) input() *sfn.ListExecutionsInput {
	in := &sfn.ListExecutionsInput{MaxResults: maxResults, StatusFilter: types.ExecutionStatus(l.Status)}
	if l.MapRun != "" {
		in.MapRunArn = aws.String(l.MapRun)
	} else {
		in.StateMachineArn = aws.String(l.StateMachine)
	}
	return in
}

// Executions hands out the executions, newest first, until take returns false.
func (c *Client) Executions(ctx context.Context, l Listing, take func(Execution) bool) error {
	in := l.input()
	for {
		out, err := awsapi.Call(ctx, c.Caller, ListExecutions, c.api.ListExecutions, in)
		if err != nil {
			return fmt.Errorf("list executions of %s: %w", l.source(), err)
		}
		for _, e := range out.Executions {
			if !take(listed(e)) {
				return nil
			}
		}
		if out.NextToken == nil {
			return nil
		}
		in.NextToken = out.NextToken
	}
}

func listed(e types.ExecutionListItem) Execution {
	return Execution{
		ARN: aws.ToString(e.ExecutionArn), StateMachine: aws.ToString(e.StateMachineArn),
		Version: aws.ToString(e.StateMachineVersionArn), MapRun: aws.ToString(e.MapRunArn),
		Started: aws.ToTime(e.StartDate).UTC(), Stopped: stopped(e.StopDate), Status: string(e.Status),
		RedriveCount: int(aws.ToInt32(e.RedriveCount)),
	}
}

func stopped(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// Execution reads how an execution stands.
func (c *Client) Execution(ctx context.Context, arn string) (Execution, error) {
	in := &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn), IncludedData: types.IncludedDataMetadataOnly}
	out, err := awsapi.Call(ctx, c.Caller, DescribeExecution, c.api.DescribeExecution, in)
	if err != nil {
		return Execution{}, fmt.Errorf("describe %s: %w", arn, err)
	}
	return Execution{
		ARN: arn, StateMachine: aws.ToString(out.StateMachineArn),
		Version: aws.ToString(out.StateMachineVersionArn), MapRun: aws.ToString(out.MapRunArn),
		Started: aws.ToTime(out.StartDate).UTC(), Stopped: stopped(out.StopDate), Status: string(out.Status),
		RedriveCount: int(aws.ToInt32(out.RedriveCount)),
	}, nil
}
