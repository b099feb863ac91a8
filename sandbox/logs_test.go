package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox"
	logs "github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
)

// endpoint answers as a Firehose delivery's destination has to, and passes on what is in the records.
func endpoint(t *testing.T) (url string, messages chan string) {
	t.Helper()
	messages = make(chan string, 20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			RequestID string `json:"requestId"`
			Records   []struct {
				Data []byte `json:"data"`
			} `json:"records"`
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Error(err)
		}
		for _, record := range request.Records {
			zipped, err := gzip.NewReader(bytes.NewReader(record.Data))
			if err != nil {
				t.Error(err)
				return
			}
			var message struct {
				LogEvents []struct{ Message string }
			}
			if err := json.NewDecoder(zipped).Decode(&message); err != nil {
				t.Error(err)
			}
			for _, e := range message.LogEvents {
				messages <- e.Message
			}
		}
		fmt.Fprintf(w, `{"requestId":%q,"timestamp":1}`, request.RequestID)
	}))
	t.Cleanup(server.Close)
	return server.URL, messages
}

// TestExpressLogsReachAnEndpoint is how an agent sees Express executions: their lines come from a log group's
// subscription.
func TestExpressLogsReachAnEndpoint(t *testing.T) {
	url, messages := endpoint(t)
	s, cfg := start(t, sandbox.Config{DeliveryStreams: map[string]logs.HTTPTarget{"traces": {URL: url}}})
	c := cloudwatchlogs.NewFromConfig(cfg)
	group := aws.String("/aws/vendedlogs/states/fast")
	_, err := c.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	require.NoError(t, err)
	_, err = c.PutSubscriptionFilter(t.Context(), &cloudwatchlogs.PutSubscriptionFilterInput{
		LogGroupName: group, FilterName: aws.String("traces"), FilterPattern: aws.String(""),
		DestinationArn: aws.String("arn:aws:firehose:eu-west-1:123456789012:deliverystream/traces"),
	})
	require.NoError(t, err)
	require.Contains(t, <-messages, "CWL CONTROL MESSAGE")

	machines := sfn.NewFromConfig(cfg)
	machine, err := machines.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("fast"), Type: sfntypes.StateMachineTypeExpress, RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
		Definition: aws.String(`{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`),
		LoggingConfiguration: &sfntypes.LoggingConfiguration{
			Level: sfntypes.LogLevelAll, Destinations: []sfntypes.LogDestination{{
				CloudWatchLogsLogGroup: &sfntypes.CloudWatchLogsLogGroup{
					LogGroupArn: aws.String("arn:aws:logs:eu-west-1:123456789012:log-group:" + *group + ":*"),
				},
			}},
		},
	})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(<-messages, "Permissions are set correctly"))
	started, err := machines.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: machine.StateMachineArn})
	require.NoError(t, err)
	for id := 1; id <= 4; id++ {
		message := <-messages
		require.Contains(t, message, fmt.Sprintf(`{"id":"%d",`, id))
		require.Contains(t, message, *started.ExecutionArn)
	}
	require.Equal(t, int64(1), s.Calls()["logs:PutSubscriptionFilter"])
}

// TestFunctionsAreSubscribed: what Lambda answers is its own affair; here there is no such function.
func TestFunctionsAreSubscribed(t *testing.T) {
	s, cfg := start(t, sandbox.Config{})
	c := cloudwatchlogs.NewFromConfig(cfg)
	group, stream := aws.String("g"), aws.String("s")
	_, err := c.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	require.NoError(t, err)
	_, err = c.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	require.NoError(t, err)
	_, err = c.PutSubscriptionFilter(t.Context(), &cloudwatchlogs.PutSubscriptionFilterInput{
		LogGroupName: group, FilterName: aws.String("f"), FilterPattern: aws.String(""),
		DestinationArn: aws.String("arn:aws:lambda:eu-west-1:123456789012:function:none"),
	})
	require.NoError(t, err)
	_, err = c.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: group, LogStreamName: stream, LogEvents: []logstypes.InputLogEvent{
			{Message: aws.String("m"), Timestamp: aws.Int64(time.Now().UnixMilli())},
		},
	})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Calls()["lambda:Invoke"] == 1 }, waitFor, tick)
}
