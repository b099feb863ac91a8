package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

type getAttributesInput struct {
	QueueURL string   `json:"QueueUrl"`
	Names    []string `json:"AttributeNames"`
}

type getAttributesOutput struct {
	Attributes map[string]string `json:",omitempty"`
}

func (s *Service) getQueueAttributes(_ context.Context, in getAttributesInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return nil, err
	}
	for _, name := range in.Names {
		if !known(name) {
			return nil, awswire.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
		}
	}
	all := q.describe(s.config.Clock.Now())
	if !slices.Contains(in.Names, "All") {
		maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(in.Names, name) })
	}
	return getAttributesOutput{Attributes: all}, nil
}

func known(attribute string) bool {
	_, number := numbers[attribute]
	switch attribute {
	case "All", "RedrivePolicy", "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit":
		return true
	}
	return number || stored[attribute] || computed[attribute]
}

// describe is every attribute with its value.
func (q *queue) describe(now time.Time) map[string]string {
	all := maps.Clone(q.attributes)
	for name := range numbers {
		all[name] = strconv.Itoa(q.number(name))
	}
	if _, encrypted := all["KmsMasterKeyId"]; !encrypted && all["SqsManagedSseEnabled"] == "" {
		all["SqsManagedSseEnabled"] = "true"
	}
	visible, inFlight, delayed := q.count(now)
	all["QueueArn"] = q.arn
	all["CreatedTimestamp"] = strconv.FormatInt(q.created.Unix(), 10)
	all["LastModifiedTimestamp"] = strconv.FormatInt(q.modified.Unix(), 10)
	all["ApproximateNumberOfMessages"] = strconv.Itoa(visible)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(inFlight)
	all["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(delayed)
	return all
}

type setAttributesInput struct {
	QueueURL   string `json:"QueueUrl"`
	Attributes map[string]string
}

func (s *Service) setQueueAttributes(_ context.Context, in setAttributesInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := s.configure(q, in.Attributes); err != nil {
		return nil, err
	}
	q.modified = s.config.Clock.Now()
	return empty{}, nil
}
