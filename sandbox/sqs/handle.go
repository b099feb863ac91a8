package sqs

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxVisibility is how many seconds a message may stay in flight.
const maxVisibility = 43200

// A receipt handle names the queue and the message, and is another one for each receive.
func newHandle(q *queue, m *message) string {
	return base64.StdEncoding.EncodeToString([]byte(uuid.NewString() + " " + q.arn + " " + m.id))
}

// find is the message of a handle. It is nil when there is no such message any more, or the handle is not that of its
// last receive.
func (q *queue) find(handle string) (*message, error) {
	if handle == "" {
		return nil, missing("ReceiptHandle")
	}
	text, err := base64.StdEncoding.DecodeString(handle)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 3 || parts[1] != q.arn {
		return nil, awswire.Errorf("ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.",
			handle)
	}
	m := q.messages[parts[2]]
	if m == nil || m.handle != handle {
		return nil, nil
	}
	return m, nil
}

// receipt is a message to delete or to change, alone or in a batch.
type receipt struct {
	ID                string `json:"Id"`
	ReceiptHandle     string
	VisibilityTimeout *int
}

func (r receipt) id() string { return r.ID }

type receiptInput struct {
	QueueURL string `json:"QueueUrl"`
	receipt
}

type receiptBatchInput struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []receipt
}

type receiptResult struct {
	ID string `json:"Id"`
}

func (s *Service) deleteMessage(_ context.Context, in receiptInput) (any, error) {
	return s.onReceipt(in, (*Service).remove)
}

func (s *Service) changeMessageVisibility(_ context.Context, in receiptInput) (any, error) {
	return s.onReceipt(in, (*Service).postpone)
}

func (s *Service) deleteMessageBatch(_ context.Context, in receiptBatchInput) (any, error) {
	return s.onReceipts("DeleteMessageBatchRequestEntry", in, (*Service).remove)
}

func (s *Service) changeMessageVisibilityBatch(_ context.Context, in receiptBatchInput) (any, error) {
	return s.onReceipts("ChangeMessageVisibilityBatchRequestEntry", in, (*Service).postpone)
}

// receiptAction does something to the message of a receipt.
type receiptAction func(*Service, *queue, receipt) error

func (s *Service) onReceipt(in receiptInput, act receiptAction) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return nil, err
	}
	return empty{}, act(s, q, in.receipt)
}

func (s *Service) onReceipts(kind string, in receiptBatchInput, act receiptAction) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return nil, err
	}
	return batch(kind, in.Entries, receipt.id, func(r receipt) (any, error) { return receiptResult{r.ID}, act(s, q, r) })
}

// remove deletes a message. A handle that is not of the last receive succeeds and deletes nothing: somebody else may
// have the message by now.
func (s *Service) remove(q *queue, r receipt) error {
	m, err := q.find(r.ReceiptHandle)
	if m != nil {
		q.remove(m)
	}
	return err
}

// postpone lets a message in flight be received again after the timeout, counted from now.
func (s *Service) postpone(q *queue, r receipt) error {
	if r.VisibilityTimeout == nil {
		return missing("VisibilityTimeout")
	}
	seconds := *r.VisibilityTimeout
	if seconds < 0 || seconds > maxVisibility {
		return outside("VisibilityTimeout", seconds, 0, maxVisibility)
	}
	now := s.config.Clock.Now()
	q.surface(now)
	m, err := q.find(r.ReceiptHandle)
	if err != nil {
		return err
	}
	if m == nil {
		return invalidValue("Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "+
			"available for visibility timeout change.", r.ReceiptHandle)
	}
	if m.index < 0 {
		return awswire.Errorf("MessageNotInflight", "The specified message isn't in flight.")
	}
	visible := now.Add(time.Duration(seconds) * time.Second)
	if visible.Sub(m.lastReceived) > maxVisibility*time.Second {
		return invalidValue("Total VisibilityTimeout for the message is beyond the limit [%d seconds]", maxVisibility)
	}
	q.reschedule(m, visible)
	return nil
}
