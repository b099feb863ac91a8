package statusqueue_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent/statusqueue"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	"github.com/steptrace/steptrace/sandbox"
	"github.com/steptrace/steptrace/sandbox/awswire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a queue of the sandbox with who reads it.
type world struct {
	t       *testing.T
	sandbox *sandbox.Sandbox
	config  aws.Config
	api     *sqs.Client
	url     *string
	log     strings.Builder

	mu     sync.Mutex
	full   bool
	heard  []string
	undone []func(handled bool)
	clock  quartz.Clock // default: the real one
}

func newWorld(t *testing.T) *world {
	s, err := sandbox.Start(t.Context(), sandbox.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	w := &world{t: t, sandbox: s, clock: quartz.NewReal()}
	w.config = aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(s.URL()), HTTPClient: stepfunctionstest.HTTPClient(t),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	w.api = sqs.NewFromConfig(w.config)
	out, err := w.api.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("changes")})
	require.NoError(t, err)
	w.url = out.QueueUrl
	return w
}

func (w *world) queue() *statusqueue.Queue {
	w.t.Helper()
	q, err := statusqueue.New(w.config, statusqueue.Config{
		URL: *w.url, Notify: w.notify, Clock: w.clock, Logger: slog.New(slog.NewTextHandler(&w.log, nil)),
	})
	require.NoError(w.t, err)
	return q
}

func (w *world) notify(e stepfunctions.Execution, done func(handled bool)) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.full {
		return false
	}
	w.heard, w.undone = append(w.heard, e.ARN[strings.LastIndexByte(e.ARN, ':')+1:]), append(w.undone, done)
	return true
}

func (w *world) finish() { w.settle(true) }

func (w *world) settle(handled bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, done := range w.undone {
		done(handled)
	}
	w.undone = nil
}

func (w *world) send(bodies ...string) {
	w.t.Helper()
	for _, body := range bodies {
		_, err := w.api.SendMessage(w.t.Context(), &sqs.SendMessageInput{QueueUrl: w.url, MessageBody: &body})
		require.NoError(w.t, err)
	}
}

// messages is how many the queue has, those that are kept from readers included.
func (w *world) messages() int {
	w.t.Helper()
	out, err := w.api.GetQueueAttributes(w.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: w.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	require.NoError(w.t, err)
	n := 0
	for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"} {
		var k int
		_, err := fmt.Sscan(out.Attributes[name], &k)
		require.NoError(w.t, err)
		n += k
	}
	return n
}

func change(name string) string { return strings.ReplaceAll(redriven, ":run", ":"+name) }

func TestAMessageIsDeletedWhenItIsDoneWith(t *testing.T) {
	w := newWorld(t)
	w.send(change("a"), change("b"))
	q := w.queue()
	for len(w.heard) < 2 {
		full, err := q.Receive(t.Context())
		require.NoError(t, err)
		require.False(t, full)
	}
	require.ElementsMatch(t, []string{"a", "b"}, w.heard)
	require.Equal(t, 2, w.messages())
	w.finish()
	w.send(change("c"))
	_, err := q.Receive(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, w.messages())
}

func TestWhatCannotBeTakenStays(t *testing.T) {
	w := newWorld(t)
	w.send(change("a"))
	w.full = true
	full, err := w.queue().Receive(t.Context())
	require.NoError(t, err)
	require.True(t, full)
	require.Equal(t, 1, w.messages())
}

// While nobody comes to what was told, nothing more is received: it would be received again and again, and end among the
// dead letters.
func TestNothingIsReceivedWhileThePollIsHeldUp(t *testing.T) {
	for _, handled := range []bool{true, false} {
		t.Run(fmt.Sprint(handled), func(t *testing.T) {
			w := newWorld(t)
			clock := quartz.NewMock(t)
			w.clock = clock
			q := w.queue()
			receive := func() bool {
				full, err := q.Receive(t.Context())
				require.NoError(t, err)
				return full
			}
			w.send(change("a"))
			require.False(t, receive())
			require.Equal(t, []string{"a"}, w.heard)
			clock.Advance(2 * time.Minute).MustWait(t.Context())
			w.send(change("b"))
			require.True(t, receive())
			require.Equal(t, []string{"a"}, w.heard)
			w.settle(handled)
			require.False(t, receive())
			require.Equal(t, []string{"a", "b"}, w.heard)
		})
	}
}

func TestAPoisonMessageStaysAndIsNamed(t *testing.T) {
	w := newWorld(t)
	w.send("poison", change("a"))
	q := w.queue()
	for len(w.heard) == 0 || w.log.Len() == 0 {
		_, err := q.Receive(t.Context())
		require.NoError(t, err)
	}
	w.finish()
	w.send(change("b"))
	_, err := q.Receive(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, w.messages(), "the poison and what has not been done with")
	require.Contains(t, w.log.String(), "is no EventBridge event")
	require.Contains(t, w.log.String(), "received=1")
}

func TestWhatCannotBeDeletedIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.send(change("a"))
	q := w.queue()
	_, err := q.Receive(t.Context())
	require.NoError(t, err)
	w.finish()
	w.sandbox.Inject(sandbox.Fault{
		Service: sandbox.SQS, Operation: "DeleteMessageBatch", Count: 1,
		Error: &awswire.Error{Code: "AccessDenied", Message: "no", Status: 403},
	})
	_, err = q.Receive(t.Context())
	require.ErrorContains(t, err, "allow sqs:DeleteMessage")
	require.Equal(t, 1, w.messages())
	w.send(change("b"))
	_, err = q.Receive(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, w.messages())
}

// Readers of one queue share its messages, and at the end delete what is done with.
func TestReadersShareAQueue(t *testing.T) {
	w := newWorld(t)
	const count = 40
	var names []string
	for i := range count {
		names = append(names, fmt.Sprint("e", i))
		w.send(change(names[i]))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		q := w.queue()
		readers.Go(func() { q.Run(ctx) })
	}
	require.Eventually(t, func() bool {
		w.finish()
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.heard) == count
	}, 10*time.Second, time.Millisecond)
	w.finish()
	cancel()
	readers.Wait()
	require.ElementsMatch(t, names, w.heard, "each once")
	require.Zero(t, w.messages())
}
