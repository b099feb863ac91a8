package sqs

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// entry is a message to send, alone or in a batch.
type entry struct {
	ID                string `json:"Id"`
	MessageBody       string
	DelaySeconds      *int
	MessageAttributes map[string]attribute
	SystemAttributes  map[string]attribute `json:"MessageSystemAttributes"`
	MessageGroupID    string               `json:"MessageGroupId"`
	DeduplicationID   string               `json:"MessageDeduplicationId"`
}

type sendMessageInput struct {
	QueueURL string `json:"QueueUrl"`
	entry
}

type sendResult struct {
	ID                    string `json:"Id,omitempty"` // of the entry, in a batch
	MessageID             string `json:"MessageId"`
	MD5OfBody             string `json:"MD5OfMessageBody"`
	MD5OfAttributes       string `json:"MD5OfMessageAttributes,omitempty"`
	MD5OfSystemAttributes string `json:"MD5OfMessageSystemAttributes,omitempty"`
}

func (s *Service) sendMessage(_ context.Context, in sendMessageInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return nil, err
	}
	in.ID = ""
	return s.send(q, in.entry)
}

// Send puts a message in the queue of an ARN, as services of AWS do.
func (s *Service) Send(_ context.Context, queueARN, body string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.byARN(queueARN)
	if q == nil {
		return doesNotExist()
	}
	_, err := s.send(q, entry{MessageBody: body})
	return err
}

func (s *Service) send(q *queue, in entry) (sendResult, error) {
	delay, err := q.check(in)
	if err != nil {
		return sendResult{}, err
	}
	now := s.config.Clock.Now()
	m := &message{
		id: uuid.NewString(), body: in.MessageBody, attributes: in.MessageAttributes, system: in.SystemAttributes,
		group: in.MessageGroupID, sent: now, visible: now.Add(delay), index: -1,
	}
	q.surface(now)
	q.add(m, now)
	return sendResult{
		ID: in.ID, MessageID: m.id, MD5OfBody: md5Hex(m.body), MD5OfAttributes: md5OfAttributes(m.attributes),
		MD5OfSystemAttributes: md5OfAttributes(m.system),
	}, nil
}

// check validates a message and tells how long it is delayed.
func (q *queue) check(in entry) (time.Duration, error) {
	if err := checkBody(in.MessageBody); err != nil {
		return 0, err
	}
	if limit := q.number("MaximumMessageSize"); size(in.MessageBody, in.MessageAttributes) > limit {
		return 0, invalidValue("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
	}
	if len(in.MessageAttributes) > 10 {
		return 0, invalidValue("Number of message attributes [%d] exceeds the allowed maximum [10].",
			len(in.MessageAttributes))
	}
	for name, a := range in.MessageAttributes {
		if err := a.check(name); err != nil {
			return 0, err
		}
	}
	if err := checkSystem(in.SystemAttributes); err != nil {
		return 0, err
	}
	if in.DeduplicationID != "" {
		return 0, invalidValue("Value %s for parameter MessageDeduplicationId is invalid. Reason: The request include "+
			"parameter that is not valid for this queue type.", in.DeduplicationID)
	}
	if in.DelaySeconds == nil {
		return q.seconds("DelaySeconds"), nil
	}
	if n := *in.DelaySeconds; n < 0 || n > numbers["DelaySeconds"].high {
		return 0, outside("DelaySeconds", n, 0, numbers["DelaySeconds"].high)
	}
	return time.Duration(*in.DelaySeconds) * time.Second, nil
}

func checkSystem(attributes map[string]attribute) error {
	for name, a := range attributes {
		if name != "AWSTraceHeader" || a.DataType != "String" {
			return invalidValue("Message system attribute name '%s' is invalid.", name)
		}
	}
	return nil
}

type sendBatchInput struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []entry
}

func (s *Service) sendMessageBatch(_ context.Context, in sendBatchInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return nil, err
	}
	total, limit := 0, numbers["MaximumMessageSize"].high
	for _, e := range in.Entries {
		total += size(e.MessageBody, e.MessageAttributes)
	}
	if total > limit {
		return nil, awswire.Errorf("BatchRequestTooLong",
			"Batch requests cannot be longer than %d bytes. You have sent %d bytes.", limit, total)
	}
	return batch("SendMessageBatchRequestEntry", in.Entries, func(e entry) string { return e.ID },
		func(e entry) (any, error) { return s.send(q, e) })
}
