package cloudwatchlogs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// Groups lists the names of the log groups that begin with the prefix.
func (c *Client) Groups(ctx context.Context, prefix string) ([]string, error) {
	in := &cloudwatchlogs.DescribeLogGroupsInput{}
	if prefix != "" {
		in.LogGroupNamePrefix = aws.String(prefix)
	}
	var names []string
	for {
		out, err := awsapi.Call(ctx, c.Caller, DescribeLogGroups, c.api.DescribeLogGroups, in)
		if err != nil {
			return nil, fmt.Errorf("list log groups %s*: %w", prefix, err)
		}
		for _, g := range out.LogGroups {
			names = append(names, aws.ToString(g.LogGroupName))
		}
		if out.NextToken == nil {
			return names, nil
		}
		in.NextToken = out.NextToken
	}
}

// Page is a part of a log group, by the time of its log events.
type Page struct {
	Messages []vendedlogs.Message
	Next     string // the token of the next page; empty: this was the last
}

// Events reads a page of the log events of a group, a name or an ARN, from the time on.
func (c *Client) Events(ctx context.Context, group string, from time.Time, token string) (Page, error) {
	in := &cloudwatchlogs.FilterLogEventsInput{StartTime: aws.Int64(from.UnixMilli())}
	if strings.HasPrefix(group, "arn:") {
		in.LogGroupIdentifier = aws.String(strings.TrimSuffix(group, ":*"))
	} else {
		in.LogGroupName = aws.String(group)
	}
	if token != "" {
		in.NextToken = aws.String(token)
	}
	out, err := awsapi.Call(ctx, c.Caller, FilterLogEvents, c.api.FilterLogEvents, in)
	if err != nil {
		return Page{}, fmt.Errorf("read log group %s: %w", group, err)
	}
	page := Page{Messages: make([]vendedlogs.Message, len(out.Events)), Next: aws.ToString(out.NextToken)}
	for i, e := range out.Events {
		page.Messages[i] = vendedlogs.Message{
			Group: group, Stream: aws.ToString(e.LogStreamName), ID: aws.ToString(e.EventId), Position: i + 1,
			Time: time.UnixMilli(aws.ToInt64(e.Timestamp)).UTC(), Text: aws.ToString(e.Message),
		}
	}
	return page, nil
}
