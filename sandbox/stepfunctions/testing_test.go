package stepfunctions

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testRole = "arn:aws:iam::123456789012:role/workflow"

// bench is a service behind HTTP and an unmodified SDK client of it.
type bench struct {
	*sfn.Client
	t       *testing.T
	ctx     context.Context
	service *Service
	url     string
}

func newBench(t *testing.T, config Config) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	service := New(config)
	server := httptest.NewServer(service)
	client := sfn.New(sfn.Options{
		BaseEndpoint: aws.String(server.URL), Region: "eu-west-1", Retryer: quickRetries(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  server.Client(),
	})
	t.Cleanup(func() {
		require.NoError(t, service.Close(ctx))
		server.Close()
		cancel()
	})
	return &bench{Client: client, t: t, ctx: ctx, service: service, url: server.URL}
}

// quickRetries is the SDK's retrying without its pauses. It is needed: smithy-go 1.28 closes the request's body as soon
// as the response's first bytes are there, and if net/http is not quite through with writing it then, that ends the
// connection in the middle of a large response (safeWriteToReadCloser.WriteTo answers io.EOF).
func quickRetries() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = 10, time.Millisecond
		o.RateLimiter = ratelimit.None
	})
}

// machine creates a state machine and returns its ARN.
func (b *bench) machine(name, definition string) string {
	b.t.Helper()
	out, err := b.CreateStateMachine(b.ctx, &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String(testRole),
	})
	require.NoError(b.t, err)
	return *out.StateMachineArn
}

// start starts an execution and returns its ARN.
func (b *bench) start(machine, name, input string) string {
	b.t.Helper()
	out, err := b.StartExecution(b.ctx, &sfn.StartExecutionInput{
		StateMachineArn: &machine, Name: &name, Input: &input,
	})
	require.NoError(b.t, err)
	return *out.ExecutionArn
}

// await waits until an execution has ended and describes it.
func (b *bench) await(arn string) *sfn.DescribeExecutionOutput {
	b.t.Helper()
	x, err := b.service.execution(arn)
	require.NoError(b.t, err)
	select {
	case <-x.History.Ended():
	case <-b.ctx.Done():
		b.t.Fatalf("%s has not ended; its history:\n%v", arn, b.lines(arn))
	}
	out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	require.NoError(b.t, err)
	return out
}

// run runs an execution to its end and returns its description and history.
func (b *bench) run(definition, input string) (*sfn.DescribeExecutionOutput, []types.HistoryEvent) {
	b.t.Helper()
	name := fmt.Sprintf("machine-%d", len(b.service.machines))
	described := b.await(b.start(b.machine(name, definition), "run", input))
	return described, b.history(*described.ExecutionArn)
}

func (b *bench) history(arn string) []types.HistoryEvent {
	b.t.Helper()
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(b.Client, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, MaxResults: 1000})
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.ctx)
		require.NoError(b.t, err)
		events = append(events, page.Events...)
	}
	return events
}

// lines is a history as "id<-previous Type".
func (b *bench) lines(arn string) []string { return lines(b.history(arn)) }

func lines(events []types.HistoryEvent) []string {
	text := make([]string, 0, len(events))
	for _, e := range events {
		text = append(text, fmt.Sprintf("%d<-%d %s", e.Id, e.PreviousEventId, e.Type))
	}
	return text
}

// newMock is a mock clock at a fixed time.
func newMock(t *testing.T) *quartz.Mock {
	clock := quartz.NewMock(t)
	clock.Set(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	return clock
}
