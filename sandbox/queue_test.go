package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox"
	"github.com/steptrace/steptrace/sandbox/awswire"
)

func createQueue(t *testing.T, cfg aws.Config, name string) (*sqs.Client, *string) {
	t.Helper()
	c := sqs.NewFromConfig(cfg)
	out, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	require.NoError(t, err)
	return c, out.QueueUrl
}

// next is the body of the next message, which is deleted.
func next(t *testing.T, c *sqs.Client, url *string) string {
	t.Helper()
	out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 10})
	require.NoError(t, err)
	require.Len(t, out.Messages, 1)
	_, err = c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{
		QueueUrl: url, ReceiptHandle: out.Messages[0].ReceiptHandle,
	})
	require.NoError(t, err)
	return *out.Messages[0].Body
}

func createMachine(t *testing.T, c *sfn.Client, name, definition string) *string {
	t.Helper()
	out, err := c.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
	})
	require.NoError(t, err)
	return out.StateMachineArn
}

// TestStatusChangesReachAQueue is how an agent hears of executions: EventBridge puts their status changes in a queue. The
// queue is throttled once.
func TestStatusChangesReachAQueue(t *testing.T) {
	s, cfg := start(t, sandbox.Config{})
	s.Inject(sandbox.Fault{
		Service: sandbox.SQS, Operation: "SendMessage", Count: 1, Error: &awswire.Error{Code: "RequestThrottled"},
	})
	queue, url := createQueue(t, cfg, "changes")
	events, name := eventbridge.NewFromConfig(cfg), aws.String("changes")
	_, err := events.PutRule(t.Context(), &eventbridge.PutRuleInput{
		Name: name, EventPattern: aws.String(`{"source":["aws.states"],"detail":{"status":["SUCCEEDED"]}}`),
	})
	require.NoError(t, err)
	_, err = events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: name, Targets: []eventbridgetypes.Target{
		{Id: aws.String("1"), Arn: aws.String("arn:aws:sqs:eu-west-1:123456789012:changes")},
	}})
	require.NoError(t, err)

	machines := sfn.NewFromConfig(cfg)
	machine := createMachine(t, machines, "m", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`)
	started, err := machines.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: machine})
	require.NoError(t, err)
	var event struct {
		Version, Source, Account, Region string
		Resources                        []string
		Detail                           struct{ ExecutionARN, Status string }
	}
	require.NoError(t, json.Unmarshal([]byte(next(t, queue, url)), &event))
	require.Equal(t, []string{"0", "aws.states", "123456789012", "eu-west-1"},
		[]string{event.Version, event.Source, event.Account, event.Region})
	require.Equal(t, *started.ExecutionArn, event.Detail.ExecutionARN)
	history, err := machines.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{
		ExecutionArn: started.ExecutionArn, ReverseOrder: true, MaxResults: 1,
	})
	require.NoError(t, err)
	require.Equal(t, "ExecutionSucceeded", string(history.Events[0].Type), "the event does not come before the history's")
}

func TestStepFunctionsSendsMessages(t *testing.T) {
	_, cfg := start(t, sandbox.Config{})
	queue, url := createQueue(t, cfg, "jobs")
	machines := sfn.NewFromConfig(cfg)
	run := func(name, resource, queueURL string) *sfn.GetExecutionHistoryOutput {
		machine := createMachine(t, machines, name, `{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"`+resource+`",
			"Parameters":{"QueueUrl":"`+queueURL+`","MessageBody.$":"$.order"},"End":true}}}`)
		started, err := machines.StartExecution(t.Context(), &sfn.StartExecutionInput{
			StateMachineArn: machine, Input: aws.String(`{"order":{"id":7}}`),
		})
		require.NoError(t, err)
		var out *sfn.GetExecutionHistoryOutput
		require.Eventually(t, func() bool {
			out, err = machines.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{
				ExecutionArn: started.ExecutionArn, ReverseOrder: true,
			})
			return err == nil && strings.HasPrefix(string(out.Events[0].Type), "Execution") && out.Events[0].Id > 1
		}, waitFor, tick)
		return out
	}
	out := run("send", "arn:aws:states:::sqs:sendMessage", *url)
	require.JSONEq(t, `{"id":7}`, next(t, queue, url))
	require.Contains(t, *out.Events[0].ExecutionSucceededEventDetails.Output, `"MD5OfMessageBody"`)

	out = run("lost", "arn:aws:states:::sqs:sendMessage", *url+"-other")
	require.Equal(t, "SQS.QueueDoesNotExistException", *out.Events[0].ExecutionFailedEventDetails.Error)
}
