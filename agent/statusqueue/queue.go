// Package statusqueue reads from an SQS queue which executions have started, ended or been redriven: EventBridge's
// events "Step Functions Execution Status Change". Several readers may share a queue.
package statusqueue

import (
	"context"
	"fmt"
	"log/slog"
	"math/bits"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/coder/quartz"
	"go.opentelemetry.io/otel/metric"

	"github.com/steptrace/steptrace/agent/pause"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// Config says which queue, and who hears of its messages.
type Config struct {
	URL string
	// Notify is told of each message; done is to be called once, with true when it need not be told again. It is false
	// when it can take no more now: the message comes again.
	Notify func(e stepfunctions.Execution, done func(handled bool)) bool
	Clock  quartz.Clock
	Logger *slog.Logger
	Meter  metric.Meter // may be nil
}

// Queue is a reader of a queue.
type Queue struct {
	cfg    Config
	api    *sqs.Client
	meters meters

	mu   sync.Mutex
	done []string             // receipt handles of messages to delete
	told map[string]time.Time // when, by the receipt handles of messages that were not done with yet
}

// New makes a reader. The SDK's retries stay on.
func New(cfg aws.Config, c Config, options ...func(*sqs.Options)) (*Queue, error) {
	m, err := newMeters(c.Meter)
	return &Queue{cfg: c, api: sqs.NewFromConfig(cfg, options...), meters: m, told: make(map[string]time.Time)}, err
}

const (
	// visibility is how long a message is kept from other readers: longer than a poll takes. After that it is told
	// again, which does no harm.
	visibility = 5 * time.Minute
	// patience is for how long messages may not be done with before no more are received: whoever is told is held up, and
	// a message that is received again and again goes to the dead-letter queue.
	patience = time.Minute
	// longPoll is how long a call waits for messages.
	longPoll = 5 * time.Second
	// maxBatch is the most messages that SQS gives or deletes at once.
	maxBatch = 10

	firstPause = time.Second
	maxPause   = time.Minute
	lastWords  = 5 * time.Second // for deleting what is done with, at the end
)

// Run reads until the context ends, and then deletes what is done with.
func (q *Queue) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		full, err := q.Receive(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			q.cfg.Logger.Error("queue of status changes cannot be read", "error", err, "next_try_in", pause)
			q.wait(ctx, pause)
			pause = min(2*pause, maxPause)
			continue
		case full:
			q.wait(ctx, firstPause)
		}
		pause = firstPause
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := q.flush(last); err != nil {
		q.cfg.Logger.Warn("messages that are done with stay in the queue and will be told again", "error", err)
	}
}

func (q *Queue) wait(ctx context.Context, d time.Duration) {
	_ = pause.For(ctx, q.cfg.Clock, d, "statusqueue") // the loop looks at the context
}

// Receive deletes what is done with and takes one batch of messages. full is true when a message could not be told, or
// none was received as others have not been done with for long.
func (q *Queue) Receive(ctx context.Context) (full bool, err error) {
	if err := q.flush(ctx); err != nil {
		return false, err
	}
	if q.heldUp() {
		return true, nil
	}
	out, err := q.api.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.cfg.URL, MaxNumberOfMessages: maxBatch, WaitTimeSeconds: int32(longPoll.Seconds()),
		VisibilityTimeout:           int32(visibility.Seconds()),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{receiveCount},
	})
	if err != nil {
		return false, fmt.Errorf("receive from %s: %w; allow sqs:ReceiveMessage and check the URL and the region",
			q.cfg.URL, err)
	}
	for i := range out.Messages {
		full = !q.tell(ctx, &out.Messages[i]) || full
	}
	return full, nil
}

const receiveCount = types.MessageSystemAttributeNameApproximateReceiveCount

// tell hands a message on. One that is not understood stays in the queue, whose redrive policy says what becomes of it;
// that is said at its 1st, 2nd, 4th, … reception.
func (q *Queue) tell(ctx context.Context, m *types.Message) (taken bool) {
	e, err := Parse(aws.ToString(m.Body))
	if err != nil {
		q.meters.bad.Add(ctx, 1)
		received, _ := strconv.ParseUint(m.Attributes[string(receiveCount)], 10, 64) // absent: 0, not said
		if bits.OnesCount64(received) == 1 {
			q.cfg.Logger.Error("message in the queue of status changes is not understood and stays there", "error", err,
				"message", aws.ToString(m.MessageId), "received", received, "queue", q.cfg.URL)
		}
		return true
	}
	q.meters.received.Add(ctx, 1)
	handle := aws.ToString(m.ReceiptHandle)
	q.begin(handle)
	if !q.cfg.Notify(e, func(handled bool) { q.finish(handle, handled) }) {
		q.finish(handle, false)
		return false
	}
	return true
}

func (q *Queue) begin(handle string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.told[handle] = q.cfg.Clock.Now()
}

func (q *Queue) finish(handle string, handled bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.told, handle)
	if handled {
		q.done = append(q.done, handle)
	}
}

func (q *Queue) heldUp() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.cfg.Clock.Now()
	for _, at := range q.told {
		if now.Sub(at) > patience {
			return true
		}
	}
	return false
}

// flush deletes the messages that are done with. What cannot be deleted comes again, which does no harm.
func (q *Queue) flush(ctx context.Context) error {
	for {
		batch := q.take()
		if len(batch) == 0 {
			return nil
		}
		entries := make([]types.DeleteMessageBatchRequestEntry, len(batch))
		for i := range batch {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &batch[i]}
		}
		_, err := q.api.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.cfg.URL, Entries: entries})
		if err != nil {
			q.restore(batch)
			return fmt.Errorf("delete from %s: %w; allow sqs:DeleteMessage", q.cfg.URL, err)
		}
	}
}

func (q *Queue) take() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.done), maxBatch)
	batch := q.done[:n:n]
	q.done = q.done[n:]
	return batch
}

func (q *Queue) restore(batch []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done = append(q.done, batch...)
}
