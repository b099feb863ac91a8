package sqs

import (
	"context"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxInFlight is the quota of messages received and not deleted, of one queue.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const maxInFlight = 120000

type receiveInput struct {
	QueueURL          string `json:"QueueUrl"`
	MaxMessages       *int   `json:"MaxNumberOfMessages"`
	VisibilityTimeout *int
	WaitTimeSeconds   *int
	AttributeNames    []string // the former name of the next
	SystemNames       []string `json:"MessageSystemAttributeNames"`
	MessageNames      []string `json:"MessageAttributeNames"`
}

type receiveOutput struct {
	Messages []received `json:",omitempty"`
}

func (in receiveInput) check() error {
	checks := []struct {
		name      string
		value     *int
		low, high int
	}{
		{"MaxNumberOfMessages", in.MaxMessages, 1, maxBatch},
		{"VisibilityTimeout", in.VisibilityTimeout, 0, maxVisibility},
		{"WaitTimeSeconds", in.WaitTimeSeconds, 0, numbers["ReceiveMessageWaitTimeSeconds"].high},
	}
	for _, c := range checks {
		if c.value != nil && (*c.value < c.low || *c.value > c.high) {
			return outside(c.name, *c.value, c.low, c.high)
		}
	}
	return nil
}

// receiveMessage takes messages, waiting for the first when the request or the queue asks for a long poll.
func (s *Service) receiveMessage(ctx context.Context, in receiveInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var deadline time.Time
	for {
		out, wait, err := s.poll(in, &deadline)
		if err != nil || len(out.Messages) > 0 || wait.timeout <= 0 || !s.await(ctx, wait) {
			return out, err
		}
	}
}

// waiting is what a long poll waits for.
type waiting struct {
	changed <-chan struct{}
	timeout time.Duration // until the poll ends or a hidden message surfaces; 0: there is nothing to wait for
}

// poll takes what there is. The first call sets the deadline of the long poll.
func (s *Service) poll(in receiveInput, deadline *time.Time) (receiveOutput, waiting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return receiveOutput{}, waiting{}, err
	}
	now := s.config.Clock.Now()
	if deadline.IsZero() {
		*deadline = now.Add(orElse(in.WaitTimeSeconds, q.seconds("ReceiveMessageWaitTimeSeconds")))
	}
	out, err := s.take(q, in, now)
	wait := waiting{changed: q.changed, timeout: deadline.Sub(now)}
	if len(q.hidden) > 0 {
		wait.timeout = min(wait.timeout, q.hidden[0].visible.Sub(now))
	}
	return out, wait, err
}

func orElse(seconds *int, fallback time.Duration) time.Duration {
	if seconds == nil {
		return fallback
	}
	return time.Duration(*seconds) * time.Second
}

// await waits for a change of the queue or the time; it is false when the caller or the service has gone.
func (s *Service) await(ctx context.Context, wait waiting) bool {
	timer := s.config.Clock.NewTimer(wait.timeout, ReceiveTimer)
	defer timer.Stop()
	select {
	case <-wait.changed:
	case <-timer.C:
	case <-ctx.Done():
		return false
	case <-s.closed:
		return false
	}
	return true
}

// take receives what can be received, up to the number asked for. Messages received too often go to the dead-letter
// queue instead.
func (s *Service) take(q *queue, in receiveInput, now time.Time) (receiveOutput, error) {
	q.surface(now)
	if len(q.hidden) >= maxInFlight && q.inFlight(now) >= maxInFlight {
		return receiveOutput{}, awswire.Errorf("OverLimit", "The queue has reached its limit of messages in flight.")
	}
	limit := 1
	if in.MaxMessages != nil {
		limit = *in.MaxMessages
	}
	visibility := orElse(in.VisibilityTimeout, q.seconds("VisibilityTimeout"))
	out := receiveOutput{}
	for len(out.Messages) < limit {
		m := q.next(now)
		if m == nil {
			break
		}
		if s.bury(q, m, now) {
			continue
		}
		m.receive(q, now)
		q.hide(m, now.Add(visibility))
		out.Messages = append(out.Messages, m.describe(in))
	}
	return out, nil
}

// bury moves a message to the dead-letter queue when it has been received as often as the redrive policy allows.
func (s *Service) bury(q *queue, m *message, now time.Time) bool {
	if q.policy == nil || m.received < q.policy.maxReceiveCount {
		return false
	}
	target := s.byARN(q.policy.target)
	if target == nil {
		return false
	}
	delete(q.messages, m.id)
	m.source, m.handle, m.visible = q.arn, "", now
	target.add(m, now)
	return true
}
