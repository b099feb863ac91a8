package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/history"
)

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
// the given size. (moto knows no backwards: there it reads all.)
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
		news := slices.DeleteFunc(slices.Clone(events), func(e history.Event) bool { return e.ID <= id })
		tail = append(tail, news...)
		forward := len(events) > 1 && events[0].ID < events[1].ID
		if in.NextToken == nil || len(news) < len(events) && !forward {
			history.Sort(tail)
			return tail, nil
		}
	}
}

func pageSize(wanted int) int32 { return int32(min(max(wanted, 1), maxResults)) } // #nosec G115 -- bounded

// historyPage reads a page and moves the input to the next. It decodes the answer itself, so that nothing AWS sent is
// lost to the SDK's version of the API.
func (c *Client) historyPage(ctx context.Context, in *sfn.GetExecutionHistoryInput) ([]history.Event, error) {
	var body []byte
	_, err := awsapi.Call(ctx, c.Caller, GetExecutionHistory, c.api.GetExecutionHistory, in, c.takeBody(&body))
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
