package eventbridge

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Target of a rule: a state machine or a standard queue. At most one of Input, InputPath and InputTransformer is set.
type Target struct {
	ID               string            `json:"Id"`
	ARN              string            `json:"Arn"`
	RoleARN          string            `json:"RoleArn,omitempty"`
	Input            string            `json:"Input,omitempty"`
	InputPath        string            `json:"InputPath,omitempty"`
	InputTransformer *InputTransformer `json:"InputTransformer,omitempty"`
	RetryPolicy      *RetryPolicy      `json:"RetryPolicy,omitempty"`

	// What the sandbox does not have is refused, not ignored.
	DeadLetterConfig json.RawMessage `json:"DeadLetterConfig,omitempty"`
	SQSParameters    json.RawMessage `json:"SqsParameters,omitempty"`
}

// InputTransformer makes the input from a template with <names> for paths into the event.
type InputTransformer struct {
	InputPathsMap map[string]string `json:"InputPathsMap,omitempty"`
	InputTemplate string            `json:"InputTemplate"`
}

// RetryPolicy bounds the retries of a throttled delivery; a missing member has EventBridge's default.
type RetryPolicy struct {
	MaximumRetryAttempts     *int `json:"MaximumRetryAttempts,omitempty"`     // 0–185, 185
	MaximumEventAgeInSeconds *int `json:"MaximumEventAgeInSeconds,omitempty"` // 60–86400, 86400
}

type putTargetsInput struct {
	Rule         string
	EventBusName string
	Targets      []Target
}

type failedTargets struct {
	FailedEntryCount int
	FailedEntries    []struct{}
}

const maxTargets = 5

func (s *Service) putTargets(_ context.Context, in putTargetsInput) (any, error) {
	for _, target := range in.Targets {
		if err := target.check(); err != nil {
			return nil, err
		}
	}
	var full bool
	err := s.change(ruleName{in.Rule, in.EventBusName}, func(r *rule) {
		r.targets = maps.Clone(r.targets)
		if r.targets == nil {
			r.targets = map[string]Target{}
		}
		for _, target := range in.Targets {
			if _, known := r.targets[target.ID]; !known && len(r.targets) == maxTargets {
				full = true
				return
			}
			r.targets[target.ID] = target
		}
	})
	if full {
		return nil, awswire.Errorf("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	return failedTargets{FailedEntries: []struct{}{}}, err
}

func (t Target) check() error {
	switch {
	case t.ID == "":
		return awswire.Errorf("ValidationException", "A target needs an Id.")
	case !isStateMachine(t.ARN) && !isQueue(t.ARN):
		return awswire.Errorf("ValidationException",
			"Target %.80q is not the ARN of a state machine or queue: the sandbox's rules have no other targets.", t.ARN)
	case t.SQSParameters != nil:
		return awswire.Errorf("ValidationException", "The sandbox has no FIFO queues.")
	case t.DeadLetterConfig != nil:
		return awswire.Errorf("ValidationException", "The sandbox has no dead-letter queues.")
	}
	return t.checkInput()
}

func isStateMachine(arn string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) >= 7 && parts[2] == "states" && parts[5] == "stateMachine"
}

func isQueue(arn string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) == 6 && parts[2] == "sqs"
}

func (t Target) checkInput() error {
	given := 0
	for _, present := range []bool{t.Input != "", t.InputPath != "", t.InputTransformer != nil} {
		if present {
			given++
		}
	}
	switch {
	case given > 1:
		return awswire.Errorf("ValidationException",
			"Only one of Input, InputPath, or InputTransformer must be provided for target %s.", t.ID)
	case t.Input != "" && !json.Valid([]byte(t.Input)):
		return awswire.Errorf("ValidationException", "JSON syntax error in input for target %s", t.ID)
	case t.InputPath != "":
		return checkPath(t.InputPath)
	case t.InputTransformer != nil:
		return t.InputTransformer.check()
	}
	return nil
}

type removeTargetsInput struct {
	Rule         string
	EventBusName string
	IDs          []string `json:"Ids"`
}

func (s *Service) removeTargets(_ context.Context, in removeTargetsInput) (any, error) {
	err := s.change(ruleName{in.Rule, in.EventBusName}, func(r *rule) {
		r.targets = maps.Clone(r.targets)
		for _, id := range in.IDs {
			delete(r.targets, id)
		}
	})
	return failedTargets{FailedEntries: []struct{}{}}, err
}

type listTargetsInput struct {
	Rule         string
	EventBusName string
	page
}

func (s *Service) listTargets(_ context.Context, in listTargetsInput) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, err := s.find(ruleName{in.Rule, in.EventBusName})
	if err != nil {
		return nil, err
	}
	ids, next := in.cut(slices.Sorted(maps.Keys(found.targets)))
	out := make([]Target, 0, len(ids))
	for _, id := range ids {
		out = append(out, found.targets[id])
	}
	return struct {
		Targets   []Target
		NextToken string `json:",omitempty"`
	}{out, next}, nil
}
