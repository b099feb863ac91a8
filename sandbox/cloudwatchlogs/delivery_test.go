package cloudwatchlogs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
)

func (w *world) deliver(count int) {
	for n := range count {
		w.service.Deliver(groupARN+":*", "states/m/2026", cloudwatchlogs.Line{Timestamp: w.now, Message: fmt.Sprint(n)})
	}
}

func TestDeliveryAtOnce(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{})
	require.NoError(t, w.service.Validate(groupARN+":*"))
	require.NoError(t, w.service.Validate(groupARN+":*"), "again, which writes nothing")
	require.Error(t, w.service.Validate(groupARN+"lication:*"))
	w.deliver(3)
	out := w.filter(sdk.FilterLogEventsInput{})
	require.Equal(t, []string{
		"Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating a subscription.",
		"0", "1", "2",
	}, messages(out.Events))
	require.Equal(t, "states/m/2026", *out.Events[1].LogStreamName)
}

func TestDeliveryIsLateOutOfOrderDoubledAndLost(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{Seed: 5, Delivery: cloudwatchlogs.Delivery{
		Delay: 10 * time.Second, Shuffle: true, Duplicate: 0.2, Lose: 0.2,
	}})
	w.deliver(200)
	require.Empty(t, w.filter(sdk.FilterLogEventsInput{}).Events)
	for {
		next, pending := w.clock.Peek()
		if !pending {
			break
		}
		w.clock.Advance(next).MustWait(t.Context())
	}
	require.LessOrEqual(t, w.clock.Now().UnixMilli(), w.now+10000)
	got := messages(w.filter(sdk.FilterLogEventsInput{}).Events)
	counts := map[string]int{}
	for _, message := range got {
		counts[message]++
	}
	require.InDelta(t, 160, len(counts), 25)
	require.InDelta(t, 32, len(got)-len(counts), 20)
	require.False(t, slices.IsSorted(got))
}

func TestLinesOnTheirWayAreDroppedAtTheEnd(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{Delivery: cloudwatchlogs.Delivery{Delay: time.Hour}})
	w.deliver(1)
	w.service.Close()
	_, pending := w.clock.Peek()
	require.False(t, pending)
}

type delivered struct {
	MessageType, Owner, LogGroup, LogStream string
	SubscriptionFilters                     []string
	LogEvents                               []struct {
		ID        string `json:"id"`
		Timestamp int64  `json:"timestamp"`
		Message   string `json:"message"`
	}
}

func decompress(t *testing.T, data []byte) (out delivered) {
	t.Helper()
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(zipped).Decode(&out))
	return out
}

func (w *world) subscribe(destination, pattern string) error {
	_, err := w.PutSubscriptionFilter(w.t.Context(), &sdk.PutSubscriptionFilterInput{
		LogGroupName: aws.String("app"), FilterName: aws.String("f"), FilterPattern: &pattern, DestinationArn: &destination,
	})
	return err
}

const function = "arn:aws:lambda:eu-west-1:123456789012:function:reader"

func TestSubscriptionOfAFunction(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{})
	require.NoError(t, w.subscribe(function, "wanted"))
	w.stream("a")
	w.put("a", 7, "wanted one", "other", "wanted two")
	var payload struct {
		AWSLogs struct {
			Data []byte `json:"data"`
		} `json:"awslogs"`
	}
	require.NoError(t, json.Unmarshal(<-w.invoked, &payload))
	got := decompress(t, payload.AWSLogs.Data)
	require.Equal(t, "DATA_MESSAGE", got.MessageType)
	require.Equal(t, []string{"123456789012", "app", "a"}, []string{got.Owner, got.LogGroup, got.LogStream})
	require.Equal(t, []string{"f"}, got.SubscriptionFilters)
	require.Len(t, got.LogEvents, 2)
	require.Equal(t, "wanted two", got.LogEvents[1].Message)
	require.Equal(t, w.now+9, got.LogEvents[1].Timestamp)
	found := w.filter(sdk.FilterLogEventsInput{FilterPattern: aws.String("two")})
	require.Equal(t, *found.Events[0].EventId, got.LogEvents[1].ID)
}

func TestSubscriptionTriesAgain(t *testing.T) {
	answers := make(chan error, 2)
	answers <- &awswire.Error{Code: "TooManyRequestsException", Status: http.StatusTooManyRequests}
	answers <- nil
	invoked := make(chan []byte, 2)
	w := start(t, cloudwatchlogs.Config{InvokeLambda: func(_ context.Context, _ string, payload []byte) error {
		invoked <- payload
		return <-answers
	}})
	trap := w.clock.Trap().NewTimer(cloudwatchlogs.RetryTimer)
	defer trap.Close()
	require.NoError(t, w.subscribe(function, ""))
	w.stream("a")
	w.put("a", 0, "m")
	call := trap.MustWait(t.Context())
	call.MustRelease(t.Context())
	w.clock.Advance(call.Duration).MustWait(t.Context())
	require.Equal(t, <-invoked, <-invoked)
}

// TestSubscriptionOfAnEndpoint is called as Firehose calls, and refuses the first delivery.
func TestSubscriptionOfAnEndpoint(t *testing.T) {
	type call struct {
		header http.Header
		body   struct {
			RequestID string `json:"requestId"`
			Timestamp int64  `json:"timestamp"`
			Records   []struct {
				Data []byte `json:"data"`
			} `json:"records"`
		}
	}
	calls := make(chan call, 10)
	refusals := make(chan bool, 10)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := call{header: r.Header}
		if err := json.NewDecoder(r.Body).Decode(&c.body); err != nil {
			t.Error(err)
		}
		if <-refusals {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintf(w, `{"requestId":%q,"timestamp":1}`, c.body.RequestID)
		calls <- c
	}))
	defer endpoint.Close()
	w := start(t, cloudwatchlogs.Config{DeliveryStreams: map[string]cloudwatchlogs.HTTPTarget{"traces": {
		URL: endpoint.URL, AccessKey: "secret", CommonAttributes: map[string]string{"env": "test"},
	}}})
	trap := w.clock.Trap().NewTimer(cloudwatchlogs.RetryTimer)
	defer trap.Close()
	arn := "arn:aws:firehose:eu-west-1:123456789012:deliverystream/traces"
	require.NoError(t, w.subscribe(arn, ""))
	refusals <- false
	greeting := <-calls
	require.Equal(t, "CONTROL_MESSAGE", decompress(t, greeting.body.Records[0].Data).MessageType)

	w.stream("a")
	w.put("a", 0, "m")
	refusals <- true
	first := <-calls
	retry := trap.MustWait(t.Context())
	retry.MustRelease(t.Context())
	w.clock.Advance(retry.Duration).MustWait(t.Context())
	refusals <- false
	second := <-calls
	require.Equal(t, first.body.RequestID, second.body.RequestID, "the same delivery again")
	for name, want := range map[string]string{
		"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": second.body.RequestID,
		"X-Amz-Firehose-Source-Arn": arn, "X-Amz-Firehose-Access-Key": "secret", "Content-Type": "application/json",
		"X-Amz-Firehose-Common-Attributes": `{"commonAttributes":{"env":"test"}}`,
	} {
		require.Equal(t, want, second.header.Get(name), name)
	}
	require.Equal(t, w.clock.Now().UnixMilli(), second.body.Timestamp)
	require.Equal(t, "m", decompress(t, second.body.Records[0].Data).LogEvents[0].Message)
}

func TestSubscriptionFilters(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{})
	ctx := t.Context()
	require.Equal(t, "InvalidParameterException", code(t, w.subscribe("arn:aws:kinesis:eu-west-1:123456789012:stream/s", "")))
	require.Equal(t, "InvalidParameterException",
		code(t, w.subscribe("arn:aws:firehose:eu-west-1:123456789012:deliverystream/none", "")))
	require.Equal(t, "InvalidParameterException", code(t, w.subscribe(function, "[a, b]")))
	require.NoError(t, w.subscribe(function, "a"))
	require.NoError(t, w.subscribe(function, "b"), "the same name changes it")
	out, err := w.DescribeSubscriptionFilters(ctx, &sdk.DescribeSubscriptionFiltersInput{LogGroupName: aws.String("app")})
	require.NoError(t, err)
	require.Len(t, out.SubscriptionFilters, 1)
	require.Equal(t, "b", *out.SubscriptionFilters[0].FilterPattern)
	require.Equal(t, function, *out.SubscriptionFilters[0].DestinationArn)
	for _, name := range []string{"g", "h"} {
		_, err = w.PutSubscriptionFilter(ctx, &sdk.PutSubscriptionFilterInput{
			LogGroupName: aws.String("app"), FilterName: &name, FilterPattern: aws.String(""), DestinationArn: aws.String(function),
		})
	}
	require.Equal(t, "LimitExceededException", code(t, err), "two are the most")
	remove := &sdk.DeleteSubscriptionFilterInput{LogGroupName: aws.String("app"), FilterName: aws.String("f")}
	_, err = w.DeleteSubscriptionFilter(ctx, remove)
	require.NoError(t, err)
	_, err = w.DeleteSubscriptionFilter(ctx, remove)
	require.Equal(t, "ResourceNotFoundException", code(t, err))
}
