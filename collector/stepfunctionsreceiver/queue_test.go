package stepfunctionsreceiver_test

import (
	"context"
	"fmt"
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
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
	"github.com/steptrace/steptrace/sandbox"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// queued is a sandbox in which nothing but status changes tells of executions: listings come once an hour.
type queued struct {
	t       *testing.T
	sandbox *sandbox.Sandbox
	aws     aws.Config
	cfg     *stepfunctionsreceiver.Config
	machine *string
}

func newQueued(t *testing.T) *queued {
	_, _, cfg := setUp(t)
	s, err := sandbox.Start(t.Context(), sandbox.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	t.Setenv("AWS_ENDPOINT_URL", s.URL())
	q := &queued{t: t, sandbox: s, cfg: cfg}
	q.aws, err = config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	q.aws.HTTPClient = stepfunctionstest.HTTPClient(t)
	m, err := sfn.NewFromConfig(q.aws).CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("m"), RoleArn: aws.String("arn:aws:iam::123456789012:role/any"),
		Definition: aws.String(`{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`),
	})
	require.NoError(t, err)
	q.machine = m.StateMachineArn
	cfg.QueueURL = changes(t, q.aws)
	cfg.SweepInterval, cfg.RunningInterval = time.Hour, time.Hour
	require.NoError(t, cfg.Validate())
	return q
}

// receiver starts one with a checkpoint of its own, and waits for its first listings, which tell of nothing.
func (q *queued) receiver(checkpoint string, meter metric.MeterProvider) (receiver.Logs, *consumertest.LogsSink) {
	q.t.Helper()
	cfg := *q.cfg
	cfg.Checkpoint = filepath.Join(q.t.TempDir(), checkpoint)
	factory := stepfunctionsreceiver.NewFactory()
	set := receivertest.NewNopSettings(factory.Type())
	set.MeterProvider = meter
	logs := new(consumertest.LogsSink)
	r, err := factory.CreateLogs(q.t.Context(), set, &cfg, logs)
	require.NoError(q.t, err)
	before := q.sandbox.Calls()["states:ListExecutions"]
	require.NoError(q.t, r.Start(q.t.Context(), componenttest.NewNopHost()))
	require.Eventually(q.t, func() bool {
		return q.sandbox.Calls()["states:ListExecutions"] == before+2
	}, 10*time.Second, time.Millisecond)
	return r, logs
}

func (q *queued) start(n int) {
	q.t.Helper()
	for range n {
		_, err := sfn.NewFromConfig(q.aws).StartExecution(q.t.Context(), &sfn.StartExecutionInput{StateMachineArn: q.machine})
		require.NoError(q.t, err)
	}
}

func TestTheQueueTellsOfExecutions(t *testing.T) {
	q := newQueued(t)
	reader := sdk.NewManualReader()
	r, logs := q.receiver("one", sdk.NewMeterProvider(sdk.WithReader(reader)))
	q.start(1)
	require.Eventually(t, func() bool { return logs.LogRecordCount() == 4 }, 10*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	require.EqualValues(t, 2, q.sandbox.Calls()["states:ListExecutions"])
	left, err := sqs.NewFromConfig(q.aws).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.cfg.QueueURL})
	require.NoError(t, err)
	require.Empty(t, left.Messages)

	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	var names []string
	for _, m := range all.ScopeMetrics[0].Metrics {
		names = append(names, m.Name)
	}
	require.Subset(t, names, []string{
		semconv.MetricQueueMessages, semconv.MetricAPICalls, semconv.MetricEvents, semconv.MetricFinished,
	})
}

// Two receivers share a queue without knowing of each other: each execution is read by the one that heard of it, at most
// by both.
func TestTwoReceiversShareAQueue(t *testing.T) {
	q := newQueued(t)
	r1, logs1 := q.receiver("one", noop.MeterProvider{})
	r2, logs2 := q.receiver("two", noop.MeterProvider{})
	const executions = 60
	q.start(executions)
	require.Eventually(t, func() bool {
		return len(events(logs1, logs2)) == executions*4
	}, 20*time.Second, 5*time.Millisecond)
	require.NoError(t, r1.Shutdown(t.Context()))
	require.NoError(t, r2.Shutdown(t.Context()))
	require.NotZero(t, logs1.LogRecordCount())
	require.NotZero(t, logs2.LogRecordCount())
	require.Less(t, logs1.LogRecordCount()+logs2.LogRecordCount(), 2*executions*4, "they share the work")
}

// events are the different ones that arrived.
func events(sinks ...*consumertest.LogsSink) map[string]bool {
	seen := make(map[string]bool)
	for _, s := range sinks {
		for _, logs := range s.AllLogs() {
			for _, rl := range logs.ResourceLogs().All() {
				for _, r := range rl.ScopeLogs().At(0).LogRecords().All() {
					id, _ := r.Attributes().Get(semconv.EventID)
					seen[fmt.Sprint(r.TraceID(), id.Int())] = true
				}
			}
		}
	}
	return seen
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
