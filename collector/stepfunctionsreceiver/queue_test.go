package stepfunctionsreceiver_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
	"github.com/steptrace/steptrace/sandbox"
)

// TestTheQueueTellsOfExecutions lets nothing but status changes tell: listings come once an hour.
func TestTheQueueTellsOfExecutions(t *testing.T) {
	_, _, cfg := setUp(t)
	s, err := sandbox.Start(t.Context(), sandbox.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	t.Setenv("AWS_ENDPOINT_URL", s.URL())
	awsConfig, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	awsConfig.HTTPClient = stepfunctionstest.HTTPClient(t)
	cfg.QueueURL = changes(t, awsConfig)
	cfg.SweepInterval, cfg.RunningInterval = time.Hour, time.Hour
	require.NoError(t, cfg.Validate())

	factory := stepfunctionsreceiver.NewFactory()
	logs := new(consumertest.LogsSink)
	r, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, logs)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	machines := sfn.NewFromConfig(awsConfig)
	m, err := machines.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("m"), RoleArn: aws.String("arn:aws:iam::123456789012:role/any"),
		Definition: aws.String(`{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`),
	})
	require.NoError(t, err)
	// The first listing, of the state machine when it is found, tells of nothing: the execution starts after it.
	require.Eventually(t, func() bool { return s.Calls()["states:ListExecutions"] >= 2 }, 10*time.Second, time.Millisecond)
	listings := s.Calls()["states:ListExecutions"]
	_, err = machines.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: m.StateMachineArn})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return logs.LogRecordCount() == 4 }, 10*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	require.Equal(t, listings, s.Calls()["states:ListExecutions"])
	require.FileExists(t, filepath.Clean(cfg.Checkpoint))
	left, err := sqs.NewFromConfig(awsConfig).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &cfg.QueueURL})
	require.NoError(t, err)
	require.Empty(t, left.Messages)
}

// changes makes a queue of the status changes of all executions.
func changes(t *testing.T, cfg aws.Config) string {
	t.Helper()
	queue, err := sqs.NewFromConfig(cfg).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("changes")})
	require.NoError(t, err)
	events := eventbridge.NewFromConfig(cfg)
	_, err = events.PutRule(t.Context(), &eventbridge.PutRuleInput{
		Name:         aws.String("changes"),
		EventPattern: aws.String(`{"source":["aws.states"],"detail-type":["Step Functions Execution Status Change"]}`),
	})
	require.NoError(t, err)
	_, err = events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
		Rule: aws.String("changes"),
		Targets: []types.Target{
			{Id: aws.String("queue"), Arn: aws.String("arn:aws:sqs:eu-west-1:123456789012:changes")},
		},
	})
	require.NoError(t, err)
	return *queue.QueueUrl
}
