package vendedlogsreceiver_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
	"github.com/steptrace/steptrace/sandbox"
	logs "github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
)

// running starts a sandbox whose log lines come late, unordered and more than once.
func running(t *testing.T, streams map[string]logs.HTTPTarget) aws.Config {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{
		Dir: t.TempDir(), DeliveryStreams: streams, Seed: 1,
		Logs: logs.Delivery{Delay: 200 * time.Millisecond, Shuffle: true, Duplicate: 0.3},
	})
	require.NoError(t, err)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, s.Close(ctx))
	})
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.URL(), "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1",
		"AWS_CA_BUNDLE": "", // would want another kind of HTTP client
	} {
		t.Setenv(key, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithHTTPClient(&http.Client{Transport: transport}),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")))
	require.NoError(t, err)
	_, err = cloudwatchlogs.NewFromConfig(cfg).CreateLogGroup(t.Context(),
		&cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)})
	require.NoError(t, err)
	return cfg
}

// express runs ten executions of an Express state machine that logs.
func express(t *testing.T, cfg aws.Config) {
	t.Helper()
	machines := sfn.NewFromConfig(cfg)
	machine, err := machines.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("resize"), Type: sfntypes.StateMachineTypeExpress,
		RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
		Definition: aws.String(`{"StartAt":"First","States":{
			"First":{"Type":"Pass","Next":"Both"},
			"Both":{"Type":"Parallel","End":true,"Branches":[
				{"StartAt":"Left","States":{"Left":{"Type":"Pass","End":true}}},
				{"StartAt":"Right","States":{"Right":{"Type":"Pass","End":true}}}]}}}`),
		LoggingConfiguration: &sfntypes.LoggingConfiguration{
			Level: sfntypes.LogLevelAll, IncludeExecutionData: true,
			Destinations: []sfntypes.LogDestination{{CloudWatchLogsLogGroup: &sfntypes.CloudWatchLogsLogGroup{
				LogGroupArn: aws.String("arn:aws:logs:eu-west-1:123456789012:log-group:" + group + ":*"),
			}}},
		},
	})
	require.NoError(t, err)
	for range 10 {
		_, err = machines.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: machine.StateMachineArn})
		require.NoError(t, err)
	}
}

// requireTen waits for ten whole traces, each of an execution, four states and two branches.
func requireTen(t *testing.T, sink *vendedlogstest.Sink) {
	t.Helper()
	require.Eventually(t, func() bool { return len(sink.Spans()) == 10*7 && len(sink.Records()) == 10*12 },
		20*time.Second, 10*time.Millisecond)
	for name, n := range sink.Records() {
		require.Equal(t, 1, n, name)
	}
	for _, span := range spans(sink) {
		require.NotContains(t, span, "missing")
		require.NotContains(t, span, "open")
	}
}

func TestExpressExecutionsAreReadFromTheSandbox(t *testing.T) {
	_, c := polling(t)
	cfg := running(t, nil)
	sink := vendedlogstest.NewSink()
	stop := start(t, c, settings(), sink)
	express(t, cfg)
	requireTen(t, sink)
	stop()
}

func TestExpressExecutionsArePushedByTheSandbox(t *testing.T) {
	url, c := listening(t)
	c.HTTP.Get().AccessKey = "key"
	sink := vendedlogstest.NewSink()
	stop := start(t, c, settings(), sink)
	cfg := running(t, map[string]logs.HTTPTarget{"traces": {URL: url, AccessKey: "key"}})
	_, err := cloudwatchlogs.NewFromConfig(cfg).PutSubscriptionFilter(t.Context(), &cloudwatchlogs.PutSubscriptionFilterInput{
		LogGroupName: aws.String(group), FilterName: aws.String("traces"), FilterPattern: aws.String(""),
		DestinationArn: aws.String("arn:aws:firehose:eu-west-1:123456789012:deliverystream/traces"),
	})
	require.NoError(t, err)
	express(t, cfg)
	requireTen(t, sink)
	stop()
}
