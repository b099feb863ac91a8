package sqs

import (
	"encoding/json"
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
