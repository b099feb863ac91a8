package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/steptrace/steptrace/agent/history"
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
		out, err := call(ctx, c, "ListStateMachines", func(ctx context.Context) (*sfn.ListStateMachinesOutput, error) {
			return c.api.ListStateMachines(ctx, in)
		})
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

// Execution is an entry of ListExecutions.
type Execution struct {
	ARN          string
	Version      string // the state machine version's ARN; empty for one started without
	Started      time.Time
	Running      bool
	RedriveCount int
}

// Executions hands out a state machine's executions, newest first, until take returns false.
func (c *Client) Executions(ctx context.Context, machineARN string, take func(Execution) bool) error {
	in := &sfn.ListExecutionsInput{StateMachineArn: aws.String(machineARN), MaxResults: maxResults}
	for {
		out, err := call(ctx, c, "ListExecutions", func(ctx context.Context) (*sfn.ListExecutionsOutput, error) {
			return c.api.ListExecutions(ctx, in)
		})
		if err != nil {
			return fmt.Errorf("list executions of %s: %w", machineARN, err)
		}
		for _, e := range out.Executions {
			if !take(execution(e)) {
				return nil
			}
		}
		if out.NextToken == nil {
			return nil
		}
		in.NextToken = out.NextToken
	}
}

func execution(e types.ExecutionListItem) Execution {
	return Execution{
		ARN: aws.ToString(e.ExecutionArn), Version: aws.ToString(e.StateMachineVersionArn),
		Started: aws.ToTime(e.StartDate).UTC(), Running: e.Status == types.ExecutionStatusRunning,
		RedriveCount: int(aws.ToInt32(e.RedriveCount)),
	}
}

// maxResults is the most that the API gives in a page.
const maxResults = 1000

// History hands out the events of an execution from the first one on, page by page, until take fails.
func (c *Client) History(ctx context.Context, arn string, take func([]history.Event) error) error {
	in := &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(arn), MaxResults: maxResults}
	for {
		events, err := c.historyPage(ctx, in)
		if err != nil {
			return err
		}
		if err := take(events); err != nil || in.NextToken == nil {
			return err
		}
	}
}

// HistoryAfter returns the events behind the one with the id, in order. It reads backwards from the newest, in pages of
// the given size.
func (c *Client) HistoryAfter(ctx context.Context, arn string, id int64, page int) ([]history.Event, error) {
	in := &sfn.GetExecutionHistoryInput{
		ExecutionArn: aws.String(arn), ReverseOrder: true, MaxResults: pageSize(page),
	}
	var tail []history.Event
	for {
		events, err := c.historyPage(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			if e.ID <= id {
				slices.Reverse(tail)
				return tail, nil
			}
			tail = append(tail, e)
		}
		if in.NextToken == nil {
			slices.Reverse(tail)
			return tail, nil
		}
	}
}

func pageSize(wanted int) int32 { return int32(min(max(wanted, 1), maxResults)) } // #nosec G115 -- bounded

// historyPage reads a page and moves the input to the next. It decodes the answer itself, so that nothing AWS sent is
// lost to the SDK's version of the API.
func (c *Client) historyPage(ctx context.Context, in *sfn.GetExecutionHistoryInput) ([]history.Event, error) {
	var body []byte
	_, err := call(ctx, c, "GetExecutionHistory", func(ctx context.Context) (*sfn.GetExecutionHistoryOutput, error) {
		return c.api.GetExecutionHistory(ctx, in, c.takeBody(&body))
	})
	if err != nil {
		return nil, fmt.Errorf("read history of %s: %w", *in.ExecutionArn, err)
	}
	events, err := history.Decode(*in.ExecutionArn, body)
	if err != nil {
		return nil, malformed(err)
	}
	var next struct {
		Token *string `json:"nextToken"`
	}
	if err := json.Unmarshal(body, &next); err != nil {
		return nil, malformed(fmt.Errorf("history %s: nextToken: %w", *in.ExecutionArn, err))
	}
	in.NextToken = next.Token
	return events, nil
}

func malformed(err error) error {
	return fmt.Errorf("%w: %w; check what answers at the endpoint, or update Steptrace", errMalformed, err)
}

// Definition is a state machine's definition as an execution uses it.
type Definition struct {
	Text    string
	Updated time.Time // since when the state machine has it
}

// Definition reads the definition that the execution uses.
func (c *Client) Definition(ctx context.Context, arn string) (Definition, error) {
	out, err := call(ctx, c, "DescribeStateMachineForExecution",
		func(ctx context.Context) (*sfn.DescribeStateMachineForExecutionOutput, error) {
			return c.api.DescribeStateMachineForExecution(ctx,
				&sfn.DescribeStateMachineForExecutionInput{ExecutionArn: aws.String(arn)})
		})
	if err != nil {
		return Definition{}, fmt.Errorf("read definition of %s: %w", arn, err)
	}
	return Definition{Text: aws.ToString(out.Definition), Updated: aws.ToTime(out.UpdateDate).UTC()}, nil
}
