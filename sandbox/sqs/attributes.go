package sqs

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// bounds are those of a queue attribute that is a number.
type bounds struct{ low, high, fallback int }

// numbers are the attributes that are numbers, in seconds or bytes.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
var numbers = map[string]bounds{
	"DelaySeconds":                  {0, 900, 0},
	"MaximumMessageSize":            {1024, 1 << 20, 1 << 20},
	"MessageRetentionPeriod":        {60, 1209600, 345600},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0},
	"VisibilityTimeout":             {0, maxVisibility, 30},
}

// stored are the attributes that are kept and have no effect here.
var stored = map[string]bool{
	"Policy": true, "RedriveAllowPolicy": true, "KmsMasterKeyId": true, "KmsDataKeyReusePeriodSeconds": true,
	"SqsManagedSseEnabled": true,
}

// computed are the attributes that tell and cannot be set.
var computed = map[string]bool{
	"ApproximateNumberOfMessages": true, "ApproximateNumberOfMessagesNotVisible": true,
	"ApproximateNumberOfMessagesDelayed": true, "CreatedTimestamp": true, "LastModifiedTimestamp": true,
	"QueueArn": true,
}

// redrivePolicy says when a message becomes a dead letter, and where it goes.
type redrivePolicy struct {
	target          string // a queue's ARN
	maxReceiveCount int
}

// number is the value of a numeric attribute.
func (q *queue) number(name string) int {
	if n, err := strconv.Atoi(q.attributes[name]); err == nil {
		return n
	}
	return numbers[name].fallback
}

func (q *queue) seconds(name string) time.Duration {
	return time.Duration(q.number(name)) * time.Second
}

// configure sets attributes, all or none. An empty one is taken away.
func (s *Service) configure(q *queue, given map[string]string) error {
	policy := q.policy
	for name, value := range given {
		if err := checkAttribute(name, value); err != nil {
			return err
		}
		if name != "RedrivePolicy" {
			continue
		}
		var err error
		if policy, err = s.readRedrivePolicy(q, value); err != nil {
			return err
		}
	}
	for name, value := range given {
		if q.attributes[name] = value; value == "" {
			delete(q.attributes, name)
		}
	}
	q.policy = policy
	return nil
}

func checkAttribute(name, value string) error {
	if bounds, ok := numbers[name]; ok && value != "" {
		n, err := strconv.Atoi(value)
		if err != nil || n < bounds.low || n > bounds.high {
			return awswire.Errorf("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
		}
		return nil
	}
	if _, ok := numbers[name]; ok || stored[name] || name == "RedrivePolicy" {
		return nil
	}
	return awswire.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name) // FifoQueue too: there are none here
}

func (s *Service) readRedrivePolicy(q *queue, text string) (*redrivePolicy, error) {
	if text == "" {
		return nil, nil
	}
	var in struct {
		Target string      `json:"deadLetterTargetArn"`
		Count  json.Number `json:"maxReceiveCount"` // also in quotes
	}
	refused := func(reason string) error {
		return invalidValue("Value %s for parameter RedrivePolicy is invalid. Reason: %s", text, reason)
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return nil, refused("Redrive policy is not a valid JSON map.")
	}
	count, err := strconv.Atoi(in.Count.String())
	switch target := s.byARN(in.Target); {
	case err != nil || count < 1 || count > 1000:
		return nil, refused("Invalid value for maxReceiveCount: " + in.Count.String() +
			", valid values are from 1 to 1000 both inclusive.")
	case target == nil:
		return nil, refused("Dead letter target does not exist.")
	case target == q:
		return nil, refused("Dead letter target owner should be same as the source, and not the source itself.")
	}
	return &redrivePolicy{target: in.Target, maxReceiveCount: count}, nil
}

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
