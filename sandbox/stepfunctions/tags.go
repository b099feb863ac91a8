package stepfunctions

import (
	"context"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxTags is how many tags a resource can have.
const maxTags = 50

// Tag is a tag of a state machine or an activity.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type tagsInput struct {
	ResourceARN string   `json:"resourceArn"`
	Tags        []Tag    `json:"tags"`
	TagKeys     []string `json:"tagKeys"`
}

type tagsOutput struct {
	Tags []Tag `json:"tags"`
}

func (s *Service) listTagsForResource(_ context.Context, in tagsInput) (tagsOutput, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	tags, err := s.tagged(in.ResourceARN)
	if err != nil {
		return tagsOutput{}, err
	}
	return tagsOutput{Tags: slices.Clone(*tags)}, nil
}

func (s *Service) tagResource(_ context.Context, in tagsInput) (empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tags, err := s.tagged(in.ResourceARN)
	if err != nil {
		return empty{}, err
	}
	merged, err := mergeTags(*tags, in.Tags)
	if err == nil {
		*tags = merged
	}
	return empty{}, err
}

func (s *Service) untagResource(_ context.Context, in tagsInput) (empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tags, err := s.tagged(in.ResourceARN)
	if err != nil {
		return empty{}, err
	}
	*tags = slices.DeleteFunc(*tags, func(t Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	return empty{}, nil
}

// tagged are the tags of a state machine or an activity. The caller holds the lock.
func (s *Service) tagged(arn string) (*[]Tag, error) {
	if m, ok := s.machines[arn]; ok {
		return &m.tags, nil
	}
	if a, ok := s.activities[arn]; ok {
		return &a.tags, nil
	}
	if checkARN(arn, "activity") == nil {
		return nil, resourceNotFound(arn)
	}
	if err := checkARN(arn, "stateMachine"); err != nil {
		return nil, err
	}
	return nil, resourceNotFound(arn)
}

func resourceNotFound(arn string) error {
	return awswire.Errorf("ResourceNotFound", "Resource not found: '%s'", arn)
}

// mergeTags adds tags to those there are, replacing the values of known keys. The result is sorted by key.
func mergeTags(tags, more []Tag) ([]Tag, error) {
	merged := slices.Clone(tags)
	for _, t := range more {
		merged = slices.DeleteFunc(merged, func(old Tag) bool { return old.Key == t.Key })
		merged = append(merged, t)
	}
	if len(merged) > maxTags {
		return nil, awswire.Errorf("TooManyTags", "A resource can have %d tags, not %d.", maxTags, len(merged))
	}
	slices.SortFunc(merged, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return merged, nil
}
