package sqs_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/sandbox/sqs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service behind HTTP with its client, on a clock that stands still.
type world struct {
	*sdk.Client
	t       *testing.T
	clock   *quartz.Mock
	service *sqs.Service
	url     string
}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: quartz.NewMock(t)}
	w.clock.Set(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	w.service = sqs.New(sqs.Config{
		Region: "eu-west-1", AccountID: "123456789012", EndpointURL: func() string { return w.url },
		Clock: w.clock, Logger: slog.New(slog.DiscardHandler),
	})
	server := httptest.NewServer(w.service)
	w.url = server.URL
	transport := &http.Transport{}
	t.Cleanup(func() { w.service.Close(); transport.CloseIdleConnections(); server.Close() })
	w.Client = sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: transport},
	})
	return w
}

func (w *world) create(name string, attributes map[string]string) *string {
	w.t.Helper()
	out, err := w.CreateQueue(w.t.Context(), &sdk.CreateQueueInput{QueueName: &name, Attributes: attributes})
	require.NoError(w.t, err)
	return out.QueueUrl
}

func (w *world) send(url *string, bodies ...string) {
	w.t.Helper()
	for _, body := range bodies {
		_, err := w.SendMessage(w.t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: &body})
		require.NoError(w.t, err)
	}
}

func (w *world) receive(url *string, limit int32) []types.Message {
	w.t.Helper()
	out, err := w.ReceiveMessage(w.t.Context(), &sdk.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: limit,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}, MessageAttributeNames: []string{"All"},
	})
	require.NoError(w.t, err)
	return out.Messages
}

func bodies(messages []types.Message) []string {
	out := make([]string, len(messages))
	for n, m := range messages {
		out[n] = *m.Body
	}
	return out
}

func (w *world) counts(url *string) [3]string {
	w.t.Helper()
	out, err := w.GetQueueAttributes(w.t.Context(), &sdk.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"},
	})
	require.NoError(w.t, err)
	return [3]string{
		out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesNotVisible"],
		out.Attributes["ApproximateNumberOfMessagesDelayed"],
	}
}

// code is the error's code as the SDK sees it: that of the query protocol, which it prefers.
func code(t *testing.T, err error) string {
	t.Helper()
	var e smithy.APIError
	require.ErrorAs(t, err, &e)
	return e.ErrorCode()
}

func TestSendReceiveDelete(t *testing.T) {
	w := start(t)
	url := w.create("jobs", nil)
	require.Equal(t, w.url+"/123456789012/jobs", *url)
	w.send(url, "one", "two", "three")

	got := w.receive(url, 2)
	require.Equal(t, []string{"one", "two"}, bodies(got))
	require.Equal(t, [3]string{"1", "2", "0"}, w.counts(url))
	require.Equal(t, map[string]string{
		"SenderId": "AIDASANDBOX", "SentTimestamp": "1795608000000", "ApproximateReceiveCount": "1",
		"ApproximateFirstReceiveTimestamp": "1795608000000",
	}, got[0].Attributes)
	for _, m := range got {
		_, err := w.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle})
		require.NoError(t, err)
	}
	w.clock.Advance(time.Minute)
	require.Equal(t, []string{"three"}, bodies(w.receive(url, 10)), "what is deleted does not come back")
}

func TestVisibilityTimeout(t *testing.T) {
	w := start(t)
	url := w.create("jobs", map[string]string{"VisibilityTimeout": "40"})
	w.send(url, "one")
	first := w.receive(url, 1)
	w.clock.Advance(39 * time.Second)
	require.Empty(t, w.receive(url, 1))
	w.clock.Advance(time.Second)
	second := w.receive(url, 1)
	require.Equal(t, "2", second[0].Attributes["ApproximateReceiveCount"])
	require.Equal(t, "1795608000000", second[0].Attributes["ApproximateFirstReceiveTimestamp"])
	require.NotEqual(t, *first[0].ReceiptHandle, *second[0].ReceiptHandle)

	change := func(handle *string, seconds int32) error {
		_, err := w.ChangeMessageVisibility(t.Context(), &sdk.ChangeMessageVisibilityInput{
			QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: seconds,
		})
		return err
	}
	require.Equal(t, "InvalidParameterValue", code(t, change(first[0].ReceiptHandle, 0)), "not the last receipt")
	require.Equal(t, "InvalidParameterValue", code(t, change(second[0].ReceiptHandle, 43201)))
	require.NoError(t, change(second[0].ReceiptHandle, 0))
	third := w.receive(url, 1)
	require.Len(t, third, 1, "given back at once")
	w.clock.Advance(40 * time.Second)
	require.Equal(t, "AWS.SimpleQueueService.MessageNotInflight", code(t, change(third[0].ReceiptHandle, 9)))

	_, err := w.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: url, ReceiptHandle: first[0].ReceiptHandle})
	require.NoError(t, err, "an old receipt is no error")
	require.Equal(t, [3]string{"1", "0", "0"}, w.counts(url), "and deletes nothing")
}

func TestLongPollEndsWithAMessage(t *testing.T) {
	w := start(t)
	url := w.create("jobs", map[string]string{"ReceiveMessageWaitTimeSeconds": "20"})
	trap := w.clock.Trap().NewTimer(sqs.ReceiveTimer)
	defer trap.Close()
	got := make(chan []types.Message)
	go func() { got <- w.receive(url, 10) }()
	trap.MustWait(t.Context()).MustRelease(t.Context())
	w.send(url, "one")
	require.Equal(t, []string{"one"}, bodies(<-got))
}

func TestLongPollEndsWithItsTime(t *testing.T) {
	w := start(t)
	url := w.create("jobs", map[string]string{"DelaySeconds": "15"})
	w.send(url, "late")
	trap := w.clock.Trap().NewTimer(sqs.ReceiveTimer)
	defer trap.Close()
	got := make(chan []types.Message)
	poll := func() {
		out, err := w.ReceiveMessage(t.Context(), &sdk.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 10})
		if err != nil {
			t.Error(err)
		}
		got <- out.Messages
	}
	go poll()
	call := trap.MustWait(t.Context())
	require.Equal(t, 10*time.Second, call.Duration)
	call.MustRelease(t.Context())
	w.clock.Advance(10 * time.Second).MustWait(t.Context())
	require.Empty(t, <-got)

	go poll()
	call = trap.MustWait(t.Context())
	require.Equal(t, 5*time.Second, call.Duration, "until the delayed message can be received")
	call.MustRelease(t.Context())
	w.clock.Advance(5 * time.Second).MustWait(t.Context())
	require.Equal(t, []string{"late"}, bodies(<-got))
}

func TestLongPollEndsWithTheService(t *testing.T) {
	w := start(t)
	url := w.create("jobs", nil)
	trap := w.clock.Trap().NewTimer(sqs.ReceiveTimer)
	defer trap.Close()
	got := make(chan []types.Message)
	go func() {
		out, err := w.ReceiveMessage(t.Context(), &sdk.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20})
		if err != nil {
			t.Error(err)
		}
		got <- out.Messages
	}()
	trap.MustWait(t.Context()).MustRelease(t.Context())
	w.service.Close()
	require.Empty(t, <-got)
}

func TestDeadLetters(t *testing.T) {
	w := start(t)
	dead := w.create("dead", nil)
	url := w.create("jobs", map[string]string{
		"VisibilityTimeout": "1",
		"RedrivePolicy":     `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":"2"}`,
	})
	w.send(url, "poison")
	for range 2 {
		require.Len(t, w.receive(url, 1), 1)
		w.clock.Advance(time.Second)
	}
	require.Empty(t, w.receive(url, 1))
	got := w.receive(dead, 1)
	require.Equal(t, []string{"poison"}, bodies(got))
	require.Equal(t, "3", got[0].Attributes["ApproximateReceiveCount"], "over all queues")
	require.Equal(t, "arn:aws:sqs:eu-west-1:123456789012:jobs", got[0].Attributes["DeadLetterQueueSourceArn"])
	require.Equal(t, [3]string{"0", "0", "0"}, w.counts(url))
}

func TestMessagesExpire(t *testing.T) {
	w := start(t)
	url := w.create("jobs", map[string]string{"MessageRetentionPeriod": "60"})
	w.send(url, "old")
	w.clock.Advance(40 * time.Second)
	w.send(url, "young")
	w.clock.Advance(21 * time.Second)
	require.Equal(t, [3]string{"1", "0", "0"}, w.counts(url))
	require.Equal(t, []string{"young"}, bodies(w.receive(url, 10)))
}

// TestMessageAttributes: the SDK compares the checksums of bodies only; the one here was computed apart.
func TestMessageAttributes(t *testing.T) {
	w := start(t)
	url := w.create("jobs", nil)
	text := func(value string) *string { return &value }
	sent, err := w.SendMessage(t.Context(), &sdk.SendMessageInput{
		QueueUrl: url, MessageBody: text("body"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"kind":  {DataType: text("String"), StringValue: text("order")},
			"size":  {DataType: text("Number.int"), StringValue: text("12")},
			"bytes": {DataType: text("Binary"), BinaryValue: []byte{1, 2}},
		},
		MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: text("String"), StringValue: text("Root=1-5759e988-bd862e3fe1be46a994272793")},
		},
	})
	require.NoError(t, err)
	require.Equal(t, "841a2d689ad86bd1611447453c22c6fc", *sent.MD5OfMessageBody)
	require.NotEmpty(t, *sent.MD5OfMessageSystemAttributes)
	require.Equal(t, "3ef6ac2b2fbb515f86eaf4948875b4f9", *sent.MD5OfMessageAttributes)
	got := w.receive(url, 1)[0]
	require.Equal(t, "3ef6ac2b2fbb515f86eaf4948875b4f9", *got.MD5OfMessageAttributes)
	require.Equal(t, "order", *got.MessageAttributes["kind"].StringValue)
	require.Equal(t, []byte{1, 2}, got.MessageAttributes["bytes"].BinaryValue)
	require.Equal(t, "Root=1-5759e988-bd862e3fe1be46a994272793", got.Attributes["AWSTraceHeader"])
}

func TestBatches(t *testing.T) {
	w := start(t)
	url := w.create("jobs", nil)
	text := func(value string) *string { return &value }
	sent, err := w.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{
		QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{
			{Id: text("a"), MessageBody: text("one")},
			{Id: text("b"), MessageBody: text("\x01")},
			{Id: text("c"), MessageBody: text("three"), DelaySeconds: 5},
		},
	})
	require.NoError(t, err)
	require.Len(t, sent.Successful, 2)
	require.Equal(t, "b", *sent.Failed[0].Id)
	require.Equal(t, "InvalidMessageContents", *sent.Failed[0].Code)
	require.True(t, sent.Failed[0].SenderFault)
	require.Equal(t, [3]string{"1", "0", "1"}, w.counts(url))

	w.clock.Advance(5 * time.Second)
	got := w.receive(url, 10)
	require.Equal(t, []string{"one", "three"}, bodies(got))
	changed, err := w.ChangeMessageVisibilityBatch(t.Context(), &sdk.ChangeMessageVisibilityBatchInput{
		QueueUrl: url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: text("a"), ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 0},
		},
	})
	require.NoError(t, err)
	require.Len(t, changed.Successful, 1)
	deleted, err := w.DeleteMessageBatch(t.Context(), &sdk.DeleteMessageBatchInput{
		QueueUrl: url, Entries: []types.DeleteMessageBatchRequestEntry{
			{Id: text("a"), ReceiptHandle: got[1].ReceiptHandle}, {Id: text("b"), ReceiptHandle: text("nonsense")},
		},
	})
	require.NoError(t, err)
	require.Equal(t, "a", *deleted.Successful[0].Id)
	require.Equal(t, "ReceiptHandleIsInvalid", *deleted.Failed[0].Code)
	require.Equal(t, []string{"one"}, bodies(w.receive(url, 10)))
}

func TestQueues(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	url := w.create("jobs", map[string]string{"VisibilityTimeout": "9"})
	require.Equal(t, url, w.create("jobs", map[string]string{"VisibilityTimeout": "9"}), "the same again")
	_, err := w.CreateQueue(ctx, &sdk.CreateQueueInput{
		QueueName: aws.String("jobs"), Attributes: map[string]string{"VisibilityTimeout": "8"},
	})
	require.Equal(t, "QueueAlreadyExists", code(t, err))
	w.create("journal", nil)
	w.create("other", nil)

	got, err := w.GetQueueUrl(ctx, &sdk.GetQueueUrlInput{QueueName: aws.String("jobs")})
	require.NoError(t, err)
	require.Equal(t, url, got.QueueUrl)
	page, err := w.ListQueues(ctx, &sdk.ListQueuesInput{QueueNamePrefix: aws.String("jo"), MaxResults: aws.Int32(1)})
	require.NoError(t, err)
	require.Equal(t, []string{*url}, page.QueueUrls)
	page, err = w.ListQueues(ctx, &sdk.ListQueuesInput{
		QueueNamePrefix: aws.String("jo"), MaxResults: aws.Int32(1), NextToken: page.NextToken,
	})
	require.NoError(t, err)
	require.Equal(t, []string{w.url + "/123456789012/journal"}, page.QueueUrls)
	require.Nil(t, page.NextToken)

	w.clock.Advance(time.Minute)
	_, err = w.SetQueueAttributes(ctx, &sdk.SetQueueAttributesInput{
		QueueUrl: url, Attributes: map[string]string{"DelaySeconds": "3", "Policy": `{"Version":"2012-10-17"}`},
	})
	require.NoError(t, err)
	out, err := w.GetQueueAttributes(ctx, &sdk.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"},
	})
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"QueueArn": "arn:aws:sqs:eu-west-1:123456789012:jobs", "CreatedTimestamp": "1795608000",
		"LastModifiedTimestamp": "1795608060", "VisibilityTimeout": "9", "DelaySeconds": "3",
		"MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0",
		"SqsManagedSseEnabled": "true", "Policy": `{"Version":"2012-10-17"}`, "ApproximateNumberOfMessages": "0",
		"ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0",
	}, out.Attributes)
}

func TestPurgeAndDelete(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	url := w.create("jobs", nil)
	w.send(url, "one", "two")
	w.receive(url, 1)
	_, err := w.PurgeQueue(ctx, &sdk.PurgeQueueInput{QueueUrl: url})
	require.NoError(t, err)
	require.Equal(t, [3]string{"0", "0", "0"}, w.counts(url))
	_, err = w.PurgeQueue(ctx, &sdk.PurgeQueueInput{QueueUrl: url})
	require.Equal(t, "AWS.SimpleQueueService.PurgeQueueInProgress", code(t, err))

	_, err = w.DeleteQueue(ctx, &sdk.DeleteQueueInput{QueueUrl: url})
	require.NoError(t, err)
	_, err = w.ReceiveMessage(ctx, &sdk.ReceiveMessageInput{QueueUrl: url})
	var gone *types.QueueDoesNotExist
	require.ErrorAs(t, err, &gone)
	require.Equal(t, "The specified queue does not exist.", gone.ErrorMessage())
	_, err = w.CreateQueue(ctx, &sdk.CreateQueueInput{QueueName: aws.String("jobs")})
	require.Equal(t, "AWS.SimpleQueueService.QueueDeletedRecently", code(t, err))
	w.clock.Advance(time.Minute)
	w.create("jobs", nil)
}

func TestRefused(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	url := w.create("jobs", map[string]string{"MaximumMessageSize": "1024"})
	create := func(name, attribute, value string) error {
		in := &sdk.CreateQueueInput{QueueName: &name, Attributes: map[string]string{}}
		if attribute != "" {
			in.Attributes[attribute] = value
		}
		_, err := w.CreateQueue(ctx, in)
		return err
	}
	send := func(body string) error {
		_, err := w.SendMessage(ctx, &sdk.SendMessageInput{QueueUrl: url, MessageBody: &body})
		return err
	}
	receive := func(in sdk.ReceiveMessageInput) error {
		in.QueueUrl = url
		_, err := w.ReceiveMessage(ctx, &in)
		return err
	}
	_, noTags := w.ListQueueTags(ctx, &sdk.ListQueueTagsInput{QueueUrl: url})
	cases := []struct {
		want string
		err  error
	}{
		{"InvalidAttributeName", create("a.fifo", "FifoQueue", "true")},
		{"InvalidParameterValue", create("a.fifo", "", "")},
		{"InvalidAttributeName", create("b", "Colour", "red")},
		{"InvalidAttributeValue", create("b", "VisibilityTimeout", "43201")},
		{"InvalidParameterValue", create("b", "RedrivePolicy",
			`{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:none","maxReceiveCount":2}`)},
		{"InvalidParameterValue", create("b", "RedrivePolicy", `{"maxReceiveCount":2}`)},
		{"MissingParameter", send("")},
		{"InvalidMessageContents", send("a\x00b")},
		{"InvalidParameterValue", send(strings.Repeat("x", 1025))},
		{"InvalidParameterValue", receive(sdk.ReceiveMessageInput{MaxNumberOfMessages: 11})},
		{"InvalidParameterValue", receive(sdk.ReceiveMessageInput{WaitTimeSeconds: 21})},
		{"UnknownOperationException", noTags},
	}
	for n, c := range cases {
		require.Equal(t, c.want, code(t, c.err), "case %d: %v", n, c.err)
	}
}

// TestErrorsOnTheWire reads what SDKs made for the query protocol read.
func TestErrorsOnTheWire(t *testing.T) {
	w := start(t)
	request, err := http.NewRequest(http.MethodPost, w.url, strings.NewReader(`{"QueueName":"none"}`))
	require.NoError(t, err)
	request.Header.Set("X-Amz-Target", "AmazonSQS.GetQueueUrl")
	response := httptest.NewRecorder()
	w.service.ServeHTTP(response, request)
	require.Equal(t, http.StatusBadRequest, response.Code)
	require.Equal(t, "AWS.SimpleQueueService.NonExistentQueue;Sender", response.Header().Get("X-Amzn-Query-Error"))
	require.JSONEq(t, `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`,
		response.Body.String())
}
